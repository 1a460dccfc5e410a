import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { rowsOfPrefix } from '../../src/model/prefix-columns.ts';
import type { RouteList } from '../../src/model/route-list.ts';
import { createRowsTowards, ListRows } from '../../src/reconcile/lists/list-rows.ts';
import { loadList } from './list-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_122);

const prefix = (i: number): string => `10.0.${i}.0/24`;

const listOf = async (prefixes: readonly string[], way: object): Promise<RouteList> => {
  const { listed } = await loadList({ via: '192.0.2.1', ...way }, prefixes.join('\n'));
  const list = listed?.lists[0];
  assert.ok(list !== undefined);
  return list;
};

describe(`the rows of a list (seed ${seed})`, () => {
  it('that are chosen first are the first in the file, and those that must be', async () => {
    const scene = fc.record({
      order: fc.oneof(
        fc.constant(Array.from({ length: 20 }, (_, i) => i)),
        fc.shuffledSubarray(
          Array.from({ length: 20 }, (_, i) => i),
          { minLength: 20 },
        ),
      ),
      settled: fc.subarray(Array.from({ length: 20 }, (_, i) => i)),
      special: fc.subarray(Array.from({ length: 20 }, (_, i) => i)),
      most: fc.integer({ min: 1, max: 25 }),
      way: fc.constantFrom({}, { dev: 'up0' }),
    });
    let cut = 0;
    await fc.assert(
      fc.asyncProperty(scene, async ({ order, settled, special, most, way }) => {
        const list = await listOf(order.map(prefix), way);
        const rows = new ListRows(list);
        for (const i of settled) rows.settle(rowsOfPrefix(prefix(i)));
        const isOpen = (row: number): boolean => rows.isOpen(rowsOfPrefix(prefix(row))) || row === rows.witness;
        const mustBe = new Set(special);
        // rows are in the order of their prefixes
        const first = order.filter((row) => isOpen(row) && !mustBe.has(row)).slice(0, most);
        const wanted = [...new Set([...first, ...special.filter(isOpen), ...(rows.witness === undefined ? [] : [0])])];
        if (wanted.length < rows.open) cut++;
        assert.deepEqual(
          rows.chooseFirst(most, mustBe),
          wanted.sort((a, b) => a - b),
        );
        const inFile = [...list.line.keys()].sort((a, b) => (list.line[a] as number) - (list.line[b] as number));
        assert.deepEqual(inFile, order, 'the list is as it was');
      }),
      { seed, numRuns: 300 },
    );
    assert.ok(cut > 50, `${cut} scenes where some were left out`);
  });

  it('towards an address are found in lists of any length', async () => {
    const prefixes = ['10.0.0.0/8', '10.0.7.0/24', '10.0.7.9/32', '10.1.0.0/16', '0.0.0.0/0'];
    const more = Array.from({ length: 9000 }, (_, i) => `172.${16 + (i >> 8)}.${i & 255}.0/24`);
    for (const list of [await listOf(prefixes, {}), await listOf([...prefixes, ...more], {})]) {
      const found = createRowsTowards(['10.0.7.9'])(list).map((row) => list.length[row]);
      assert.deepEqual(found.sort(), [0, 24, 32, 8]);
      assert.deepEqual(createRowsTowards(['2001:db8::1'])(list), []);
    }
  });
});
