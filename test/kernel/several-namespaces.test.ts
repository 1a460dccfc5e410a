import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createContext } from '../../src/cli/context.ts';
import { withHost } from '../../src/cli/host.ts';
import { transactionPorts } from '../../src/cli/transact.ts';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';
import type { Outcome } from '../../src/reconcile/plan-types.ts';
import { applyWorld } from '../../src/reconcile/world/apply-world.ts';
import type { WorldPort } from '../../src/reconcile/world/world-port.ts';
import { createTestCommand, until } from './command.ts';
import { type Fault, faultyPort, type Judge } from './fault-ports.ts';
import { assertBecomes, desiredOf, type IpView, ipView, NAMES } from './harness.ts';
import { ipJson, ipRun, nsExec } from './support.ts';

const command = createTestCommand();
const { run, start } = command;

const exists = (ns: string): boolean => existsSync(`/run/netns/${ns}`);

/** Names of this test: the namespace at hand, one that is there, and two that are not. */
const names = { root: '', there: '', fresh: '', other: '' };

const remove = (ns: string): void => {
  if (exists(ns)) execFileSync('ip', ['netns', 'del', ns]);
};

beforeEach(() => {
  const id = `nr-${process.pid}-${randomBytes(3).toString('hex')}`;
  Object.assign(names, { root: `${id}-root`, there: `${id}-there`, fresh: `${id}-fresh`, other: `${id}-other` });
  for (const ns of [names.root, names.there]) execFileSync('ip', ['netns', 'add', ns]);
  ipRun(names.root, 'link set lo up', 'link add old type bridge', 'addr add 192.0.2.1/24 dev old');
  ipRun(
    names.there,
    'link set lo up',
    'link add a0 type veth peer name a1',
    'link set a0 up',
    'link set a1 up',
    'addr add 10.3.0.1/24 dev a0',
    'route add 10.30.0.0/16 via 10.3.0.9',
  );
});

afterEach(() => {
  for (const ns of Object.values(names)) remove(ns);
});

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

const views = (): Readonly<Record<'root' | 'there', IpView>> => ({
  root: ipView(names.root),
  there: ipView(names.there),
});

const assertAsBefore = async (before: ReturnType<typeof views>, what: string): Promise<void> => {
  assert.equal(exists(names.fresh), false, `${what}: the namespace that was made is gone`);
  await assertBecomes(names.there, before.there, `${what}: the namespace that was there`);
  await assertBecomes(names.root, before.root, `${what}: the namespace at hand`);
};

/** Applies within this process. `judge` is asked of every operation in every namespace, and of namespaces to be made. */
const applyWith = (yaml: string, judge: Judge, onMake: () => void = () => undefined): Promise<Outcome> => {
  const { root: netns } = names;
  const options = { netns, stateDir: command.path('state'), format: 'text', color: 'never', verbose: 0 } as const;
  return withHost(createContext(process, options), async (host) => {
    const lock = host.state.lock('test', new Date());
    const real = host.openWorld?.('test') ?? assert.fail('no other namespaces');
    const wrapped = <T extends { readonly kernel: Parameters<typeof faultyPort>[0] }>(port: T): T => ({
      ...port,
      kernel: faultyPort(port.kernel, judge),
    });
    const ports = new Map<string, ReturnType<WorldPort['create']>>();
    const keep = (name: string, port: ReturnType<WorldPort['create']>) => {
      const kept = ports.get(name) ?? wrapped(port);
      ports.set(name, kept);
      return kept;
    };
    const world: WorldPort = {
      ...real,
      open: (name) => {
        const port = real.open(name);
        return port === undefined ? undefined : keep(name, port);
      },
      create: (name) => {
        onMake();
        return keep(name, real.create(name));
      },
    };
    try {
      const wish = await desiredOf(yaml);
      const protocolName = NAMES.protocols.toName;
      return await applyWorld(wish, { ...wrapped(transactionPorts(host)), world }, { protocolName });
    } finally {
      real.close();
      lock.release();
    }
  });
};

/** A judge that lets something happen at the k-th operation of all namespaces together. */
const at = (k: number, fault: Fault): { readonly judge: Judge; readonly count: () => number } => {
  let count = 0;
  return { judge: () => (count++ === k ? fault : undefined), count: () => count };
};

const never: Judge = () => undefined;

describe('several namespaces in one file', () => {
  it('are made, joined and filled in one go; a second apply sends nothing', () => {
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
      const { stderr: answer } = nsExec(ns, 'timeout', '10', 'bash', '-c', `echo > /dev/tcp/${address}/9`);
      assert.match(answer, /refused/, `${address} answers in ${ns}`);
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

  it('go back, all of them, at whatever operation fails', async () => {
    const before = views();
    const total = at(-1, 'refused');
    assert.equal((await applyWith(joined(), total.judge)).status, 'applied');
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
    await assertAsBefore(before, 'rolled back by command');
    assert.ok(total.count() > 20, `${total.count()} operations`);
    for (let k = 0; k < total.count(); k++) {
      const { status } = await applyWith(joined(), at(k, k % 3 === 2 ? 'ackLost' : 'refused').judge);
      assert.equal(status, 'rolledBack', `operation ${k}`);
      await assertAsBefore(before, `operation ${k}`);
    }
    const refuse = () => {
      throw new NetlinkError('NR_SYSTEM_CALL', 'refused by the test');
    };
    assert.equal((await applyWith(joined(), never, refuse)).status, 'rolledBack');
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
    const running = start(names.root, 'apply', path, '--yes', '--check', 'sleep 60', '--check-timeout', '60');
    await until(
      () => exists(names.fresh) && ipJson(names.fresh, 'route show default').length === 1,
      () => running.text(),
      20_000,
    );
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
