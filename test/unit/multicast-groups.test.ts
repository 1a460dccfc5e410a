import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MdbEntry } from '../../src/model/neighbor.ts';
import { decodeMdb } from '../../src/netlink/families/mdb.ts';
import { assertDamageIsFound, encode, namesOf } from './codecs-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const NAMES = namesOf({ 2: 'br0', 4: 'p0' });

/** Linux 6.18, the reply to a dump: a group that the kernel learned, one that was asked for, and two of the host itself. */
const DUMP = `dc000000 56000200 0b000000 9e5e0000 00000000 02000000 c4000100 34000100
  30000100 04000000 00000000 ff020000 00000000 00000001 ff857fbc 86dd0000
  08000100 74650000 05000500 02000000 34000100 30000100 04000000 01000000
  ef010101 00000000 00000000 00000000 08000000 08000100 00000000 05000500
  04000000 2c000100 28000100 02000000 00000000 ff020000 00000000 00000001
  ffc514b0 86dd0000 08000100 6a650000 2c000100 28000100 02000000 00000000
  ff020000 00000000 00000000 0000006a 86dd0000 08000100 6a650000`;

const read = (bytes: Uint8Array) => decodeMdb({ type: 86, flags: 0, bytes, start: 0, end: bytes.length }, NAMES);
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replace(/\s/g, ''), 'hex'));

/** The request for an entry, without its header. */
const request = (entry: Omit<MdbEntry, 'type' | 'dev' | 'port' | 'state'>, action: 'create' | 'delete'): string => {
  const object: MdbEntry = { type: 'mdb', dev: 'br0', port: 'p0', state: 'permanent', ...entry };
  const bytes = Buffer.from(encode({ kind: 'neighbor', action, object }, NAMES));
  return `${bytes.readUInt16LE(4)} ${bytes.subarray(16).toString('hex')}`;
};

describe('messages about multicast groups', () => {
  it('decode to every group of the bridge', () => {
    assert.deepEqual(read(bytesOf(DUMP)), [
      { type: 'mdb', dev: 'br0', port: 'p0', group: 'ff02::1:ff85:7fbc', state: 'temp' },
      { type: 'mdb', dev: 'br0', port: 'p0', group: '239.1.1.1', state: 'permanent' },
      { type: 'mdb', dev: 'br0', port: 'br0', group: 'ff02::1:ffc5:14b0', state: 'temp' },
      { type: 'mdb', dev: 'br0', port: 'br0', group: 'ff02::6a', state: 'temp' },
    ]);
  });

  it('ask for a group as struct br_mdb_entry has it', () => {
    const head = '0700000002000000' + '20000100' + '04000000';
    assert.equal(
      request({ group: '239.1.1.1', vid: 10 }, 'create'),
      `84 ${head}01000a00ef010101${'00'.repeat(12)}08000000`,
    );
    assert.equal(request({ group: '239.1.1.1' }, 'delete'), `85 ${head}01000000ef010101${'00'.repeat(12)}08000000`);
    const inet6 = `ff05${'00'.repeat(13)}05`;
    assert.equal(request({ group: 'ff05::5' }, 'create'), `84 ${head}01000000${inet6}86dd0000`);
    assert.equal(request({ group: '01:02:03:04:05:06' }, 'create'), `84 ${head}01000000010203040506${'00'.repeat(14)}`);
    assert.equal(
      request({ group: '232.1.1.1', src: '192.0.2.7' }, 'create'),
      `84 ${head}01000000e8010101${'00'.repeat(12)}08000000${'0c00028008000100c0000207'}`,
    );
  });

  it('of other bytes decode, or say that they cannot', () => assertDamageIsFound(bytesOf(DUMP), read, seed));
});
