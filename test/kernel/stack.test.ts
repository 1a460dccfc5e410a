import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  applyWithEveryFault,
  assertIdempotent,
  assertView,
  settledView,
  withQuietNamespace,
} from './cases/run-case.ts';
import { openTestHost } from './harness.ts';
import { ipJson, lacksKind } from './support.ts';

const lacking = await lacksKind('dummy', 'bond', 'vlan', 'vrf');

/** Seven links, each on the one below: the topmost first, as nobody would make them by hand. */
const stackOn = (bondMode: string): string => `version: 1
links:
  vx0: {kind: vxlan, vxlan: {id: 9, dstport: 4789, dev: mv0}, master: vrf0, addresses: [10.7.0.1/24]}
  vrf0: {kind: vrf, vrf: {table: 77}}
  mv0: {kind: macvlan, link: vb0, macvlan: {mode: bridge}, addresses: [10.8.0.1/24]}
  vb0: {kind: veth, veth: {peer: va0}}
  va0: {kind: veth, veth: {peer: vb0}, master: br0, bridge_port: {hairpin: true}}
  br0: {kind: bridge, lladdr: "02:00:00:00:00:0a", addresses: [10.9.0.1/24]}
  bond0.5: {kind: vlan, link: bond0, vlan: {id: 5}, master: br0, bridge_port: {cost: 7}}
  bond0: {kind: bond, bond: {mode: ${bondMode}}}
  d0: {kind: dummy, master: bond0}
  d1: {kind: dummy, master: bond0}
routes:
  - {to: 10.70.0.0/16, via: 10.7.0.254, table: 77}
  - {to: 10.90.0.0/16, via: 10.9.0.254}
`;

interface Shown {
  readonly ifname: string;
  readonly link?: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly mode?: string } };
}

describe('a stack of seven links', () => {
  it('is made in one go, stands again when its bottom is made anew, and goes in one go', { skip: lacking }, () =>
    withQuietNamespace(async (ns) => {
      const host = openTestHost(ns);
      try {
        const empty = await settledView(ns);
        const made = await applyWithEveryFault(ns, host, stackOn('active-backup'));
        assert.equal(made.status, 'applied');
        await assertIdempotent(host, stackOn('active-backup'));
        const links = new Map(ipJson<Shown>(ns, 'link show').map((link) => [link.ifname, link]));
        const above = Object.entries({ 'bond0.5': 'bond0', mv0: 'vb0' });
        for (const [upper, lower] of above) assert.equal(links.get(upper)?.link, lower);
        const ports = Object.entries({ d0: 'bond0', d1: 'bond0', 'bond0.5': 'br0', va0: 'br0', vx0: 'vrf0' });
        for (const [port, master] of ports) assert.equal(links.get(port)?.master, master);
        assert.equal(ipJson(ns, 'route show root 10.70.0.0/16 table 77').length, 1);

        // the mode of a bond is fixed once it has ports: it is made anew, with all that stands on it
        const changed = await applyWithEveryFault(ns, host, stackOn('802.3ad'));
        assert.equal(changed.status, 'applied');
        const [bond] = ipJson<Shown>(ns, 'link show dev bond0');
        assert.equal(bond?.linkinfo?.info_data?.mode, '802.3ad');
        await assertIdempotent(host, stackOn('802.3ad'));

        await applyWithEveryFault(ns, host, 'version: 1\n');
        await assertView(ns, empty, 'the stack is gone');
      } finally {
        host.close();
      }
    }),
  );
});
