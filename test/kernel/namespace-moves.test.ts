import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';
import { createTestCommand, until, untilGone } from './command.ts';
import { assertBecomes, ipView } from './harness.ts';
import { ipJson, ipRun, ipTry } from './support.ts';
import { exists, faultAtOperation, noFault, useWorld } from './world-scene.ts';

const command = createTestCommand();
const { run, start } = command;

const refuse = () => {
  throw new NetlinkError('NR_SYSTEM_CALL', 'refused by the test');
};

describe('links that go to a namespace', () => {
  const { names, views, assertAsBefore, applyWith } = useWorld(command);

  /** What stands in for hardware, with things on it that the move takes along. */
  const addHardware = async (): Promise<void> => {
    ipRun(
      names.root,
      'link add e0 type veth peer name far0',
      'link set far0 addrgenmode none up',
      'link set e0 addrgenmode none up alias uplink',
      'addr add 198.51.100.1/24 dev e0',
      'addr add 2001:db8::1/64 dev e0 nodad',
      'route add 10.20.0.0/16 via 198.51.100.9',
      'neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 dev e0 nud permanent',
    );
    // it comes with the carrier
    const local = '-6 route show table local dev e0';
    await until(() => ipJson(names.root, local).length > 1, 'the address has its routes');
  };

  const moving = (): string => `version: 1
links:
  e0: {netns: ${names.fresh}, mtu: 1400, addresses: [10.5.0.1/24]}
namespaces:
  ${names.fresh}:
    routes: [{to: default, via: 10.5.0.2}]
  ${names.there}:
    links: {a0: {mtu: 1300}}
`;

  it('move, are set up there, stay there, and the plan says what they leave behind', async () => {
    await addHardware();
    const path = command.file('moving.yaml', moving());
    const plan = run(names.root, 'plan', path);
    assert.match(plan.stdout, /takes route 10\.20\.0\.0\/16 .*NOT restored/, plan.stderr);
    const { status, stderr } = run(names.root, 'apply', '--yes', path);
    assert.equal(status, 0, stderr);
    assert.notEqual(ipTry(names.root, 'link show e0').status, 0);
    assert.equal(ipJson<{ mtu: number }>(names.fresh, 'link show e0')[0]?.mtu, 1400);
    assert.equal(ipJson(names.fresh, 'route show default').length, 1);
    assert.match(run(names.root, 'apply', path).stdout, /^No changes/m);
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
  });

  it('come back, with all that was on them, at whatever operation fails, and by rollback', async () => {
    await addHardware();
    const before = views();
    const [index] = ipJson<{ ifindex: number }>(names.root, 'link show e0');
    const total = faultAtOperation(-1, 'refused');
    assert.equal((await applyWith(moving(), total.judge)).status, 'applied');
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
    await assertAsBefore(before, 'rolled back by command');
    assert.deepEqual(ipJson<{ ifindex: number }>(names.root, 'link show e0')[0]?.ifindex, index?.ifindex);
    assert.ok(total.count() >= 5, `${total.count()} operations`);
    for (let k = 0; k < total.count(); k++) {
      const { status } = await applyWith(moving(), faultAtOperation(k, k % 2 === 0 ? 'refused' : 'ackLost').judge);
      assert.equal(status, 'rolledBack', `operation ${k}`);
      await assertAsBefore(before, `operation ${k}`);
    }
  });

  it('are told with their place where they are in neither', () => {
    const { status, stderr } = run(names.root, 'plan', command.file('moving.yaml', moving()));
    assert.equal(status, 1);
    assert.match(stderr, /moving\.yaml:3:8: error NR_NO_LINK: link e0 is neither here nor in namespace/);
  });
});

