import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Link } from '../../src/model/link.ts';
import { vxlan } from '../../src/model/link-kinds/vxlan.ts';
import { readVnis, type VniRange, vniChange, vnisInBetween, writeVnis } from '../../src/model/link-kinds/vxlan-vnis.ts';
import type { Value } from '../../src/model/value.ts';
import { readVniMessage } from '../../src/netlink/families/vxlan-vni.ts';
import { vniSteps } from '../../src/reconcile/plan/vni-ops.ts';
import { assertDamageIsFound, encode, namesOf } from './codecs-support.ts';
import { optionValue } from './option-values.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const NAMES = namesOf({ 4: 'vx0' });
const spec = vxlan.options.vnis;
assert.ok(spec !== undefined);
const list = optionValue(spec, fc.constant('vx0'));

const linkWith = (vnis: Value): Link => ({ name: 'vx0', index: 4, kind: 'vxlan', options: { vnifilter: true, vnis } });

/** VNIs of the kernel, one by one. */
const apply = (held: Map<number, string>, ranges: readonly VniRange[], action: 'set' | 'remove'): void => {
  for (const { first, last, group } of ranges) {
    for (let vni = first; vni <= last; vni++) {
      if (action === 'set') held.set(vni, group ?? '');
      else assert.ok(held.delete(vni), `VNI ${vni} is not there`);
    }
  }
};

const listOf = (held: ReadonlyMap<number, string>): Value =>
  writeVnis([...held].map(([vni, group]) => ({ first: vni, last: vni, ...(group === '' ? {} : { group }) })));

const read = (bytes: Uint8Array) => readVniMessage({ type: 120, flags: 0, bytes, start: 0, end: bytes.length }, NAMES);

const message = (after: Value, before: Value): Uint8Array => {
  const op = { kind: 'link', action: 'update', stage: 'vnis', fields: ['options.vnis'] } as const;
  return encode({ ...op, object: linkWith(after), before: linkWith(before) }, NAMES);
};

describe('lists of VNIs', () => {
  it('are written in one way only', () => {
    fc.assert(
      fc.property(list, (vnis) => assert.deepEqual(writeVnis(readVnis(vnis)), vnis)),
      { seed },
    );
  });

  it('become one another, in at most two messages', () => {
    fc.assert(
      fc.property(list, list, (before, after) => {
        const held = new Map<number, string>();
        apply(held, readVnis(before), 'set');
        const { set, removed } = vniChange(before, after);
        apply(held, set, 'set');
        assert.deepEqual(listOf(held), vnisInBetween(before, after), 'in between');
        apply(held, removed, 'remove');
        assert.deepEqual(listOf(held), after);
        const steps = vniSteps(linkWith(after), linkWith(before));
        assert.equal(steps.length === 0, JSON.stringify(before) === JSON.stringify(after));
        for (const step of steps) message(step.object.options?.vnis ?? [], step.before.options?.vnis ?? []);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('of sixteen million take no longer than of one', () => {
    const { set, removed } = vniChange(['1-16777215'], ['2-8000000', '8000002-16777215']);
    assert.deepEqual(set, []);
    assert.deepEqual(removed, [
      { first: 1, last: 1 },
      { first: 8_000_001, last: 8_000_001 },
    ]);
  });
});

describe('messages about VNIs', () => {
  it('decode to the VNIs that were encoded', () => {
    fc.assert(
      fc.property(
        list.filter((vnis) => (vnis as readonly Value[]).length > 0),
        (vnis) => {
          const { index, parts } = read(message(vnis, []));
          assert.equal(index, 4);
          assert.deepEqual(writeVnis(parts), vnis);
        },
      ),
      { seed },
    );
  });

  it('of other bytes decode, or say that they cannot', () =>
    assertDamageIsFound(message(['10-12', { vni: 20, group: '2001:db8::1' }], []), read, seed));
});
