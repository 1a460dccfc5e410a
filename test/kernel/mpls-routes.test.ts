import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ConfigError } from '../../src/model/errors.ts';
import { MPLS_ROUTE_CASES } from './cases/mpls-routes.ts';
import { testCases, withQuietNamespace } from './cases/run-case.ts';
import { createTestCommand } from './command.ts';
import { ADDRESSED_PAIR } from './ground.ts';
import { openTestHost, type TestHost } from './harness.ts';
import { ipJson, ipRun, ipTry, nsExec, withNamespace } from './support.ts';

const command = createTestCommand();

const GROUND = ['link set lo up', ...ADDRESSED_PAIR, 'link add w0 type veth peer name w1', 'link set w0 up'];
const LABELS = ['net.mpls.platform_labels=2000'];

/** An encapsulation asks for its module, which asks for that of the routes. */
const lacksMpls = await withNamespace(async (ns) => {
  ipRun(ns, 'link set lo up');
  ipTry(ns, 'route add 10.9.0.0/16 encap mpls 100 dev lo');
  return existsSync('/proc/sys/net/mpls') ? false : 'kernel lacks MPLS';
});
const skip = lacksMpls;

interface Shown {
  readonly dst: string;
  readonly to?: readonly string[];
  readonly dev?: string;
  readonly protocol?: string;
  readonly flags?: readonly string[];
  readonly nexthops?: readonly { readonly dev?: string }[];
}
const routesOf = (ns: string): readonly Shown[] => ipJson<Shown>(ns, '-f mpls route show');
const labelsOf = (ns: string): readonly string[] => routesOf(ns).map(({ dst }) => dst);

const withHost = (
  run: (host: TestHost, ns: string) => Promise<void>,
  sysctls: readonly string[] = LABELS,
): Promise<void> =>
  withQuietNamespace(async (ns) => {
    assert.equal(nsExec(ns, 'sysctl', '-qw', ...sysctls).status, 0);
    ipRun(ns, ...GROUND);
    const host = openTestHost(ns);
    try {
      await run(host, ns);
    } finally {
      host.close();
    }
  });

