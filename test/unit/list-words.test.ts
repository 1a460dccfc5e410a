import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ColumnBuilder } from '../../src/model/column-builder.ts';
import type { Desired } from '../../src/model/desired.ts';
import { countRows, rowsOfPrefix } from '../../src/model/prefix-columns.ts';
import { haveCommonPrefix } from '../../src/model/prefix-merge.ts';
import { bareRoutes, type Keys, loadList, loadRoutes, problemsOf } from './list-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.LIST_RUNS ?? 300);
const loadLines = (entry: Keys, lines: readonly string[]): Promise<Desired> => loadList(entry, lines.join('\n'));

/** Words of a line, and the same as keys of a routes entry. */
interface Part {
  readonly type?: string;
  readonly words: string;
  readonly keys: Keys;
}

const WAYS: readonly Part[] = [
  { words: 'via 10.0.0.2 dev eth1', keys: { via: '10.0.0.2', dev: 'eth1' } },
  { words: 'via 10.0.0.3', keys: { via: '10.0.0.3' } },
  { words: 'via inet 10.0.0.4 dev eth2 onlink', keys: { via: '10.0.0.4', dev: 'eth2', onlink: true } },
  { words: 'via inet6 fe80::1 dev eth2', keys: { via: 'fe80::1', dev: 'eth2' } },
  { words: 'oif eth3', keys: { dev: 'eth3' } },
  { words: 'nhid 7', keys: { nhid: 7 } },
  { type: 'blackhole', words: '', keys: { type: 'blackhole' } },
  { type: 'unreachable', words: 'dev lo error -113', keys: { type: 'unreachable', dev: 'lo' } },
  { type: 'unicast', words: 'dev eth3', keys: { type: 'unicast', dev: 'eth3' } },
];

const MORE: readonly Part[] = [
  { words: 'metric 20', keys: { metric: 20 } },
  { words: 'priority 0x15', keys: { metric: 21 } },
  { words: 'table 100', keys: { table: 100 } },
  { words: 'table default', keys: { table: 'default' } },
  { words: 'src 10.0.0.1', keys: { src: '10.0.0.1' } },
  { words: 'proto static', keys: { protocol: 'static' } },
  { words: 'scope link', keys: { scope: 'link' } },
  { words: 'tos 0x10', keys: { tos: 16 } },
  { words: 'realms 3/4', keys: { realm: '3/4' } },
  { words: 'mtu 1400', keys: { mtu: 1400 } },
  { words: 'mtu lock 1300', keys: { mtu: 1300, lock: ['mtu'] } },
  { words: 'rtt 2s', keys: { rtt: 2000 } },
  { words: 'congctl reno', keys: { congctl: 'reno' } },
  { words: 'quickack 1 linkdown', keys: { quickack: 1 } },
  { words: 'features ecn', keys: { features: 'ecn' } },
];

const line = fc.record({
  host: fc.boolean(),
  way: fc.constantFrom(...WAYS),
  more: fc.uniqueArray(fc.constantFrom(...MORE), { maxLength: 3, selector: ({ keys }) => Object.keys(keys)[0] }),
  gap: fc.constantFrom(' ', ' ', '  ', '\t'),
  end: fc.constantFrom('', '', ' # why', ' ', '\r', '#'),
  before: fc.constantFrom('', '', '  ', '\n', '# other\n'),
});
type Line = typeof line extends fc.Arbitrary<infer T> ? T : never;

const prefixOf = ({ host }: Line, i: number): string => (host ? `172.17.${i}.7` : `172.16.${i}.0/24`);

const lineOf = (of: Line, i: number): string => {
  const words = [of.way.type ?? '', prefixOf(of, i), of.way.words, ...of.more.map((part) => part.words)];
  return `${of.before}${words
    .filter((word) => word !== '')
    .join(' ')
    .replaceAll(' ', of.gap)}${of.end}`;
};

const entryOf = (of: Line, i: number, shared: Keys): Keys =>
  Object.assign({ to: prefixOf(of, i) }, shared, of.way.keys, ...of.more.map(({ keys }) => keys));

