import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestCommand, until } from './command.ts';
import { mustRun } from './run-command.ts';
import { ipJson, ipRun } from './support.ts';
import { exists, noFault, useWorld } from './world-scene.ts';

const command = createTestCommand();
const { run, start } = command;

/** More by hand: each strikes at another moment. */
const KILLS = Number(process.env.NETRECON_KILLS ?? 6);

describe('an apply over several namespaces', () => {
  const { names, views, assertAsBefore, applyWith } = useWorld(command);

  /** Something of everything: namespaces that come, a pair, a link that moves, one on a parent elsewhere, many routes. */
  const wish = (): string => `version: 1
links:
  br0: {kind: bridge, addresses: [10.9.0.1/24]}
  v0: {kind: veth, master: br0, veth: {peer: v1, netns: ${names.fresh}}}
  m0: {kind: macvlan, link: br0, netns: ${names.other}, macvlan: {mode: bridge}}
  e0: {netns: ${names.other}, addresses: [10.5.0.1/24]}
namespaces:
  ${names.fresh}:
    links: {v1: {addresses: [10.9.0.2/24]}, w0: {kind: veth, veth: {peer: w1, netns: ${names.there}}}}
    routes:
${Array.from({ length: 200 }, (_, i) => `      - {to: 172.16.${i}.0/24, via: 10.9.0.1}`).join('\n')}
  ${names.other}: {}
  ${names.there}: {links: {w1: {addresses: [10.6.0.1/24]}}}
`;

  it('leads back, or was over, wherever SIGKILL strikes', async () => {
    ipRun(names.root, 'link add e0 type veth peer name far0', 'addr add 192.0.2.9/24 dev e0');
    const before = views();
    const path = command.file('wish.yaml', wish());
    let cut = 0;
    // a machine that is busy may come too late with each of them: then there are more
    for (let i = 0; i < KILLS || (cut === 0 && i < 10 * KILLS); i++) {
      const running = start(names.root, 'apply', path, '--yes');
      if (i > 0)
        await until(
          () => exists(names.fresh) || running.child.exitCode !== null,
          () => running.text(),
        );
      await sleep(((i * 7) % KILLS) * (60 / KILLS));
      running.child.kill('SIGKILL');
      await running.ended();
      const { status, stdout, stderr } = run(names.root, 'recover');
      assert.equal(status, 0, stderr);
      if (stdout !== 'Nothing to recover.\n') cut++;
      else if (exists(names.fresh)) assert.equal(run(names.root, 'rollback', '--yes').status, 0);
      await assertAsBefore(before, `kill ${i}`);
    }
    assert.ok(cut > 0, 'one of them was cut off at work');
  });

  it('leaves a namespace alone that somebody else has made under the name of one that is to be taken back', async () => {
    ipRun(names.root, 'link add e0 type veth peer name far0', 'addr add 192.0.2.9/24 dev e0');
    const before = views();
    const { options, isReached } = command.hold();
    const applying = start(names.root, 'apply', command.file('wish.yaml', wish()), '--yes', ...options);
    await until(isReached, () => applying.text());
    applying.child.kill('SIGKILL');
    await applying.ended();
    mustRun('ip', ['netns', 'del', names.fresh]);
    mustRun('ip', ['netns', 'add', names.fresh]);
    ipRun(names.fresh, 'link add theirs type bridge', 'addr add 10.9.0.2/24 dev theirs');
    const dry = run(names.root, 'recover', '--dry-run');
    assert.match(dry.stdout + dry.stderr, new RegExp(`${names.fresh} is not the one that the apply made`));
    const { status, stderr } = run(names.root, 'recover');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /NR_STRANGER/);
    assert.equal(ipJson(names.fresh, 'link show theirs').length, 1, 'theirs is untouched');
    mustRun('ip', ['netns', 'del', names.fresh]);
    await assertAsBefore(before, 'recovered');
  });

  it('does not take a namespace for its own that somebody else was faster to make', async () => {
    ipRun(names.root, 'link add e0 type veth peer name far0');
    const before = views();
    const faster = () => {
      if (!exists(names.fresh)) mustRun('ip', ['netns', 'add', names.fresh]);
      ipRun(names.fresh, 'link add theirs type bridge');
    };
    let made = 0;
    const outcome = await applyWith(wish(), noFault, { onMake: () => (made++ === 0 ? faster() : undefined) });
    assert.equal(outcome.status, 'rolledBack');
    assert.equal(ipJson(names.fresh, 'link show theirs').length, 1, 'theirs is untouched');
    mustRun('ip', ['netns', 'del', names.fresh]);
    await assertAsBefore(before, 'rolled back');
  });
});
