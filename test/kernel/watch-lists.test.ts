import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ipJson, ipRun } from './support.ts';
import { createRandom, eventually, report, sampleSize, withWatch } from './watch-support.ts';

/** So many that changes are followed one by one, and no dump is taken. */
const COUNT = 1500;
/** So many that they go in bulk. */
const BURST = 12_000;

/** What differs between the families. */
interface Scene {
  readonly family: 'inet' | 'inet6';
  readonly prefixes: readonly string[];
  /** of v0, as the file has it */
  readonly address: string;
  /** whether another route in the place of one becomes a way of it, which is put right */
  readonly joins: boolean;
  readonly hostAt: (i: number) => string;
  readonly otherPrefix: (i: number) => string;
}

const INET: Scene = {
  family: 'inet',
  prefixes: Array.from({ length: COUNT }, (_, i) => `172.${16 + (i >> 8)}.${i & 255}.0/24`),
  address: '10.0.0.1/24',
  joins: false,
  hostAt: (i) => `10.0.0.${i}`,
  otherPrefix: (i) => `198.18.${i}.0/24`,
};

const INET6: Scene = {
  family: 'inet6',
  prefixes: Array.from({ length: COUNT }, (_, i) => `2400:${(i + 1).toString(16)}::/32`),
  address: '{address: "2001:db8::1/64", nodad: true}',
  joins: true,
  hostAt: (i) => `2001:db8::${i}`,
  otherPrefix: (i) => `2001:db8:${(i + 1).toString(16)}::/48`,
};

/** As many like entries are kept as a list is. */
const stateOf = ({ prefixes, address, hostAt }: Scene, count = COUNT): string => `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [${address}]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
${prefixes
  .slice(0, count)
  .map((to) => `  - {to: ${to}, via: ${hostAt(2)}, dev: v0}\n`)
  .join('')}`;

const seed = sampleSize('SEED', 20_261_121);
const changes = sampleSize('CHANGES', 40);

interface Shown {
  readonly dst: string;
  readonly gateway?: string;
  readonly protocol?: string;
  readonly metric?: number;
}

/** All but the kernel's own, as they are told apart. */
const routesOf = (ns: string, { family }: Scene): readonly string[] =>
  (ipJson(ns, family === 'inet' ? 'route show' : '-6 route show') as readonly Shown[])
    .filter(({ protocol }) => protocol !== 'kernel')
    .map(({ dst, gateway, protocol, metric }) => `${dst} ${gateway} ${protocol} ${metric ?? 0}`)
    .sort();

const repaired = (ns: string, scene: Scene, wanted: readonly string[], what: string) =>
  eventually(what, () => isDeepStrictEqual(routesOf(ns, scene), wanted)).catch(() =>
    assert.deepEqual(routesOf(ns, scene), wanted),
  );

/** What others do to a route of the list, and to one that no file names. */
const CHANGES = [
  (_: Scene, to: string) => `route del ${to}`,
  ({ hostAt }: Scene, to: string) => `route replace ${to} via ${hostAt(3)} dev v0 proto static`,
  ({ hostAt }: Scene, to: string) => `route change ${to} via ${hostAt(4)} dev v0 proto 110`,
  ({ hostAt }: Scene, to: string) => `route append ${to} via ${hostAt(5)} dev v0 proto static`,
  ({ hostAt }: Scene, to: string) => `route add ${to} via ${hostAt(6)} dev v0 metric 9 proto 110`,
  // the same one again and again would be fought over
  ({ hostAt, otherPrefix }: Scene, _: string, i: number) =>
    `route add ${otherPrefix(i)} via ${hostAt(7)} dev v0 proto 110`,
] as const;

