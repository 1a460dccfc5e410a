import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../src/model/errors.ts';
import { ADDRESSED_PAIR } from './ground.ts';
import { assertBecomes, ipView, openTestHost, sleep, type TestHost } from './harness.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';
import { eventually, withWatch } from './watch-support.ts';

const withHost = (setup: readonly string[], run: (host: TestHost, ns: string) => Promise<void>): Promise<void> =>
  withNamespace(async (ns) => {
    ipRun(ns, ...setup);
    const host = openTestHost(ns);
    try {
      await run(host, ns);
    } finally {
      host.close();
    }
  });

const idsOf = (ns: string): readonly unknown[] =>
  (ipJson(ns, 'nexthop show') as readonly { readonly id: number }[]).map(({ id }) => id);

/** A line of the file, its code, and words of the message. */
const REFUSED: readonly (readonly [yaml: string, code: string, message: RegExp])[] = [
  ['routes: [{to: 10.0.0.0/8, nhid: 9}]', 'NR_NO_NEXTHOP', /^route 10\.0\.0\.0\/8: the end state has no nexthop 9$/],
  ['nexthops: [{id: 1, dev: v0}, {id: 10, group: [1, 2]}]', 'NR_NO_NEXTHOP', /^nexthop id 10: .* no nexthop 2$/],
  [
    'neighbors: [{fdb: "02:00:00:00:00:01", dev: v0, vni: 5, nhid: 9}]',
    'NR_NO_NEXTHOP',
    /^fdb 02:00:00:00:00:01 .* no nexthop 9$/,
  ],
  [
    'nexthops: [{id: 1, dev: v0}]\nroutes: [{to: "2001:db8:a::/48", nhid: 1}]',
    'NR_BAD_NEXTHOP',
    /an IPv6 route cannot go by nexthop 1/,
  ],
  [
    'nexthops: [{id: 1, dev: v0}, {id: 2, group: [1]}]\nroutes: [{to: "2001:db8:a::/48", nhid: 2}]',
    'NR_BAD_NEXTHOP',
    /an IPv6 route cannot go by nexthop 1/,
  ],
  [
    'nexthops: [{id: 1, via: 192.0.2.9, fdb: true}]\nroutes: [{to: 10.0.0.0/8, nhid: 1}]',
    'NR_BAD_NEXTHOP',
    /nexthop 1 is an fdb nexthop/,
  ],
  [
    'nexthops: [{id: 1, dev: v0}, {id: 2, group: [1]}, {id: 3, group: [2]}]',
    'NR_BAD_NEXTHOP',
    /its member 2 is a group itself/,
  ],
  [
    'nexthops: [{id: 1, dev: v0}, {id: 2, blackhole: true}, {id: 3, group: [1, 2]}]',
    'NR_BAD_NEXTHOP',
    /its member 2 is a blackhole, which must be alone/,
  ],
  ['nexthops: [{id: 1, dev: v0}, {id: 3, group: [1], fdb: true}]', 'NR_BAD_NEXTHOP', /its member 1 is no fdb nexthop/],
  [
    'nexthops: [{id: 1, via: 10.9.9.9}]',
    'NR_UNREACHABLE_GATEWAY',
    /^nexthop id 1: gateway 10\.9\.9\.9 is not reachable/,
  ],
  // told once, and not of the group and the route as well
  [
    'nexthops: [{id: 1, dev: v7}, {id: 2, group: [1]}]\nroutes: [{to: 10.0.0.0/8, nhid: 2}, {to: 10.0.0.0/9, nhid: 1}]',
    'NR_NO_LINK',
    /^nexthop id 1: link v7 does not exist/,
  ],
  ['nexthops: [{id: 1, dev: v7}]', 'NR_NO_LINK', /^nexthop id 1: link v7 does not exist/],
  ['links: {v0: {state: down}}\nnexthops: [{id: 1, dev: v0}]', 'NR_LINK_DOWN', /^nexthop id 1: link v0 will be down/],
];

describe('what no kernel would take is refused before anything is sent', () => {
  for (const [yaml, code, message] of REFUSED) {
    it(yaml.replaceAll('\n', ' '), () =>
      withHost(ADDRESSED_PAIR, async (host) => {
        // of a list in bulk each route that is planned one by one is told of
        await assert.rejects(host.apply(`version: 1\n${yaml}`, { plain: true }), (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          assert.deepEqual(
            error.diagnostics.map((d) => d.code),
            [code],
          );
          assert.match(error.diagnostics[0]?.message ?? '', message);
          return true;
        });
        assert.equal(host.writes(), 0);
      }),
    );
  }

  it('a kernel without nexthop objects', () =>
    withHost(ADDRESSED_PAIR, async (host) => {
      const before53 = { wrap: (kernel: TestHost['kernel']) => ({ ...kernel, hasNexthops: async () => false }) };
      await assert.rejects(
        host.apply('version: 1\nnexthops: [{id: 1, dev: v0}]', before53 as never),
        (error: unknown) =>
          error instanceof ConfigError &&
          error.diagnostics[0]?.code === 'NR_UNSUPPORTED_KIND' &&
          error.diagnostics[0].message === 'nexthop id 1: this kernel has no nexthop objects',
      );
      assert.equal(await host.kernel.hasNexthops(), true);
    }));
});

