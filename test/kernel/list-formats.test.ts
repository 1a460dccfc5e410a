import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertIdempotent } from './cases/run-case.ts';
import { openTestHost } from './harness.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const GROUND = [
  'link add u0 type veth peer name u1',
  'link set u0 up',
  'link set u1 up',
  'addr add 10.0.0.1/24 dev u0',
  'addr add 2001:db8::1/64 dev u0 nodad',
  'addr add 10.0.1.1/24 dev u1',
] as const;

/** What `ip route show` prints of all routes of ours, without what only the kernel says. */
const routesOf = (ns: string): readonly string[] =>
  ['-4', '-6']
    .flatMap((family) => ipJson(ns, `${family} route show table all proto 110`))
    .map(({ dst, type = 'unicast', gateway = '-', dev = '-', table = 'main', metric = 0, prefsrc = '-', metrics }) =>
      [dst, type, gateway, dev, table, metric, prefsrc, JSON.stringify(metrics ?? [])].join(' '),
    )
    .toSorted();

const LISTED = [
  '172.16.0.0/24 unicast 10.0.0.2 u0 main 0 - []',
  '172.16.1.0/24 unicast 10.0.1.2 u1 main 20 - []',
  '172.16.2.0/24 unicast 10.0.0.2 u0 100 0 10.0.0.1 [{"mtu":1400}]',
  '172.16.3.0/24 blackhole - - main 0 - []',
  '2400:1::/32 unicast 2001:db8::2 u0 main 1024 - []',
  '2400:2::/32 unreachable - lo main 7 - []',
].toSorted();

describe('lists', () => {
  /** Applies a list, and finds its routes in the kernel, and nothing left to do. */
  const brings = async (entry: string, list: string): Promise<void> => {
    await withNamespace(async (ns) => {
      ipRun(ns, ...GROUND);
      const host = openTestHost(ns);
      try {
        const yaml = `version: 1\nroutes: [{to_file: l${entry}}]\n`;
        const outcome = await host.apply(yaml, { lists: { l: list } });
        assert.equal(outcome.status, 'applied');
        assert.deepEqual(routesOf(ns), LISTED);
        await assertIdempotent(host, yaml, { l: list });
      } finally {
        host.close();
      }
    });
  };

  it('of lines with words of ip route are the routes that they say, in both families', () =>
    brings(
      ', via: 10.0.0.2, dev: u0',
      [
        '# routes of a test',
        '172.16.0.0/24',
        '172.16.1.0/24 via 10.0.1.2 dev u1 metric 20  # another way',
        '172.16.2.0/24 table 100 src 10.0.0.1 mtu 1400',
        'blackhole 172.16.3.0/24',
        '',
        '2400:1::/32 via 2001:db8::2',
        'unreachable 2400:2::/32 metric 7',
      ].join('\n'),
    ));
});
