import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { assertIdempotent } from './cases/run-case.ts';
import { type ListFiles, openTestHost } from './harness.ts';
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

const LINES = [
  '# routes of a test',
  '172.16.0.0/24',
  '172.16.1.0/24 via 10.0.1.2 dev u1 metric 20  # another way',
  '172.16.2.0/24 table 100 src 10.0.0.1 mtu 1400',
  'blackhole 172.16.3.0/24',
  '',
  '2400:1::/32 via 2001:db8::2',
  'unreachable 2400:2::/32 metric 7',
].join('\n');

const ITEMS = [
  '172.16.0.0/24',
  { to: '172.16.1.0/24', via: '10.0.1.2', dev: 'u1', metric: 20 },
  { to: '172.16.2.0/24', table: 100, src: '10.0.0.1', mtu: 1400 },
  { type: 'blackhole', to: '172.16.3.0/24' },
  { to: '2400:1::/32', via: '2001:db8::2' },
  { to: '2400:2::/32', type: 'unreachable', metric: 7 },
];

/** What `ip route save` writes of a namespace: bytes. */
const saved = (ns: string, family: string): Buffer => {
  const { status, stdout, stderr } = spawnSync('ip', ['-n', ns, family, 'route', 'save', 'table', 'all']);
  assert.equal(status, 0, String(stderr));
  return stdout;
};

/** Applies an entry for each list, and finds their routes in the kernel, and nothing left to do. */
const bringAbout = async (ns: string, entry: string, lists: ListFiles): Promise<void> => {
  ipRun(ns, ...GROUND);
  const host = openTestHost(ns);
  try {
    const entries = Object.keys(lists).map((name) => `{to_file: ${name}${entry}}`);
    const yaml = `version: 1\nroutes: [${entries.join(', ')}]\n`;
    const outcome = await host.apply(yaml, { lists });
    assert.equal(outcome.status, 'applied');
    assert.deepEqual(routesOf(ns), LISTED);
    await assertIdempotent(host, yaml, lists);
  } finally {
    host.close();
  }
};

const ENTRY = ', via: 10.0.0.2, dev: u0';

/** What is printed of a namespace that has the routes, by families. */
const printed = async (print: (ns: string, family: string) => string | Buffer): Promise<ListFiles> =>
  withNamespace(async (ns) => {
    await bringAbout(ns, ENTRY, { l: LINES });
    return { four: print(ns, '-4'), six: print(ns, '-6') };
  });

describe('lists are the routes that they say, in both families', () => {
  it('as lines with words of ip route', () => withNamespace((ns) => bringAbout(ns, ENTRY, { l: LINES })));

  it('as JSON', () => withNamespace((ns) => bringAbout(ns, ENTRY, { l: JSON.stringify(ITEMS, undefined, 2) })));

  it('as JSON lines', () =>
    withNamespace((ns) => bringAbout(ns, ENTRY, { l: ITEMS.map((item) => `${JSON.stringify(item)}\n`).join('') })));

  it('as ip -j route show prints them, without those of the kernel', async () => {
    const lists = await printed((ns, family) => JSON.stringify(ipJson(ns, `${family} route show table all`)));
    await withNamespace((ns) => bringAbout(ns, '', lists));
  });

  it('as ip prints them with details, and with numbers for names', async () => {
    for (const options of ['-d', '-N', '-d -N']) {
      const lists = await printed((ns, family) =>
        JSON.stringify(ipJson(ns, `${options} ${family} route show table all`)),
      );
      await withNamespace((ns) => bringAbout(ns, '', lists));
    }
  });

  it('as ip route save writes them, without those of the kernel and the names of links', async () => {
    const lists = await printed(saved);
    await withNamespace((ns) => bringAbout(ns, '', lists));
  });
});
