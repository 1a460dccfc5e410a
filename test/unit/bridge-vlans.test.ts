import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Link } from '../../src/model/link.ts';
import { bridgePort } from '../../src/model/link-kinds/bridge-port.ts';
import {
  followDefaultPvid,
  readVlans,
  type VlanRange,
  vlanChange,
  vlansInBetween,
  writeVlans,
} from '../../src/model/link-kinds/bridge-vlans.ts';
import type { Value } from '../../src/model/value.ts';
import { readVlanMessage } from '../../src/netlink/families/bridge-vlan.ts';
import { EncodeError } from '../../src/netlink/wire/codec-errors.ts';
import { vlanSteps } from '../../src/reconcile/plan/vlan-ops.ts';
import { assertDamageIsFound, encode, namesOf } from './codecs-support.ts';
import { optionValue } from './option-values.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const NAMES = namesOf({ 4: 'p0' });
const spec = bridgePort.vlans;
assert.ok(spec !== undefined);
const list = optionValue(spec, fc.constant('p0'));

const routerOf = (router: Value): VlanRange['options'] => (router === 1 ? {} : { mcast_router: router });

/** Lists as of a port with vlan_tunnel: some of the VLANs 1 to 9, ids from a pool that is as small. */
const mapped: fc.Arbitrary<Value> = fc
  .record({
    vids: fc.uniqueArray(fc.integer({ min: 1, max: 9 })),
    ids: fc.shuffledSubarray([1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009]),
    pvid: fc.integer({ min: 0, max: 9 }),
    router: fc.constantFrom(0, 1, 2),
  })
  .map(({ vids, ids, pvid, router }) =>
    writeVlans(
      vids.map((vid, i) => ({
        first: vid,
        last: vid,
        pvid: vid === pvid,
        untagged: vid % 2 === 0,
        ...(ids[i] === undefined ? {} : { tunnel: ids[i] }),
        options: routerOf(vid % 3 === 0 ? router : 1),
      })),
    ),
  );

/** A port as the kernel has it (br_vlan.c, br_vlan_tunnel.c): VLANs by id, the pvid apart, no tunnel id twice. */
const createPort = (vlans: Value) => {
  const held = new Map<number, { untagged: boolean; tunnel: number | undefined; router: Value }>();
  let pvid = 0;
  const each = ({ first, last }: VlanRange, visit: (vid: number) => void): void => {
    for (let vid = first; vid <= last; vid++) visit(vid);
  };
  const set = (range: VlanRange): void =>
    each(range, (vid) => {
      const old = held.get(vid);
      const tunnel = range.tunnel === undefined ? undefined : range.tunnel + vid - range.first;
      if (tunnel !== undefined && tunnel !== old?.tunnel) {
        assert.equal(old?.tunnel, undefined, 'EEXIST: the VLAN has a tunnel');
        assert.ok(![...held.values()].some((other) => other.tunnel === tunnel), 'EEXIST: the id has a VLAN');
      }
      const router = range.options.mcast_router ?? old?.router ?? 1;
      held.set(vid, { untagged: range.untagged, tunnel: tunnel ?? old?.tunnel, router });
      if (range.pvid) pvid = vid;
      else if (pvid === vid) pvid = 0;
    });
  readVlans(vlans).forEach(set);
  return {
    unmap: (range: VlanRange) => each(range, (vid) => Object.assign(held.get(vid) ?? {}, { tunnel: undefined })),
    set,
    remove: (range: VlanRange) =>
      each(range, (vid) => {
        assert.ok(held.delete(vid), `VLAN ${vid} is not there`);
        if (pvid === vid) pvid = 0;
      }),
    hasPvid: () => pvid !== 0,
    vlans: () =>
      writeVlans(
        [...held].map(([vid, { untagged, tunnel, router }]) => ({
          first: vid,
          last: vid,
          pvid: vid === pvid,
          untagged,
          ...(tunnel === undefined ? {} : { tunnel }),
          options: routerOf(router),
        })),
      ),
  };
};

const portWith = (vlans: Value): Link => ({
  name: 'p0',
  index: 4,
  master: 'br0',
  port: { kind: 'bridge', options: { vlans } },
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const read = (text: string) => {
  const bytes = new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));
  return readVlanMessage({ type: 112, flags: 0, bytes, start: 0, end: bytes.length }, NAMES);
};

/** Linux 6.1, a port: 1 pvid untagged, 10-11 with tunnel ids 1010-1011, 12 with 1012 and mcast_router 2. */
const KERNEL = `8c000000 70000200 02000000 e1020000 07000000 04000000 1c000180 08000100
  06000100 05000300 03000000 05000600 01000000 30000180 08000100 00000a00
  06000200 0b000000 05000300 03000000 0c000480 08000100 f2030000 05000600
  01000000 28000180 08000100 00000c00 05000300 03000000 0c000480 08000100
  f4030000 05000600 02000000`;

