import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { listContent } from '../../src/cli/read-list.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { addressBits, familyOf, formatPrefix, maskBytes, parseAddress } from '../../src/model/ip.ts';
import { countRows } from '../../src/model/prefix-columns.ts';
import { type Keys, problemsOf } from './list-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.LIST_RUNS ?? 300);
const names = createNameTables();

/** A record of the MRT format (RFC 6396 section 2). */
const record = (type: number, subtype: number, body: Uint8Array): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt32BE(1_700_000_000, 0);
  header.writeUInt16BE(type, 4);
  header.writeUInt16BE(subtype, 6);
  header.writeUInt32BE(body.length, 8);
  return Buffer.concat([header, body]);
};

/** PEER_INDEX_TABLE of a collector without a name and without peers. */
const PEERS = record(13, 1, Buffer.alloc(8));

/** A prefix and the bits of its address that do not count, as a RIB entry without routes. */
const ribOf = (bytes: Uint8Array, length: number, addPath = false): Buffer => {
  const body = Buffer.concat([
    Buffer.from([0, 0, 0, 9, length]),
    bytes.subarray(0, (length + 7) >> 3),
    Buffer.from([0, 0]),
  ]);
  const subtype = bytes.length === 4 ? 2 : 4;
  return record(13, addPath ? subtype + 6 : subtype, body);
};

const rib = (prefix: string, addPath = false): Buffer => {
  const [address = '', length] = prefix.split('/');
  return ribOf(parseAddress(address) ?? assert.fail(), Number(length), addPath);
};

const loadDump = (entry: Keys, dump: Buffer): Promise<Desired> =>
  loadDesired({
    files: ['a.yaml'],
    names,
    readFile: async () => `version: 1\nroutes:\n  - ${JSON.stringify({ to_file: 'l', ...entry })}\n`,
    readList: async () => listContent(dump, names),
    listDirectory: async () => undefined,
  });

const ENTRY = { type: 'blackhole' };

describe('a table in the MRT format', () => {
  test('is its prefixes, each once, bits behind their lengths aside', async () => {
    const prefixes = fc.oneof(
      fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 128 })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(prefixes, { minLength: 1, maxLength: 30 }), fc.boolean(), async (written, addPath) => {
        const records = [...written, ...written.slice(0, 3)].map(([bytes, length]) => ribOf(bytes, length, addPath));
        const { objects } = await loadDump(ENTRY, Buffer.concat([PEERS, ...records]));
        const expected = written.map(([bytes, length]) => formatPrefix(maskBytes(bytes, length), length));
        assert.deepEqual(objects.route.map(({ object: { to } }) => to).toSorted(), [...new Set(expected)].toSorted());
      }),
      { seed, numRuns },
    );
  });

  test('is columns, of the family that the entry names', async () => {
    const prefixes = ['10.0.0.0/8', '2001:db8::/32', '10.1.0.0/16', '2001:db8:1::/48', '10.1.0.0/16'];
    const dump = Buffer.concat([PEERS, record(16, 4, Buffer.alloc(5)), ...prefixes.map((prefix) => rib(prefix))]);
    const both = await loadDump(ENTRY, dump);
    assert.deepEqual(both.listed?.lists.map(countRows), [2, 2]);
    assert.deepEqual(both.objects.route[0]?.source, { file: 'l', line: 3, column: 1 }, 'the number of its record');
    const one = await loadDump({ via: '192.0.2.1', family: 'inet' }, dump);
    assert.deepEqual(
      one.objects.route.map(({ object: { to } }) => to),
      prefixes.filter((prefix) => familyOf(prefix) === 'inet').slice(0, 2),
    );
    assert.deepEqual(await problemsOf(loadDump({ via: '192.0.2.1' }, dump)), [
      'a.yaml:3:26 NR_CONTRADICTION an IPv6 route cannot go by the IPv4 gateway 192.0.2.1',
    ]);
  });

  test('tells what cannot be read of it', async () => {
    const dump = Buffer.concat([PEERS, rib('10.0.0.0/8')]);
    const problem = async (bytes: Buffer) =>
      (await problemsOf(loadDump(ENTRY, bytes))).map((text) => text.replace(/^\S+ /, ''));
    assert.deepEqual(await problem(dump.subarray(0, -1)), [
      'NR_FILE cannot read l: byte 20: the last record is cut off',
    ]);
    const long = Buffer.concat([
      PEERS,
      record(13, 2, Buffer.from([0, 0, 0, 0, addressBits('inet') + 1, 1, 2, 3, 4, 5])),
    ]);
    assert.deepEqual(await problem(long), ['NR_FILE cannot read l: byte 32: a prefix of 33 bits']);
    assert.match((await problem(PEERS))[0] ?? '', /NR_EMPTY_FILE/);
    assert.deepEqual(await problem(Buffer.from('1f8b0800', 'hex')), [
      'NR_FILE cannot read l: it is compressed: unpack it first',
    ]);
  });

  test('is read, or refused as a file is, whatever has happened to its bytes', async () => {
    const dump = Buffer.concat([PEERS, ...['10.0.0.0/8', '2001:db8::/32', '10.1.0.0/16'].map((prefix) => rib(prefix))]);
    const change = fc.record({ at: fc.nat(dump.length - 8), put: fc.uint8Array({ maxLength: 4 }), cut: fc.nat(8) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, put, cut }) => {
        const changed = Buffer.concat([dump.subarray(0, 8 + at), put, dump.subarray(8 + at + cut)]);
        // anything but a ConfigError is thrown on
        await problemsOf(loadDump(ENTRY, changed));
      }),
      { seed, numRuns: 3 * numRuns },
    );
  });
});
