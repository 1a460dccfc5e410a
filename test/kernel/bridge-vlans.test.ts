import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Value } from '../../src/model/value.ts';
import { applyWithEveryFault, assertIdempotent, withQuietNamespace } from './cases/run-case.ts';
import { openTestHost, type TestHost } from './harness.ts';
import { mustRun } from './run-command.ts';
import { bridgeJson, ipRun, lacksBridgeVlanFiltering } from './support.ts';
import { eventually, withWatch } from './watch-support.ts';

const skip = await lacksBridgeVlanFiltering();

const fileOf = (links: Value): string => `version: 1\nlinks: ${JSON.stringify(links)}\n`;

/** Two bridges, and a pair of which one end is a port. */
const PAIR = { p0: { kind: 'veth', veth: { peer: 'p1' } }, p1: { kind: 'veth', veth: { peer: 'p0' } } };

interface ShownVlans {
  readonly ifname: string;
  readonly vlans: readonly { readonly vlan: number; readonly vlanEnd?: number; readonly flags?: readonly string[] }[];
}

/** The VLANs of a link as `bridge vlan show` has them: `1 PVID Egress Untagged, 20-30`. */
const shown = (ns: string, dev: string): string =>
  bridgeJson<ShownVlans>(ns, `vlan show dev ${dev}`)
    .flatMap(({ vlans }) => vlans)
    .map(({ vlan, vlanEnd, flags = [] }) => [vlanEnd === undefined ? vlan : `${vlan}-${vlanEnd}`, ...flags].join(' '))
    .join(', ');

const bridge = (ns: string, line: string): void => {
  mustRun('bridge', ['-n', ns, ...line.split(' ')]);
};

const withHost = (fn: (ns: string, host: TestHost) => Promise<void>): Promise<void> =>
  withQuietNamespace(async (ns) => {
    const host = openTestHost(ns);
    try {
      await fn(ns, host);
    } finally {
      host.close();
    }
  });

