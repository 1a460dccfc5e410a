import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';
import { createTestCommand, until } from './command.ts';
import { Killed } from './fault-ports.ts';
import { ipJson, lacksKind, nsExec } from './support.ts';
import { exists, faultAtOperation, noFault, refusalsAt, useWorld } from './world-scene.ts';

const command = createTestCommand();

const FAULTS = ['refused', 'ackLost', 'killedBefore', 'killedAfter', 'aborted', 'refusedTwice'] as const;
/** Each at every operation, by hand; else they take turns. */
const EVERY_FAULT = process.env.NETRECON_EVERY_FAULT === '1';
/** User-Mode Linux has one processor, and a process takes its time there: every third operation, then. */
const STRIDE = availableParallelism() === 1 && !EVERY_FAULT ? 3 : 1;
const { run, start } = command;

describe('several namespaces in one file', () => {
  const { names, views, assertAsBefore, applyWith } = useWorld(command);

  /** Two namespaces joined by veth to each other and to the one at hand; one is there already, with things of its own. */
  const joined = (): string => `version: 1
links:
  br0: {kind: bridge, addresses: [10.9.0.1/24]}
  v0: {kind: veth, mtu: 1400, master: br0, veth: {peer: v1, netns: ${names.there}}}
  m0: {kind: macvlan, link: br0, netns: ${names.fresh}, macvlan: {mode: bridge}, addresses: [10.9.0.3/24]}
routes:
  - {to: 10.7.0.0/16, via: 10.9.0.2}
namespaces:
  ${names.there}:
    links:
      v1: {alias: far end, addresses: [10.9.0.2/24]}
      w0: {kind: veth, veth: {peer: w1, netns: ${names.fresh}}, addresses: [10.1.0.1/24]}
    routes:
      - {to: 10.7.0.0/16, nexthops: [{via: 10.1.0.2, dev: w0}, {via: 10.1.0.3, dev: w0, weight: 2}]}
    rules:
      - {priority: 100, from: 10.9.0.0/24, table: 100}
    neighbors:
      - {to: 10.1.0.3, lladdr: "02:00:00:00:00:03", dev: w0}
  ${names.fresh}:
    links:
      lo: {}
      w1: {addresses: [10.1.0.2/24]}
    routes:
      - {to: default, via: 10.1.0.1}
`;

  /** @returns whether the rollback was left to `recover`, since it was refused something, too */
  const failsAt = async (k: number, fault: (typeof FAULTS)[number]): Promise<boolean> => {
    if (fault === 'killedBefore' || fault === 'killedAfter') {
      await assert.rejects(applyWith(joined(), faultAtOperation(k, fault).judge), Killed);
      assert.equal(run(names.root, 'recover').status, 0);
      return false;
    }
    const judge = fault === 'refusedTwice' ? refusalsAt(k, k % 5) : faultAtOperation(k, fault).judge;
    const { status } = await applyWith(joined(), judge);
    if (fault !== 'refusedTwice' || status !== 'incomplete') {
      assert.equal(status, 'rolledBack', `operation ${k}, ${fault}`);
      return false;
    }
    assert.equal(run(names.root, 'recover').status, 0);
    return true;
  };

  it('are made, joined and filled in one go; a second apply sends nothing', async () => {
    const path = command.file('joined.yaml', joined());
    const plan = run(names.root, 'plan', path);
    assert.equal(plan.status, 0, plan.stderr);
    assert.match(plan.stdout, new RegExp(`^ {2}\\+ netns ${names.fresh} `, 'm'));
    assert.match(plan.stdout, new RegExp(`^ {2}\\+ netns ${names.fresh}: route default`, 'm'));
    assert.equal(exists(names.fresh), false, 'plan changes nothing');
    const { status, stderr } = run(names.root, 'apply', '--yes', path);
    assert.equal(status, 0, stderr);
    for (const [ns, address] of [
      [names.root, '10.9.0.2'],
      [names.there, '10.1.0.2'],
      [names.fresh, '10.9.0.2'],
    ] as const) {
      // nobody listens: that is refused at once, while a host that cannot be reached is not
      const connect = ['timeout', '5', 'bash', '-c', `echo > /dev/tcp/${address}/9`] as const;
      await until(() => /refused/.test(nsExec(ns, ...connect).stderr), `${address} answers in ${ns}`);
    }
    const [v1] = ipJson<{ link_netnsid?: number; ifalias?: string; mtu: number }>(names.there, 'link show v1');
    assert.equal(v1?.ifalias, 'far end');
    assert.ok(v1?.link_netnsid !== undefined);
    assert.equal(ipJson(names.there, 'route show 10.30.0.0/16').length, 1, 'what the file does not name stays');
    const second = run(names.root, 'apply', path, '-vv');
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^No changes/m);
    assert.doesNotMatch(second.stderr, /> RTM_(NEW|SET|DEL)/);
  });

  it('go back, all of them, at whatever operation fails, and however', async () => {
    const before = views();
    const total = faultAtOperation(-1, 'refused');
    assert.equal((await applyWith(joined(), total.judge)).status, 'applied');
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
    await assertAsBefore(before, 'rolled back by command');
    assert.ok(total.count() > 20, `${total.count()} operations`);
    const told = { faults: 0, incomplete: 0 };
    for (let k = 0; k < total.count(); k += STRIDE) {
      for (const fault of EVERY_FAULT ? FAULTS : FAULTS.filter((_, i) => i === (k / STRIDE) % FAULTS.length)) {
        told.faults++;
        if (await failsAt(k, fault)) told.incomplete++;
        await assertAsBefore(before, `operation ${k}, ${fault}`);
      }
    }
    if (EVERY_FAULT) console.log(JSON.stringify({ operations: total.count(), ...told }));
    const refuse = () => {
      throw new NetlinkError('NR_SYSTEM_CALL', 'refused by the test');
    };
    assert.equal((await applyWith(joined(), noFault, { onMake: refuse })).status, 'rolledBack');
    await assertAsBefore(before, 'the namespace cannot be made');
  });

  it('end with exit status 3 where the kernel refuses something in the second one', async () => {
    const before = views();
    const bad = joined().replace('w1: {', 'w1: {lladdr: "03:00:00:00:00:01", ');
    const { status, stderr } = run(names.root, 'apply', '--yes', command.file('bad.yaml', bad));
    assert.equal(status, 3, stderr);
    assert.match(stderr, new RegExp(`netns ${names.fresh}: set link w1 .*EADDRNOTAVAIL`));
    await assertAsBefore(before, 'refused');
  });

  it('come back after SIGKILL', async () => {
    const before = views();
    const path = command.file('killed.yaml', joined());
    const { options, isReached } = command.hold();
    const running = start(names.root, 'apply', path, '--yes', ...options);
    await until(isReached, () => running.text());
    running.child.kill('SIGKILL');
    await running.ended();
    const shown = run(names.root, 'recover', '--dry-run');
    assert.match(shown.stdout, new RegExp(`^ {2}- netns ${names.fresh}`, 'm'), shown.stderr);
    const { status, stderr } = run(names.root, 'recover');
    assert.equal(status, 0, stderr);
    await assertAsBefore(before, 'recovered');
  });

  it('that netrecon made go once no file names them, and so does what it made in others', async () => {
    const before = views();
    assert.equal(run(names.root, 'apply', '--yes', command.file('all.yaml', joined())).status, 0);
    const bare = command.file('bare.yaml', `version: 1\nnamespaces: {${names.there}: {}}\n`);
    const { status, stdout, stderr } = run(names.root, 'apply', '--yes', bare);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`^ {2}- netns ${names.fresh} .*takes along`, 'm'));
    await assertAsBefore(before, 'nothing of ours is left');
    assert.match(run(names.root, 'apply', bare).stdout, /^No changes/m);
  });
});

