import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { countRows } from '../../src/model/prefix-columns.ts';
import { bareRoutes, type Keys, loadList, loadRoutes, problemsOf } from './list-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.LIST_RUNS ?? 300);

const REST: readonly Keys[] = [
  {},
  { via: '10.0.0.2', dev: 'eth1' },
  { dev: 'eth1', via: '10.0.0.2' },
  { via: '10.0.0.3', metric: 7 },
  { type: 'blackhole' },
  { nhid: 7, table: 'default' },
  { nexthops: [{ via: '10.0.0.2' }, { via: '10.0.0.3', dev: 'e}f' }] },
  { via: '10.0.0.2', encap: { type: 'mpls', labels: [100] } },
  { via: '10.0.0.2', mtu: 1400, lock: ['mtu'], adopt: true },
  { via: '10.0.0.2', state: 'absent' },
];

interface Item {
  readonly to: string;
  readonly rest: Keys;
  readonly first: boolean;
}

const items = fc.array(fc.record({ rest: fc.constantFrom(...REST), first: fc.boolean(), form: fc.nat(3) }), {
  minLength: 1,
  maxLength: 30,
});

const PREFIXES = [
  (i: number): string => `172.16.${i}.0/24`,
  (i: number): string => `172.17.0.${i}`,
  (i: number): string => `10.${i}.0.0/16`,
  (i: number): string => `192.168.${i}.128/25`,
];

const itemsOf = (written: readonly { rest: Keys; first: boolean; form: number }[]): readonly Item[] =>
  written.map(({ rest, first, form }, i) => ({ to: PREFIXES[form]?.(i) ?? assert.fail(), rest, first }));

const writtenOf = ({ to, rest, first }: Item): unknown => {
  if (Object.keys(rest).length === 0) return first ? to : { to };
  return first ? { to, ...rest } : { ...rest, to };
};

/** A list in the ways in which programs write one. */
const FORMS: Readonly<Record<string, (values: readonly unknown[]) => string>> = {
  'one line': (values) => JSON.stringify(values),
  'many lines': (values) => JSON.stringify(values, undefined, 2),
  'an item a line': (values) => `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]\n`,
  'JSON lines': (values) => values.map((value) => `${JSON.stringify(value)}\n`).join(''),
  'JSON lines with space': (values) => ` ${values.map((value) => JSON.stringify(value, undefined, 1)).join(' \r\n\n')}`,
  escaped: (values) => JSON.stringify(values).replaceAll('/', '\\/'),
};

const ENTRY = { dev: 'eth9' };