const refusal = async (
  work: Promise<unknown>,
): Promise<readonly { code: string; message: string; hint?: string }[]> => {
  const error = await work.then(
    () => assert.fail('it is taken'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConfigError, `${error}`);
  return error.diagnostics.map(({ code, message, hint }) => ({ code, message, ...(hint && { hint }) }));
};

describe('routes of labels', () =>
  testCases(
    MPLS_ROUTE_CASES.map((state) => ({ ...state, skip })),
    GROUND,
    LABELS,
  ));

describe('routes of labels and what is around them', { skip }, () => {
  it('come after the links and addresses of the same file, and go before them', () =>
    withHost(async (host, ns) => {
      const yaml = `version: 1
routes:
  - {to: 100, family: mpls, as: 200, via: 198.51.100.2}
  - {to: 101, family: mpls, nexthops: [{as: 201, dev: mv0, via: 198.51.100.3}, {dev: v0, via: 192.0.2.2}]}
links:
  mv0: {kind: macvlan, link: w0, addresses: [198.51.100.1/24]}
`;
      const outcome = await host.apply(yaml);
      assert.equal(outcome.status, 'applied');
      assert.deepEqual(labelsOf(ns), ['100', '101']);
      assert.equal(routesOf(ns)[0]?.dev, 'mv0');
      assert.equal((await host.apply(yaml)).status, 'unchanged');
      assert.equal((await host.apply('version: 1\n')).status, 'applied');
      assert.deepEqual(routesOf(ns), []);
    }));

  it('a link that is made anew takes them along, and they come back, those of others too', () =>
    withHost(async (host, ns) => {
      const yaml = (mode: string) => `version: 1
links: {mv0: {kind: macvlan, link: w0, macvlan: {mode: ${mode}}, addresses: [198.51.100.1/24]}}
routes: [{to: 100, family: mpls, as: 200, via: 198.51.100.2, dev: mv0}]
`;
      assert.equal((await host.apply(yaml('bridge'))).status, 'applied');
      ipRun(
        ns,
        '-f mpls route add 500 as 501 via inet 198.51.100.9 dev mv0 proto zebra',
        '-f mpls route add 600 proto zebra nexthop as 601 via inet 198.51.100.9 dev mv0 nexthop as 602 via inet 192.0.2.9 dev v0',
      );
      const before = routesOf(ns);
      const plan = await host.plan(yaml('passthru'));
      const cascades = plan.steps.flatMap((step) => step.cascades.map(({ title }) => title));
      for (const label of [100, 500, 600]) assert.ok(cascades.join().includes(`mpls route ${label}`), cascades.join());
      assert.equal((await host.apply(yaml('passthru'))).status, 'applied');
      assert.deepEqual(routesOf(ns), before);
    }));

  it('stay when their link goes down, and are in use again when it is up', () =>
    withHost(async (host, ns) => {
      const yaml = (state: string) => `version: 1
links: {w0: {state: ${state}}}
routes: [{to: 100, family: mpls, as: 200, via: 198.51.100.2, dev: w0}]
`;
      assert.equal((await host.apply(yaml('up'))).status, 'applied');
      const down = await host.apply(yaml('down'));
      assert.equal(down.status, 'applied');
      assert.deepEqual(
        down.plan.steps.map(({ cascades }) => cascades.length),
        [0],
      );
      assert.ok(routesOf(ns)[0]?.flags?.includes('dead'), JSON.stringify(routesOf(ns)));
      assert.equal((await host.apply(yaml('up'))).status, 'applied');
      assert.ok(!routesOf(ns)[0]?.flags?.includes('dead'), JSON.stringify(routesOf(ns)));
    }));

  it('of a daemon: in the way unless adopted, and otherwise left alone', () =>
    withHost(async (host, ns) => {
      ipRun(
        ns,
        '-f mpls route add 100 as 999 via inet 192.0.2.9 dev v0 proto zebra',
        '-f mpls route add 101 as 999 via inet 192.0.2.9 dev v0 proto zebra',
      );
      const yaml = (more: string) => `version: 1\nroutes: [{to: 100, family: mpls, as: 200, via: 192.0.2.2${more}}]\n`;
      const [conflict] = await refusal(host.apply(yaml('')));
      assert.equal(conflict?.code, 'NR_CONFLICT');
      assert.match(conflict.message, /^mpls route 100: its place is held by protocol zebra$/);
      assert.equal((await host.apply(yaml(', adopt: true'))).status, 'applied');
      assert.equal((await host.apply('version: 1\n')).status, 'applied');
      assert.deepEqual(labelsOf(ns), ['101']);
    }));

  it('state: absent, and prune: all', () =>
    withHost(async (host, ns) => {
      const fill = ['100', '101', '102'].map((label) => `-f mpls route add ${label} via inet 192.0.2.9 dev v0`);
      ipRun(ns, ...fill);
      const absent = 'version: 1\nroutes: [{to: 100, family: mpls, state: absent}]\n';
      assert.equal((await host.apply(absent)).status, 'applied');
      assert.deepEqual(labelsOf(ns), ['101', '102']);
      const other = 'version: 1\nroutes: [{to: 101, family: mpls, as: 5, via: 192.0.2.9, dev: v0, state: absent}]\n';
      assert.equal((await host.apply(other)).status, 'unchanged');
      const all = 'version: 1\nprune: all\nroutes: [{to: 102, family: mpls, via: 192.0.2.9, dev: v0}]\n';
      assert.equal((await host.apply(all)).status, 'applied');
      assert.deepEqual(labelsOf(ns), ['102']);
    }));

  it('a label beyond net.mpls.platform_labels is refused before anything is sent', () =>
    withHost(
      async (host) => {
        const [problem] = await refusal(
          host.apply('version: 1\nroutes: [{to: 99, family: mpls, dev: lo}, {to: 100, family: mpls, dev: lo}]\n'),
        );
        assert.deepEqual(problem, {
          code: 'NR_LABEL_SPACE',
          message: 'mpls route 100: the label is beyond net.mpls.platform_labels',
          hint: 'sysctl -w net.mpls.platform_labels=101 (or more) in that namespace makes room for it',
        });
        assert.equal(host.writes(), 0);
        assert.equal(await host.kernel.labelSpace(99), 'enough');
        assert.equal(await host.kernel.labelSpace(100), 'short');
      },
      ['net.mpls.platform_labels=100'],
    ));

  it('a namespace without labels has no routes of them, and shows nothing else in their place', () =>
    withHost(
      async (host) => {
        assert.deepEqual((await host.dump()).mpls, []);
        assert.ok((await host.dump()).route.length > 0);
      },
      ['net.mpls.platform_labels=0'],
    ));

  it('are rehearsed, in a copy that has room for them', () =>
    withHost(async (_, ns) => {
      ipRun(ns, '-f mpls route add 300 as 301 via inet 192.0.2.7 dev v0');
      const file = command.file(
        'state.yaml',
        'version: 1\nroutes: [{to: 100, family: mpls, as: 200, via: 192.0.2.2}]\n',
      );
      const { status, stdout, stderr } = command.run(ns, 'plan', '--rehearse', file);
      assert.equal(status, 0, stdout + stderr);
      assert.deepEqual(labelsOf(ns), ['300']);
    }));

  it('events of both kinds of route are told apart', () =>
    withHost(async (host, ns) => {
      await host.dump();
      const heard = host.kernel.subscribe(['route', 'mpls']);
      try {
        ipRun(ns, 'route add 10.7.0.0/16 via 192.0.2.9', '-f mpls route add 100 as 7 via inet 192.0.2.9 dev v0');
        const { events } = heard.drain();
        assert.deepEqual(
          events.map(({ kind, object }) => [kind, object !== undefined]),
          [
            ['route', true],
            ['mpls', true],
          ],
        );
      } finally {
        heard.close();
      }
    }));
});

describe('a kernel without routes of labels', { skip: lacksMpls === false && 'kernel lacks no MPLS' }, () => {
  it('is told so before anything is sent', () =>
    withQuietNamespace(async (ns) => {
      const host = openTestHost(ns);
      try {
        const [problem] = await refusal(host.apply('version: 1\nroutes: [{to: 100, family: mpls, dev: lo}]\n'));
        assert.equal(problem?.code, 'NR_UNSUPPORTED_KIND');
        assert.match(problem.hint ?? '', /modprobe mpls_router/);
        assert.equal(host.writes(), 0);
        assert.deepEqual((await host.dump()).mpls, []);
      } finally {
        host.close();
      }
    }));
});