describe('nexthop objects and what is around them', () => {
  it('a link that is made anew takes them along, and all of them come back: groups, routes, foreign ones', () =>
    withHost(['link set lo up'], async (host, ns) => {
      const state = (vni: number) => `version: 1
links:
  vx0: {kind: vxlan, vxlan: {id: ${vni}, dstport: 4789, local: 192.0.2.77}, lladdr: '02:00:00:00:01:00', addresses: [192.0.2.1/24]}
nexthops:
  - {id: 1, via: 192.0.2.2}
  - {id: 2, via: 192.0.2.3}
  - {id: 10, group: [{id: 1, weight: 3}, 2]}
routes:
  - {to: 10.1.0.0/16, nhid: 10}
  - {to: 10.2.0.0/16, nhid: 1}
`;
      assert.equal((await host.apply(state(7))).status, 'applied');
      ipRun(
        ns,
        'nexthop add id 50 via 192.0.2.5 dev vx0 proto zebra',
        'nexthop add id 51 group 1/50 proto zebra',
        'route add 10.9.0.0/16 nhid 51 proto zebra',
      );
      const before = ipView(ns, 'asked');
      const outcome = await host.apply(state(8));
      assert.equal(outcome.status, 'applied');
      const now = ipView(ns, 'asked');
      assert.deepEqual([now.nexthop, now.route], [before.nexthop, before.route]);
    }));

  it('a link that goes takes them along without a step of their own', () =>
    withHost([], async (host, ns) => {
      const start = ipView(ns);
      const outcome = await host.apply(`version: 1
links: {v0: {kind: veth, veth: {peer: v1}, addresses: [192.0.2.1/24]}, v1: {}}
nexthops: [{id: 1, via: 192.0.2.2}, {id: 10, group: [1]}]
routes: [{to: 10.1.0.0/16, nhid: 10}]
`);
      assert.equal(outcome.status, 'applied');
      assert.equal((await host.apply('version: 1\n')).status, 'applied');
      await assertBecomes(ns, start, 'all gone');
    }));

  it('a foreign group that loses our object is left with its other members, and said to be a casualty', () =>
    withHost(ADDRESSED_PAIR, async (host, ns) => {
      await host.apply('version: 1\nnexthops: [{id: 1, via: 192.0.2.2}]');
      ipRun(
        ns,
        'nexthop add id 50 via 192.0.2.5 dev v0 proto zebra',
        'nexthop add id 51 group 1/50 proto zebra',
        'nexthop add id 52 group 1 proto zebra',
        'route add 10.9.0.0/16 nhid 51 proto zebra',
        'route add 10.8.0.0/16 nhid 52 proto zebra',
      );
      const plan = await host.plan('version: 1\n');
      assert.deepEqual(
        plan.steps.map(({ title, cascades }) => [title, cascades.map((c) => [c.title, c.effect, c.foreign])]),
        [
          [
            'delete nexthop id 1',
            [
              ['nexthop id 51', 'changed', true],
              ['nexthop id 52', 'removed', true],
              ['route 10.8.0.0/16', 'removed', true],
            ],
          ],
        ],
      );
      assert.equal((await host.apply('version: 1\n')).status, 'applied');
      assert.deepEqual(idsOf(ns), [50, 51]);
      assert.equal(ipJson(ns, 'route show 10.9.0.0/16').length, 1);
    }));

  it('one of a routing daemon is a conflict, prune: all removes hand-made ones and leaves those of daemons', () =>
    withHost(ADDRESSED_PAIR, async (host, ns) => {
      ipRun(
        ns,
        'nexthop add id 1 dev v0 proto zebra',
        'nexthop add id 2 dev v0',
        'nexthop add id 3 dev v0 proto static',
      );
      await assert.rejects(host.apply('version: 1\nnexthops: [{id: 1, dev: v0}]'), ConfigError);
      assert.equal((await host.apply('version: 1\nprune: all\nnexthops: [{id: 4, dev: v0}]')).status, 'applied');
      assert.deepEqual(idsOf(ns), [1, 4]);
      assert.equal((await host.apply('version: 1\nnexthops: [{id: 1, dev: v0, adopt: true}]')).status, 'applied');
      assert.deepEqual(idsOf(ns), [1]);
    }));

  it('waits for the carrier of a link, for a limited time', () =>
    withHost(['link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up'], async (host, ns) => {
      const yaml = 'version: 1\nlinks: {v0: {addresses: [192.0.2.1/24]}}\nnexthops: [{id: 1, via: 192.0.2.2}]';
      const [outcome] = await Promise.all([host.apply(yaml), sleep(300).then(() => ipRun(ns, 'link set v1 up'))]);
      assert.equal(outcome.status, 'applied');
      assert.deepEqual(idsOf(ns), [1]);
      ipRun(ns, 'link set v1 down');
      await eventually('the loss of the carrier', () => idsOf(ns).length === 0);
      const failed = await host.apply(yaml);
      assert.equal(failed.status, 'rolledBack');
      assert.match('failure' in failed ? failed.failure.message : '', /Carrier for nexthop device is down/);
    }));

  it('watch brings them back with the carrier, and the routes with them', async () => {
    const yaml = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [192.0.2.1/24]}
  v1: {}
nexthops: [{id: 1, via: 192.0.2.2}, {id: 10, group: [1]}]
routes: [{to: 10.1.0.0/16, nhid: 10}]
`;
    await withWatch(yaml, async (ns, daemon) => {
      ipRun(ns, 'nexthop del id 1');
      const { cause } = await eventually('the repair', () => daemon.drift(/^nexthop id 1$/));
      assert.match(cause, /deleted it$/);
      assert.equal(ipJson(ns, 'route show 10.1.0.0/16').length, 1);
      ipRun(ns, 'link set v1 down');
      await eventually(
        'the repair after a loss of the carrier',
        () => ipJson(ns, 'route show 10.1.0.0/16').length === 1,
      );
    });
  });
});