describe('namespaces that must not exist', () => {
  const { names, views, assertAsBefore, applyWith } = useWorld(command);

  /** A pair from the namespace at hand into the one that goes, as if made by hand. */
  const addPair = (): void =>
    ipRun(
      names.root,
      `link add h0 type veth peer name h1 netns ${names.there}`,
      'link set h0 addrgenmode none up mtu 1450',
      'addr add 10.8.0.1/24 dev h0',
    );

  const gone = (): string => `version: 1\nnamespaces: {${names.there}: {state: absent}, ${names.fresh}: {}}\n`;

  it('go with what stands in them, after everything else; rollback makes them anew', async () => {
    addPair();
    ipRun(names.there, 'link set h1 addrgenmode none up', 'addr add 10.8.0.2/24 dev h1');
    const before = views();
    const path = command.file('gone.yaml', gone());
    const plan = run(names.root, 'plan', path);
    assert.match(
      plan.stdout,
      new RegExp(`^ {2}- netns ${names.there} .*takes along the \\d+ objects in it, for good`, 'm'),
    );
    assert.match(run(names.root, 'plan', '--no-disruption', path).stderr, /NR_DISRUPTIVE: netns /);
    const { status, stderr } = run(names.root, 'apply', '--yes', path);
    assert.equal(status, 0, stderr);
    assert.equal(exists(names.there), false);
    assert.match(run(names.root, 'apply', path).stdout, /^No changes/m);
    await until(() => ipTry(names.root, 'link show h0').status !== 0, 'the kernel takes the pair away');
    assert.equal(run(names.root, 'rollback', '--yes').status, 0);
    await assertAsBefore(before, 'made anew');
  });

  it('stay whole where something fails before, or their removal itself', async () => {
    addPair();
    const before = views();
    assert.equal((await applyWith(gone(), noFault, { onRemove: refuse })).status, 'incomplete');
    assert.equal(exists(names.there), true);
    // the namespace that was made could not be removed either
    assert.equal(run(names.root, 'recover').status, 0);
    await assertAsBefore(before, 'not removed');
    let removals = 0;
    const refuseFirst = () => {
      if (removals++ === 0) refuse();
    };
    assert.equal((await applyWith(gone(), noFault, { onRemove: refuseFirst })).status, 'rolledBack');
    await assertAsBefore(before, 'put back');
    const failing = `${gone()}links: {b0: {kind: bridge}}\n`;
    assert.equal((await applyWith(failing, faultAtOperation(0, 'refused').judge)).status, 'rolledBack');
    await assertAsBefore(before, 'nothing removed');
    const confirm = run(names.root, 'apply', '--yes', '--confirm', '5', command.file('gone.yaml', gone()));
    assert.equal(confirm.status, 1);
    assert.match(confirm.stderr, /NR_USAGE.*cannot wait for a confirmation/);
  });
});