describe(`watch of a long list (seed ${seed}, ${changes} changes)`, () => {
  const putsRight = (scene: Scene) =>
    withWatch(stateOf(scene), async (ns, daemon) => {
      const { prefixes, hostAt, joins, family } = scene;
      const run = (command: string) => ipRun(ns, family === 'inet' ? command : `-6 ${command}`);
      const wanted = routesOf(ns, scene);
      assert.equal(wanted.length, COUNT);
      assert.equal(daemon.status().listedRoutes, COUNT);
      const random = createRandom(seed);
      let told = 0;
      for (let i = 0; i < changes; i++) {
        const to = prefixes[Math.floor(random() * COUNT)] as string;
        const change = CHANGES[Math.floor(random() * CHANGES.length)] as (typeof CHANGES)[number];
        const command = change(scene, to, i);
        const from = daemon.events.length;
        run(command);
        // another entry behind the one of the list is left to whoever made it
        const isLeft = !joins && command.includes('append');
        if (isLeft) run(`route del ${to} via ${hostAt(5)} dev v0 proto static`);
        else {
          await eventually(`${command} is told`, () => daemon.drift(/^route/, from));
          told++;
        }
        await repaired(ns, scene, wanted, command);
      }
      assert.ok(told > changes / 2, `only ${told} changes were told`);
      report(`${told} of ${changes} changes were put right and told`);

      const batch = join(daemon.folder, 'many.batch');
      writeFileSync(batch, prefixes.map((to) => `route del ${to}\n`).join(''));
      // with the link the kernel drops them, those of IPv4 in silence
      for (const command of [`-batch ${batch}`, 'link set v0 down']) {
        const from = daemon.events.length;
        run(command);
        // what is told is read meanwhile: no other command may wait for the watch, which waits for the reader
        await eventually(`each is told after ${command}`, () => {
          const drift = daemon.events.slice(from).filter(({ type }) => type === 'drift');
          return drift.length >= COUNT;
        });
        await repaired(ns, scene, wanted, command);
      }
      await eventually('in sync', () => daemon.status().inSync);
    });

  it('puts right whatever others do to one of its routes, and to many', () => putsRight(INET));

  it('puts right IPv6 routes as well', () => putsRight(INET6));

  it('puts a burst right in bulk, and tells of each route once', () => {
    const all = Array.from({ length: BURST + COUNT }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`);
    const scene: Scene = { ...INET, prefixes: all };
    return withWatch(stateOf(scene, all.length), async (ns, daemon) => {
      const wanted = routesOf(ns, scene);
      assert.equal(wanted.length, all.length);
      const batch = join(daemon.folder, 'burst.batch');
      writeFileSync(
        batch,
        all
          .slice(0, BURST)
          .map((to) => `route del ${to}\n`)
          .join(''),
      );
      const from = daemon.events.length;
      ipRun(ns, `-batch ${batch}`);
      const drift = () => daemon.events.slice(from).flatMap((event) => (event.type === 'drift' ? event.title : []));
      await eventually('each is told', () => drift().length >= BURST);
      await repaired(ns, scene, wanted, 'a burst');
      await eventually('in sync', () => daemon.status().inSync);
      const told = drift();
      assert.deepEqual([told.length, new Set(told).size], [BURST, BURST]);
      // one of them alone is followed as before
      const [to = ''] = all;
      ipRun(ns, `route del ${to}`);
      await eventually('one more is told', () => drift().length === BURST + 1);
      await repaired(ns, scene, wanted, 'one of them');
    });
  });

  it('follows the file, and takes away what it does not name any more', () =>
    withWatch(stateOf(INET), async (ns, daemon) => {
      const wanted = routesOf(ns, INET);
      writeFileSync(daemon.path, stateOf(INET, COUNT - 100));
      await eventually('the shorter list', () => routesOf(ns, INET).length === COUNT - 100);
      ipRun(ns, `route del ${INET.prefixes[7]}`);
      await eventually('the repair', () => routesOf(ns, INET).length === COUNT - 100);
      writeFileSync(daemon.path, stateOf(INET));
      await repaired(ns, INET, wanted, 'the longer list');
    }));
});
