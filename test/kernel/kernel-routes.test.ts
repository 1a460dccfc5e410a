import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Route } from '../../src/model/route.ts';
import type { State } from '../../src/model/state.ts';
import { withKernelRoutes } from '../../src/reconcile/lookup/kernel-routes.ts';
import { dumpSettled } from './dump-settled.ts';
import { openTestHost } from './harness.ts';
import { ipBatch, ipRun, lacksKind, nsExec, withNamespace } from './support.ts';

/** Each with the address on v0: its form decides which routes the kernel makes. */
const ADDRESSES = [
  '192.0.2.1/24',
  '192.0.2.2/24',
  '192.0.2.129/25 brd +',
  '198.51.100.1/31',
  '198.51.100.9/32',
  '203.0.113.1 peer 203.0.113.2/32',
  '203.0.113.9 peer 10.9.0.1/24',
  '10.1.0.1/16 metric 50',
  '10.2.0.1/16 noprefixroute',
  '2001:db8:1::1/64 nodad',
  '2001:db8:1::2/64 nodad',
  '2001:db8:2::1/128 nodad',
  '2001:db8:3::1/127 nodad',
  '2001:db8:4::1/64 nodad metric 77',
  '2001:db8:5::1/64 nodad noprefixroute',
  '2001:db8:6::1 peer 2001:db8:6::2/128 nodad',
] as const;

/** What a look-up sees of a route that the kernel made; link-local and multicast come with the link. */
const seen = ({ route }: State): readonly string[] =>
  route
    .filter(({ protocol, type, to }) => protocol === 2 && type !== 'multicast' && !to.startsWith('fe80'))
    .map(({ family, to, table, metric, type, scope, src, hops }: Route) =>
      JSON.stringify({ family, to, table, metric, type, scope, src, dev: hops[0]?.dev }),
    )
    .sort();

const checkRoutes = async (ns: string): Promise<void> => {
  const host = openTestHost(ns);
  try {
    const state = await dumpSettled(host);
    const others = state.route.filter(
      ({ protocol, type, to }) => protocol !== 2 || type === 'multicast' || to.startsWith('fe80') || type === 'anycast',
    );
    assert.deepEqual(seen(withKernelRoutes({ ...state, route: others })), seen(state));
    assert.equal(withKernelRoutes(state).route.length, state.route.length, 'what is there already stays as it is');
  } finally {
    host.close();
  }
};

const setUp = (ns: string, ...before: readonly string[]): void => {
  ipRun(ns, 'link add v0 type veth peer name p0', ...before, 'link set v0 up', 'link set p0 up');
  ipBatch(
    ns,
    ADDRESSES.map((address) => `addr add ${address} dev v0`),
  );
};

const lacksVrf = await lacksKind('vrf');

describe('the routes that the kernel makes by itself', () => {
  for (const forwarding of [0, 1]) {
    it(`are those of its addresses, forwarding ${forwarding}`, () =>
      withNamespace(async (ns) => {
        nsExec(ns, 'sysctl', '-qw', `net.ipv6.conf.all.forwarding=${forwarding}`);
        setUp(ns);
        await checkRoutes(ns);
      }));
  }

  it('are in the table of the VRF', { skip: lacksVrf }, () =>
    withNamespace(async (ns) => {
      setUp(ns, 'link add red type vrf table 100', 'link set red up', 'link set v0 master red');
      await checkRoutes(ns);
    }),
  );
});
