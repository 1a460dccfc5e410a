import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ipJson, ipRun } from './support.ts';
import { createRandom, eventually, report, sampleSize, withWatch } from './watch-support.ts';

/** So many that changes are followed one by one, and no dump is taken. */
const COUNT = 1500;
const PREFIXES = Array.from({ length: COUNT }, (_, i) => `172.${16 + (i >> 8)}.${i & 255}.0/24`);

/** As many like entries are kept as a list is. */
const STATE = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
${PREFIXES.map((to) => `  - {to: ${to}, via: 10.0.0.2, dev: v0}\n`).join('')}`;

const seed = sampleSize('SEED', 20_261_121);
const changes = sampleSize('CHANGES', 40);

interface Shown {
  readonly dst: string;
  readonly gateway?: string;
  readonly protocol?: string;
  readonly metric?: number;
}

/** All but the kernel's own, as they are told apart. */
const routesOf = (ns: string): readonly string[] =>
  (ipJson(ns, 'route show') as readonly Shown[])
    .filter(({ protocol }) => protocol !== 'kernel')
    .map(({ dst, gateway, protocol, metric }) => `${dst} ${gateway} ${protocol} ${metric ?? 0}`)
    .sort();

const repaired = (ns: string, wanted: readonly string[], what: string) =>
  eventually(what, () => isDeepStrictEqual(routesOf(ns), wanted)).catch(() => assert.deepEqual(routesOf(ns), wanted));

/** What others do to a route of the list, and to one that no file names. */
const CHANGES = [
  (to: string) => `route del ${to}`,
  (to: string) => `route replace ${to} via 10.0.0.3 dev v0 proto static`,
  (to: string) => `route change ${to} via 10.0.0.4 dev v0 proto 110`,
  (to: string) => `route append ${to} via 10.0.0.5 dev v0 proto static`,
  (to: string) => `route add ${to} via 10.0.0.6 dev v0 metric 9 proto 110`,
  // the same one again and again would be fought over
  (_: string, i: number) => `route add 198.18.${i}.0/24 via 10.0.0.7 dev v0 proto 110`,
] as const;

const routeTable = (list: readonly string[]): string =>
  list.map((to) => `  - {to: ${to}, via: 10.0.0.2, dev: v0}\n`).join('');

describe(`watch of a long list (seed ${seed}, ${changes} changes)`, () => {
  it('puts right whatever others do to one of its routes, and to many', () =>
    withWatch(STATE, async (ns, daemon) => {
      const wanted = routesOf(ns);
      assert.equal(wanted.length, COUNT);
      assert.equal(daemon.status().listedRoutes, COUNT);
      const random = createRandom(seed);
      let told = 0;
      for (let i = 0; i < changes; i++) {
        const to = PREFIXES[Math.floor(random() * COUNT)] as string;
        const change = CHANGES[Math.floor(random() * CHANGES.length)] as (typeof CHANGES)[number];
        const command = change(to, i);
        const from = daemon.events.length;
        ipRun(ns, command);
        // another entry behind the one of the list is left to whoever made it
        const isLeft = command.includes('append');
        if (isLeft) ipRun(ns, `route del ${to} via 10.0.0.5 dev v0 proto static`);
        else {
          await eventually(`${command} is told`, () => daemon.drift(/^route/, from));
          told++;
        }
        await repaired(ns, wanted, command);
      }
      assert.ok(told > changes / 2, `only ${told} changes were told`);
      report(`${told} of ${changes} changes were put right and told`);

      const batch = join(daemon.folder, 'many.batch');
      writeFileSync(batch, PREFIXES.map((to) => `route del ${to}\n`).join(''));
      // with the link the kernel drops them in silence
      for (const command of [`-batch ${batch}`, 'link set v0 down']) {
        const from = daemon.events.length;
        ipRun(ns, command);
        // what is told is read meanwhile: no other command may wait for the watch, which waits for the reader
        await eventually(`each is told after ${command}`, () => {
          const drift = daemon.events.slice(from).filter(({ type }) => type === 'drift');
          return drift.length >= COUNT;
        });
        await repaired(ns, wanted, command);
      }
      await eventually('in sync', () => daemon.status().inSync);
    }));

  it('follows the file, and takes away what it does not name any more', () =>
    withWatch(STATE, async (ns, daemon) => {
      const shorter = `${STATE.split('routes:')[0]}routes:\n${routeTable(PREFIXES.slice(0, COUNT - 100))}`;
      const wanted = routesOf(ns);
      writeFileSync(daemon.path, shorter);
      await eventually('the shorter list', () => routesOf(ns).length === COUNT - 100);
      ipRun(ns, `route del ${PREFIXES[7]}`);
      await eventually('the repair', () => routesOf(ns).length === COUNT - 100);
      writeFileSync(daemon.path, STATE);
      await repaired(ns, wanted, 'the longer list');
    }));
});