describe('JSON lists', () => {
  for (const [form, write] of Object.entries(FORMS)) {
    test(`of ${form} are the routes that their items say`, async () => {
      await fc.assert(
        fc.asyncProperty(items, async (written) => {
          const all = itemsOf(written);
          const listed = await loadList(ENTRY, write(all.map(writtenOf)));
          const spelled = await loadRoutes(
            all.map(({ to, rest }) => {
              const hasWay = ['nhid', 'nexthops', 'type'].some((key) => key in rest);
              return { to, ...(hasWay ? {} : ENTRY), ...rest };
            }),
          );
          assert.deepEqual(bareRoutes(listed), bareRoutes(spelled));
        }),
        { seed, numRuns: Math.ceil(numRuns / 3) },
      );
    });
  }

  test('are read as JSON.parse reads them, whatever has happened to a character', async () => {
    const change = fc.record({
      at: fc.nat(),
      size: fc.nat(2),
      text: fc.oneof(
        fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '/', '1', ' ', '\\', ''),
        fc.string({ maxLength: 2 }),
      ),
    });
    let [good, bad] = [0, 0];
    await fc.assert(
      fc.asyncProperty(items, change, fc.boolean(), async (written, { at, size, text: put }, pretty) => {
        const values = itemsOf(written).map(writtenOf);
        const text = JSON.stringify(values, undefined, pretty ? 1 : undefined);
        const place = 1 + (at % (text.length - 1));
        const changed = text.slice(0, place) + put + text.slice(place + size);
        let parsed: unknown;
        try {
          parsed = JSON.parse(changed);
        } catch {
          // one comma too many is borne
          if (/,\s*\]\s*$/.test(changed)) return;
          assert.notDeepEqual(await problemsOf(loadList(ENTRY, changed)), [], changed);
          bad++;
          return;
        }
        if (!Array.isArray(parsed)) return;
        const problems = await problemsOf(loadList(ENTRY, changed));
        // in a form of its own, in which no item is like another for the scanner
        const plain = `[${parsed.map((value, i) => ' '.repeat(i + 1) + JSON.stringify(value, undefined, i + 1)).join(',')}]`;
        const expected = await problemsOf(loadList(ENTRY, plain));
        const messages = (all: readonly string[]) =>
          all.map((problem) => problem.replace(/l:\d+:\d+/g, 'l')).toSorted();
        const known = messages(problems).filter((problem) => !problem.includes('NR_DUPLICATE_KEY'));
        if (known.length === problems.length) assert.deepEqual(known, messages(expected), changed);
        if (problems.length > 0) return;
        assert.deepEqual(bareRoutes(await loadList(ENTRY, changed)), bareRoutes(await loadList(ENTRY, plain)), changed);
        good++;
      }),
      { seed, numRuns: 3 * numRuns },
    );
    assert.ok(good > numRuns / 10 && bad > numRuns / 10, `${good} lists were read, ${bad} were not`);
  });

  test('are columns where items are alike, each route at its own item', async () => {
    const values = Array.from({ length: 300 }, (_, i) => ({
      to: `10.0.${i % 256}.0/24`,
      via: `192.0.2.${i % 3}`,
      metric: 1 + (i >> 8),
    }));
    for (const write of Object.values(FORMS)) {
      const text = write(values);
      const { listed, objects } = await loadList({ dev: 'e' }, text);
      assert.deepEqual(listed?.lists.map(countRows).toSorted(), [14, 15, 15, 85, 85, 86]);
      const starts = text.split('\n');
      for (const { source } of objects.route)
        assert.equal(starts[source.line - 1]?.[source.column - 1], '{', `${source.line}:${source.column}`);
      assert.equal(new Set(objects.route.map(({ source }) => JSON.stringify(source))).size, 300);
    }
  });

  test('may be what ip -j route show prints', async () => {
    const printed = [
      { dst: '172.16.3.0/24', gateway: '10.0.9.9', dev: 'u0', table: '100', prefsrc: '10.0.0.1', flags: ['onlink'] },
      { dst: '10.0.0.0/24', dev: 'u0', protocol: 'kernel', scope: 'link', prefsrc: '10.0.0.1', flags: [] },
      {
        dst: '172.16.0.0/24',
        gateway: '10.0.0.2',
        dev: 'u0',
        protocol: 'boot',
        scope: 'global',
        flags: ['linkdown'],
        metrics: [{ mtu: 1400, ecn: null, congestion: 'reno' }],
      },
      {
        dst: '172.16.1.0/24',
        flags: [],
        nexthops: [
          { gateway: '10.0.0.2', dev: 'u0', weight: 3, flags: [] },
          { gateway: '10.0.0.3', dev: 'u0', weight: 1, flags: ['dead'] },
        ],
      },
      {
        dst: '172.16.2.0/24',
        tos: '0x10',
        via: { family: 'inet6', host: 'fe80::1' },
        dev: 'u0',
        flags: [],
        flow: { from: '3', to: '4' },
      },
      {},
      { type: 'blackhole', dst: '172.16.4.0/24', flags: [] },
      { dst: '172.16.5.0/24', nhid: 7, gateway: '10.0.0.5', dev: 'u0', flags: [], nh_info: { id: 7 } },
      { type: 'local', dst: '10.0.0.1', dev: 'u0', table: 'local', protocol: 'kernel', scope: 'host', flags: [] },
      { dst: 'default', dev: 'u0', metric: 1024, flags: [], pref: 'medium' },
      { type: 'unreachable', dst: '2400:2::/32', dev: 'lo', metric: 1024, flags: [], error: -113, pref: 'low' },
      { type: 'local', dst: '172.16.6.1', dev: 'lo', scope: 'host', flags: [] },
    ];
    const spelled = await loadRoutes([
      { to: '172.16.3.0/24', via: '10.0.9.9', dev: 'u0', table: 100, src: '10.0.0.1', onlink: true },
      { to: '172.16.0.0/24', via: '10.0.0.2', dev: 'u0', mtu: 1400, features: 'ecn', congctl: 'reno' },
      {
        to: '172.16.1.0/24',
        nexthops: [
          { via: '10.0.0.2', dev: 'u0', weight: 3 },
          { via: '10.0.0.3', dev: 'u0' },
        ],
      },
      { to: '172.16.2.0/24', tos: 16, via: 'fe80::1', dev: 'u0', realm: '3/4' },
      { to: '172.16.4.0/24', type: 'blackhole' },
      { to: '172.16.5.0/24', nhid: 7 },
      { to: '::/0', dev: 'u0' },
      { to: '2400:2::/32', type: 'unreachable', pref: 'low' },
      { to: '172.16.6.1', type: 'local', dev: 'lo', table: 'main' },
    ]);
    const [text, lines] = [JSON.stringify(printed), printed.map((route) => JSON.stringify(route)).join('\n')];
    for (const list of [text, lines]) assert.deepEqual(bareRoutes(await loadList({}, list)), bareRoutes(spelled));
    const elsewhere = await loadList({ table: 9 }, '[{"dst":"10.0.0.0/8","gateway":"192.0.2.1"}]');
    assert.equal(elsewhere.objects.route[0]?.object.table, 9, 'what is not printed is as the entry says');
    assert.equal(elsewhere.objects.route[0].object.protocol, 110);
  });

  test('tell what is wrong with them, at its place', async () => {
    const problems = async (list: string): Promise<readonly string[]> =>
      (await problemsOf(loadList({ dev: 'e' }, list))).map((text) => text.replace(/ \(.*\)$/, ''));
    assert.deepEqual(
      await problems(
        '[\n  "10.0.0.0/8",\n  {"to": "10.1.0.1/16"}, {"to": "10.2.0.0/16", "metrik": 5},\n  {"via": "x"}, 7,\n  {"dst": "10.3.0.0/16", "encap": "mpls"},\n  {"to": "10.4.0.0/16", "metric": "5", "metric": 6},\n  {"to": "10.5.0.0/16",\n   "via": "10.0.0.x", "table": "nowhere"},\n  {"to": "10.6.0.0/16", "metric": "many"}\n]',
      ),
      [
        'l:3:10 NR_HOST_BITS "10.1.0.1/16" has bits set behind its length',
        'l:3:48 NR_UNKNOWN_KEY unknown key "metrik" in the route',
        'l:4:3 NR_SCHEMA a route of a list needs a destination',
        'l:4:17 NR_SCHEMA an item of a list must be a prefix in quotes, or a mapping',
        'l:5:26 NR_BAD_VALUE "encap" of ip -j is not read',
        'l:6:40 NR_DUPLICATE_KEY key "metric" is here for the second time',
        'l:8:11 NR_BAD_PREFIX via "10.0.0.x" is not an IP address',
        'l:8:32 NR_UNKNOWN_NAME table "nowhere" is not known',
        'l:9:35 NR_SCHEMA metric must be a whole number, not "many"',
      ],
    );
    assert.deepEqual(await problems('["10.0.0.0/8" "10.1.0.0/16"]'), [
      'l:1:15 NR_YAML not JSON: a comma or ] is missing here',
    ]);
    assert.deepEqual(await problems('["10.0.0.0/8",\n{"to": "10.1.0.0/16"'), [
      'l:2:1 NR_YAML not JSON: what begins here does not end',
    ]);
    assert.deepEqual(await problems('["10.0.0.0/8"'), ['l:1:14 NR_YAML not JSON: a comma or ] is missing here']);
    assert.deepEqual(await problems('["10.0.0.0/8"]\n]'), [
      'l:2:1 NR_YAML not JSON: the list is over, but the file is not',
    ]);
    assert.deepEqual(await problems('"10.0.0.0/8"\n,"10.1.0.0/16"'), [
      'l:2:1 NR_YAML not JSON: a value is missing here',
    ]);
    assert.deepEqual(await problems('{"to": 10.0.0.0/8}'), ['l:1:1 NR_YAML not JSON: "{\\"to\\": 10.0.0.0/8}"']);
    assert.deepEqual(await problems('{"to_file": "m"}'), [
      'l:1:2 NR_BAD_VALUE a list holds routes of IPv4 and IPv6 alone',
    ]);
    assert.match((await problems('[]'))[0] ?? '', /NR_EMPTY_FILE/);
  });
});