describe('words behind a prefix of a list', () => {
  test('are the keys of an entry', async () => {
    const shared = fc.constantFrom<Keys>({}, { adopt: true }, { metric: 9 }, { state: 'absent' }, { hoplimit: 33 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), shared, async (written, entry) => {
        const listed = await loadLines(entry, written.map(lineOf));
        const spelled = await loadRoutes(written.map((of, i) => entryOf(of, i, entry)));
        assert.deepEqual(bareRoutes(listed), bareRoutes(spelled));
      }),
      { seed, numRuns },
    );
  });

  test('make one list of all routes that say the same, of each family', async () => {
    const lines = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? `2001:db8:${i}::/48` : `10.0.${i}.0/24 metric ${i % 3}  via 192.0.2.${i % 3} # route ${i}`,
    );
    const { listed, objects } = await loadLines({ type: 'blackhole' }, lines);
    assert.deepEqual(listed?.lists.map(countRows), [20, 20, 20]);
    assert.deepEqual(
      objects.route.find(({ object }) => object.to === '10.0.4.0/24')?.source,
      { file: 'l', line: 5, column: 1 },
      'each at its own line',
    );
    const many = Array.from({ length: 1030 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24 metric ${i}`);
    const tooMany = await loadLines({ type: 'blackhole' }, [...many, '10.9.0.0/24', '10.9.1.0/24']);
    assert.equal(tooMany.listed?.lists.length, 1024);
    assert.deepEqual(tooMany.listed.lists.map(countRows).slice(-1), [2], 'the largest');
    assert.equal(tooMany.objects.route.length, 1032);
  });

  test('go before what the entry says, and a way takes the place of its way', async () => {
    const way = async (entry: Keys, words: string): Promise<string> => {
      const { objects } = await loadLines(entry, [words]);
      const { type, hops, nhid, table } = objects.route[0]?.object ?? assert.fail();
      const [hop] = hops;
      return [type, hop?.via, hop?.dev, hop?.onlink, nhid, table].map((part) => part ?? '-').join(' ');
    };
    const entry = { via: '10.0.0.1', dev: 'e', onlink: true, table: 7 };
    assert.equal(await way(entry, '10.1.0.0/16'), 'unicast 10.0.0.1 e true - 7');
    assert.equal(await way(entry, '10.1.0.0/16 via 10.0.0.2'), 'unicast 10.0.0.2 e true - 7');
    assert.equal(await way(entry, '10.1.0.0/16 dev f'), 'unicast - f - - 7');
    assert.equal(await way(entry, '10.1.0.0/16 via 10.0.0.2 dev f'), 'unicast 10.0.0.2 f - - 7');
    assert.equal(await way(entry, '10.1.0.0/16 nhid 3'), 'unicast - - - 3 7');
    assert.equal(await way(entry, 'throw 10.1.0.0/16 table 9'), 'throw - - - - 9');
    assert.equal(await way({ nhid: 3 }, '10.1.0.0/16 via 10.0.0.2'), 'unicast 10.0.0.2 - - - 254');
    assert.equal(await way({ type: 'blackhole' }, '10.1.0.0/16 dev f'), 'unicast - f - - 254');
    assert.equal(await way({ nexthops: [{ dev: 'a' }, { dev: 'b' }] }, '10.1.0.0/16 dev f'), 'unicast - f - - 254');
  });

  test('tell the family of a default route', async () => {
    const to = async (entry: Keys, words: string) => (await loadLines(entry, [words])).objects.route[0]?.object.to;
    assert.equal(await to({}, 'default via 10.0.0.1'), '0.0.0.0/0');
    assert.equal(await to({ dev: 'e' }, 'default via fe80::1'), '::/0');
    assert.equal(await to({ family: 'inet6', dev: 'e' }, 'default'), '::/0');
  });

  test('are refused at their places, all at once', async () => {
    const lines = [
      '10.1.0.0/16 gw 10.0.0.2',
      '10.2.0.0/16 via 10.0.0.2 metrik 5',
      '  10.3.0.0/16 metric',
      '10.4.0.0/16 metric many',
      '10.5.0.0/16 via 10.0.0.x dev e',
      '10.6.0.0/16 via 10.0.0.2 via 10.0.0.3',
      '10.7.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.0.3',
      'blackhole 10.8.0.0/16 via 10.0.0.2',
      'blackhole',
      '10.9.0.0/16 table nowhere',
      '2001:db8::/32 dev e tos 4',
      'blackhole 10.300.0.0/16',
    ];
    const wanted = [
      'l:1:13 NR_UNKNOWN_KEY unknown word "gw"',
      'l:2:26 NR_UNKNOWN_KEY unknown word "metrik" (did you mean "metric"?)',
      'l:3:15 NR_BAD_VALUE "metric" needs a value',
      'l:4:20 NR_SCHEMA metric must be a whole number, not "many"',
      'l:5:17 NR_BAD_PREFIX via "10.0.0.x" is not an IP address',
      'l:6:26 NR_DUPLICATE_KEY "via" is here for the second time',
      'l:7:13 NR_BAD_VALUE a line of a list takes no "nexthop"',
      'l:8:27 NR_CONTRADICTION via does not go with type blackhole',
      'l:9:1 NR_BAD_PREFIX "blackhole" needs a destination',
      'l:10:19 NR_UNKNOWN_NAME table "nowhere" is not known',
      'l:11:25 NR_CONTRADICTION an IPv6 route has no tos',
      'l:12:11 NR_BAD_PREFIX "10.300.0.0/16" is not an IP prefix',
    ];
    const problems = await problemsOf(loadLines({ via: '10.0.0.1' }, lines));
    assert.deepEqual(
      problems.map((text, i) => text.slice(0, wanted[i]?.length)),
      wanted,
    );
  });

  test('share what is wrong with their entry', async () => {
    const lines = Array.from({ length: 5 }, (_, i) => `10.${i}.0.0/16 metric ${i}`);
    assert.deepEqual(await problemsOf(loadLines({ via: '10.0.0.1', src: 'me' }, lines)), [
      'a.yaml:3:43 NR_BAD_PREFIX src "me" is not an IP address',
    ]);
    assert.deepEqual(
      await problemsOf(loadLines({ type: 'blackhole' }, ['10.1.0.0/16 metric 5', '10.1.0.0/16 metric 5'])),
      ['l:2:1 NR_DUPLICATE route 10.1.0.0/16 metric 5 is declared twice (first at l:1:1)'],
    );
    const twice = ['10.1.0.0/16 mtu 1400', '10.2.0.0/16', '10.1.0.0/16'];
    assert.deepEqual(await problemsOf(loadLines({ type: 'blackhole' }, twice)), [
      'l:3:1 NR_DUPLICATE route 10.1.0.0/16 is declared twice (first at l:1:1)',
    ]);
  });
});

test('columns have a prefix in common if one is in two of them', () => {
  const numbers = fc.array(fc.uniqueArray(fc.nat(200), { maxLength: 20 }), { maxLength: 6 });
  fc.assert(
    fc.property(numbers, (lists) => {
      const columns = lists.map((list) => {
        const builder = new ColumnBuilder(1);
        for (const i of list) builder.add(rowsOfPrefix(`10.0.${i}.0/24`), 1);
        return builder.finish() ?? assert.fail();
      });
      assert.equal(haveCommonPrefix(columns), new Set(lists.flat()).size < lists.flat().length);
    }),
    { seed, numRuns: 1000 },
  );
});