describe('VLANs of bridges in a plan', { skip }, () => {
  it('come after what they stand on, and change without a port going down', () =>
    withHost(async (ns, host) => {
      const file = (vlans: Value) =>
        fileOf({
          p0: { ...PAIR.p0, master: 'br0', bridge_port: { vlans, vlan_tunnel: true } },
          p1: PAIR.p1,
          br0: { kind: 'bridge', bridge: { vlans: [{ vid: 10, pvid: true, untagged: true }], vlan_filtering: 1 } },
        });
      const made = await applyWithEveryFault(ns, host, file([{ vid: 10, tunnel_info: { id: 1010 } }, '20-30']));
      assert.equal(made.status, 'applied');
      assert.equal(shown(ns, 'p0'), '10, 20-30');
      assert.equal(shown(ns, 'br0'), '10 PVID Egress Untagged');
      const changed = await applyWithEveryFault(ns, host, file([{ vid: 11, pvid: true }, '20-25']));
      assert.deepEqual(
        changed.plan.steps.map(({ title }) => title),
        ['set link p0 vlans', 'set link p0 vlans'],
      );
      assert.equal(shown(ns, 'p0'), '11 PVID, 20-25');
    }));

  it('stay as they are where nobody writes them', () =>
    withHost(async (ns, host) => {
      const file = (port: Value) =>
        fileOf({ br0: { kind: 'bridge' }, p0: { ...PAIR.p0, master: 'br0', bridge_port: port }, p1: PAIR.p1 });
      await host.apply(file({ hairpin: true }));
      assert.equal(shown(ns, 'p0'), '1 PVID Egress Untagged');
      bridge(ns, 'vlan add dev p0 vid 44');
      bridge(ns, 'vlan add dev br0 vid 45 self');
      await assertIdempotent(host, file({ hairpin: true }));
      await applyWithEveryFault(ns, host, file({ hairpin: false }));
      assert.equal(shown(ns, 'p0'), '1 PVID Egress Untagged, 44');
      // a list, even an empty one, is exact
      await applyWithEveryFault(ns, host, file({ hairpin: false, vlans: [] }));
      assert.equal(shown(ns, 'p0'), '');
      assert.equal(shown(ns, 'br0'), '1 PVID Egress Untagged, 45');
    }));

  it('follow vlan_default_pvid, on ports in the file and not in it, and come back with it', () =>
    withHost(async (ns, host) => {
      ipRun(ns, 'link add q0 type veth peer name q1', 'link add br0 type bridge', 'link set q0 master br0');
      const file = (pvid: number) =>
        fileOf({
          br0: { kind: 'bridge', bridge: { vlan_default_pvid: pvid } },
          p0: { ...PAIR.p0, master: 'br0' },
          p1: PAIR.p1,
        });
      await host.apply(file(1));
      const moved = await applyWithEveryFault(ns, host, file(7));
      assert.deepEqual(
        moved.plan.steps.map(({ title, cascades }) => [title, cascades.map(({ key, why }) => `${key}: ${why}`).sort()]),
        [
          [
            'set link br0 vlan_default_pvid',
            ['p0: vlan_default_pvid of br0 changes', 'q0: vlan_default_pvid of br0 changes'],
          ],
        ],
      );
      for (const dev of ['br0', 'p0', 'q0']) assert.equal(shown(ns, dev), '7 PVID Egress Untagged', dev);
      await assertIdempotent(host, file(7));
      // with a list of its own a port ends up with that
      const listed = file(0).replace('"master":"br0"', '"master":"br0","bridge_port":{"vlans":[7]}');
      await applyWithEveryFault(ns, host, listed);
      assert.equal(shown(ns, 'p0'), '7');
      assert.equal(shown(ns, 'q0'), '');
      await assertIdempotent(host, listed);
    }));

  it('are given anew to a port that changes its bridge, and to one that is made anew', () =>
    withHost(async (ns, host) => {
      const file = (master: string, more: Readonly<Record<string, Value>>, port: Value) =>
        fileOf({
          br0: { kind: 'bridge' },
          br1: { kind: 'bridge', bridge: { vlan_default_pvid: 9 } },
          p0: { ...PAIR.p0, ...more, master, bridge_port: port },
          p1: PAIR.p1,
        });
      const vlans = [{ vid: 1, pvid: true, untagged: true }, '5-6'];
      await host.apply(file('br0', {}, { vlans }));
      await applyWithEveryFault(ns, host, file('br1', {}, { vlans }));
      assert.equal(shown(ns, 'p0'), '1 PVID Egress Untagged, 5-6');
      const anew = await applyWithEveryFault(ns, host, file('br1', { numtxqueues: 3 }, { hairpin: true }));
      assert.ok(anew.plan.changes.some(({ action }) => action === 'replace'));
      assert.equal(shown(ns, 'p0'), '1 PVID Egress Untagged, 5-6');
      // nobody asks for them in the new bridge: they are the port's there
      await applyWithEveryFault(ns, host, file('br0', { numtxqueues: 3 }, { hairpin: true }));
      assert.equal(shown(ns, 'p0'), '1 PVID Egress Untagged');
    }));

  it('are kept by watch, their options too, of which no message of the port tells', () =>
    withWatch(
      fileOf({
        br0: { kind: 'bridge' },
        p0: { ...PAIR.p0, master: 'br0', bridge_port: { vlans: [10] } },
        p1: PAIR.p1,
      }),
      async (ns, daemon) => {
        for (const line of [
          'vlan add dev p0 vid 11',
          'vlan del dev p0 vid 10',
          'vlan set dev p0 vid 10 mcast_router 2',
        ]) {
          const after = daemon.events.length;
          bridge(ns, line);
          const drift = await eventually(`${line}: a correction`, () => daemon.drift(/^link p0/, after));
          assert.equal(drift.done, 'corrected');
          assert.deepEqual(
            drift.fields.map(({ field }) => field),
            ['port.vlans'],
          );
          await eventually('10 alone', () => shown(ns, 'p0') === '10');
        }
      },
    ));
});