describe('an apply over several namespaces', () => {
  const { names, views, assertAsBefore } = useWorld(command);

  const both = (): string => `version: 1
links: {b0: {kind: bridge}}
namespaces:
  ${names.there}: {links: {v0: {kind: veth, veth: {peer: v1, netns: ${names.fresh}}, addresses: [10.1.0.1/24]}}}
  ${names.fresh}: {links: {v1: {addresses: [10.1.0.2/24]}}}
`;

  it('is reverted where nobody confirms it, and kept where somebody does', async () => {
    const before = views();
    const path = command.file('both.yaml', both());
    assert.equal(run(names.root, 'apply', '--yes', '--confirm', '15', path).status, 0);
    const { guardian } = command.pending();
    assert.equal(exists(names.fresh), true);
    const alone = run(
      names.there,
      'apply',
      '--yes',
      command.file('own.yaml', 'version: 1\nlinks: {c0: {kind: bridge}}\n'),
    );
    assert.equal(alone.status, 6, alone.stderr);
    assert.match(alone.stderr, /NR_UNFINISHED/);
    await until(() => !exists(names.fresh), 'the guardian reverts it');
    await assertAsBefore(before, 'reverted');
    await untilGone(guardian);
    assert.equal(run(names.root, 'apply', '--yes', '--confirm', '3600', path).status, 0);
    assert.equal(run(names.root, 'confirm').status, 0);
    assert.equal(run(names.there, 'apply', '--yes', command.path('own.yaml')).status, 0);
    assert.equal(ipTry(names.there, 'link show c0').status, 0);
  });

  it('begins with the locks of all of them, and leaves alone what is held', async () => {
    const before = views();
    const own = command.file('own.yaml', 'version: 1\nlinks: {c0: {kind: bridge}}\n');
    const { options, isReached } = command.hold();
    const running = start(names.there, 'apply', '--yes', own, ...options);
    await until(isReached, () => running.text());
    const path = command.file('both.yaml', both());
    const locked = run(names.root, 'apply', '--yes', path);
    assert.equal(locked.status, 6, locked.stderr);
    assert.match(locked.stderr, /NR_LOCKED/);
    running.child.kill('SIGKILL');
    await running.ended();
    const unfinished = run(names.root, 'apply', '--yes', path);
    assert.equal(unfinished.status, 6, unfinished.stderr);
    assert.match(unfinished.stderr, new RegExp(`NR_UNFINISHED.*${names.there} was cut off`));
    assert.equal(run(names.there, 'recover').status, 0);
    await assertAsBefore(before, 'untouched');
  });

  it('is rolled back where another program interferes in one of them', async () => {
    const before = views();
    const path = command.file('both.yaml', both());
    const check = `sh -c 'ip -n ${names.there} addr flush dev v0; exit 1'`;
    const { status, stderr } = run(names.root, 'apply', '--yes', path, '--check', check, '--check-timeout', '1');
    assert.equal(status, 3, stderr);
    await assertAsBefore(before, 'rolled back');
  });

  it('is shown as JSON, markdown and a difference of whole files', () => {
    const path = command.file('both.yaml', both());
    const json = JSON.parse(run(names.root, 'plan', '--format', 'json', path).stdout);
    assert.deepEqual(
      json.namespaces.map(({ name, action }: { name: string; action: string }) => [name, action]),
      [[names.fresh, 'create']],
    );
    const places = new Set(json.steps.map(({ netns }: { netns?: string }) => netns));
    assert.deepEqual(places, new Set([undefined, names.there, names.fresh]));
    assert.equal(
      json.summary.create,
      1 + json.changes.filter(({ action }: { action: string }) => action === 'create').length,
    );
    const markdown = run(names.root, 'plan', '--format', 'markdown', path).stdout;
    assert.match(markdown, new RegExp(`^\\| create \\| \`netns ${names.fresh}\` `, 'm'));
    assert.match(markdown, new RegExp(`^\\| create \\| \`netns ${names.fresh}: link v1\``, 'm'));
    const diff = run(names.root, 'plan', '--diff', path).stdout;
    assert.match(diff, new RegExp(`^\\+ +${names.fresh}:$`, 'm'));
    assert.match(diff, /^\+.*10\.1\.0\.2\/24/m);
    for (const [option, value] of [
      ['--out', command.path('plan.json')],
      ['--against', command.path('none.json')],
      ['--rehearse', path],
    ] as const) {
      const { status, stderr } = run(names.root, 'plan', path, option, value);
      assert.equal(status, 1, option);
      assert.match(stderr, /NR_USAGE|NR_FILE/, option);
    }
    assert.match(run(names.root, 'watch', path).stderr, /both\.yaml:4:3: error NR_ONE_NAMESPACE/);
    assert.match(run(names.root, 'lookup', '10.0.0.1', path).stderr, /NR_ONE_NAMESPACE/);
  });

  it('is refused where it cannot reach what the file names', () => {
    const own = command.file('own-name.yaml', `version: 1\nnamespaces: {${names.there}: {}}\n`);
    assert.match(run(names.there, 'plan', own).stderr, /NR_USAGE: namespace .* is the one at hand/);
    const leftover = `/run/netns/${names.fresh}`;
    writeFileSync(leftover, '');
    const left = run(names.root, 'apply', '--yes', command.file('both.yaml', both()));
    rmSync(leftover);
    assert.equal(left.status, 1);
    assert.match(left.stderr, /NR_NO_NAMESPACE: .*-fresh is not a network namespace/);
  });

  it('puts right what others change in another namespace', async () => {
    assert.equal(run(names.root, 'apply', '--yes', command.file('both.yaml', both())).status, 0);
    const settled = ipView(names.there);
    ipRun(names.there, 'addr del 10.1.0.1/24 dev v0');
    assert.equal(run(names.root, 'plan', '--detailed-exitcode', command.path('both.yaml')).status, 2);
    assert.equal(run(names.root, 'apply', '--yes', command.path('both.yaml')).status, 0);
    await assertBecomes(names.there, settled, 'drift in another namespace is put right');
  });
});