describe('lists of VLANs', () => {
  it('are written in one way only', () => {
    fc.assert(
      fc.property(list, (vlans) => assert.deepEqual(writeVlans(readVlans(vlans)), vlans)),
      { seed },
    );
    assert.deepEqual(writeVlans(readVlans([3, 1, { vid: 2 }, { vid: '10-11', tunnel_info: { id: 5 } }])), [
      '1-3',
      { vid: '10-11', tunnel_info: { id: '5-6' } },
    ]);
  });

  it('become one another as the kernel takes it, with a pvid all the time where both have one', () => {
    fc.assert(
      fc.property(mapped, mapped, (before, after) => {
        const port = createPort(before);
        const { unmapped, set, removed } = vlanChange(before, after);
        const always = port.hasPvid() && readVlans(after).some(({ pvid }) => pvid);
        const watch = () => assert.ok(!always || port.hasPvid(), 'no pvid for a while');
        for (const range of unmapped) port.unmap(range);
        for (const range of set) {
          port.set(range);
          watch();
        }
        assert.deepEqual(port.vlans(), vlansInBetween(before, after), 'in between');
        for (const range of removed) {
          port.remove(range);
          watch();
        }
        assert.deepEqual(port.vlans(), after);
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('take at most two messages, none where nothing differs', () => {
    fc.assert(
      fc.property(mapped, mapped, (before, after) => {
        const steps = vlanSteps(portWith(after), portWith(before), undefined);
        assert.equal(steps.length === 0, JSON.stringify(before) === JSON.stringify(after));
        for (const { object, before: from, field } of steps) {
          encode({ kind: 'link', action: 'update', stage: 'vlans', object, before: from, fields: [field] }, NAMES);
        }
      }),
      { seed },
    );
  });

  it('follow vlan_default_pvid where they are what it made them', () => {
    const untouched = [{ vid: 1, pvid: true, untagged: true }, 10];
    assert.deepEqual(followDefaultPvid(untouched, 1, 7), [{ vid: 7, pvid: true, untagged: true }, 10]);
    assert.deepEqual(followDefaultPvid(untouched, 1, 0), [10]);
    assert.deepEqual(followDefaultPvid(untouched, 1, 10), untouched, 'the new one is taken');
    assert.deepEqual(followDefaultPvid([{ vid: 1, pvid: true }], 1, 7), [{ vid: 1, pvid: true }], 'tagged by hand');
    assert.deepEqual(followDefaultPvid([{ vid: 3, pvid: true }], 0, 7), [3, { vid: 7, pvid: true, untagged: true }]);
  });
});

describe('messages about VLANs', () => {
  it('decode to what the commands asked for', () => {
    const { index, parts } = read(KERNEL);
    assert.equal(index, 4);
    assert.deepEqual(writeVlans(parts), [
      { vid: 1, pvid: true, untagged: true },
      { vid: '10-11', tunnel_info: { id: '1010-1011' } },
      { vid: 12, tunnel_info: { id: 1012 }, mcast_router: 2 },
    ]);
  });

  it('decode to the VLANs that were encoded', () => {
    fc.assert(
      fc.property(
        fc.oneof(list, mapped).filter((vlans) => (vlans as readonly Value[]).length > 0),
        (vlans) => {
          const op = { kind: 'link', action: 'update', stage: 'vlans', fields: ['port.vlans'] } as const;
          const message = encode({ ...op, object: portWith(vlans), before: portWith([]) }, NAMES);
          assert.deepEqual(writeVlans(read(hex(message)).parts), vlans);
        },
      ),
      { seed },
    );
  });

  it('say one thing, to set or to remove', () => {
    const op = { kind: 'link', action: 'update', stage: 'vlans', fields: ['port.vlans'] } as const;
    assert.throws(() => encode({ ...op, object: portWith([2]), before: portWith([1]) }, NAMES), EncodeError);
    assert.throws(() => encode({ ...op, object: portWith([1]), before: portWith([1]) }, NAMES), EncodeError);
    const removal = encode({ ...op, object: portWith([]), before: portWith(['10-12']) }, NAMES);
    // br_vlan_msg of port 4; one entry: no flags, VLAN 10, up to 12
    assert.equal(hex(removal.subarray(4, 6)), '7100');
    assert.equal(
      hex(removal.subarray(16)),
      '070000000400000014000180080001000000 0a0006000200 0c000000'.replaceAll(' ', ''),
    );
  });

  it('of other bytes decode, or say that they cannot', () =>
    assertDamageIsFound(Buffer.from(KERNEL.replace(/\s/g, ''), 'hex'), (bytes) => read(hex(bytes)), seed));
});