const lacksVrf = await lacksKind('vrf');

describe('several namespaces with VRFs', () => {
  const { names, views, assertAsBefore, applyWith } = useWorld(command);

  /** Customers blue and red in VRFs on both sides of two pairs, and routes over both ways in each. */
  const customers = (): string => `version: 1
links:
  lo: {}
namespaces:
  ${names.there}:
    links:
      blue: {kind: vrf, vrf: {table: 10}}
      p0: {kind: veth, veth: {peer: q0, netns: ${names.fresh}}, master: blue, addresses: [10.40.0.1/24]}
      p1: {kind: veth, veth: {peer: q1, netns: ${names.fresh}}, master: blue, addresses: [10.41.0.1/24]}
    routes:
      - {to: 10.50.0.0/16, table: 10, nexthops: [{via: 10.40.0.2, dev: p0}, {via: 10.41.0.2, dev: p1, weight: 3}]}
      - {to: "2001:db8:50::/48", table: 10, nexthops: [{via: "fe80::2", dev: p0}, {via: "fe80::3", dev: p1}]}
  ${names.fresh}:
    links:
      lo: {}
      red: {kind: vrf, vrf: {table: 20}}
      q0: {master: red, addresses: [10.40.0.2/24, "fe80::2/64"]}
      q1: {master: red, addresses: [10.41.0.2/24, "fe80::3/64"]}
    routes:
      - {to: default, table: 20, nexthops: [{via: 10.40.0.1, dev: q0}, {via: 10.41.0.1, dev: q1}]}
`;

  it('apply in one go, and go back where the second one fails', { skip: lacksVrf }, async () => {
    const before = views();
    const path = command.file('customers.yaml', customers());
    const { status, stderr } = run(names.root, 'apply', '--yes', path);
    assert.equal(status, 0, stderr);
    const [way] = ipJson<{ nexthops?: readonly unknown[] }>(names.there, 'route show table 10 10.50.0.0/16');
    assert.equal(way?.nexthops?.length, 2);
    assert.equal(ipJson<{ master?: string }>(names.fresh, 'link show q1')[0]?.master, 'red');
    assert.match(run(names.root, 'apply', path).stdout, /^No changes/m);
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
    await assertAsBefore(before, 'rolled back by command');
    const total = faultAtOperation(-1, 'refused');
    assert.equal((await applyWith(customers(), total.judge)).status, 'applied');
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
    // the last operations are those of the second namespace; a sample of the others
    for (let k = total.count() - 1; k >= 0; k -= k > total.count() - 4 ? 1 : 4) {
      const outcome = await applyWith(customers(), faultAtOperation(k, 'refused').judge);
      assert.equal(outcome.status, 'rolledBack', `operation ${k}`);
      await assertAsBefore(before, `operation ${k}`);
    }
  });
});
