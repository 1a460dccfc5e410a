import { NetreconError } from '../../model/errors.ts';
import type { Family } from '../../model/ip.ts';
import { emptyRows, type PrefixRows, type TakePrefix, wordsOf } from '../../model/prefix-columns.ts';
import type { SavedRoutes } from './saved-list.ts';

/** RFC 6396: u32 timestamp, u16 type, u16 subtype, u32 length, all in network order. */
const HEADER_LENGTH = 12;
const TABLE_DUMP_V2 = 13;
const PEER_INDEX_TABLE = 1;

/** Subtypes of TABLE_DUMP_V2 that hold a prefix of unicast routes (RFC 6396 4.3.2, RFC 8050 4.1). */
const RIBS: ReadonlyMap<number, Family> = new Map([
  [2, 'inet'],
  [4, 'inet6'],
  [8, 'inet'],
  [10, 'inet6'],
]);

/** Behind the sequence number of a record, u32. */
const PREFIX_LENGTH = 4;

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Whether bytes are a table of routes in the MRT format: they begin with the peers that it was learnt from. */
export const isMrtTable = (bytes: Uint8Array): boolean => {
  if (bytes.length < HEADER_LENGTH) return false;
  const view = viewOf(bytes);
  return view.getUint16(4) === TABLE_DUMP_V2 && view.getUint16(6) === PEER_INDEX_TABLE;
};

const broken = (at: number, what: string): NetreconError => new NetreconError('NR_DECODE', `byte ${at}: ${what}`);

/** Reads the prefix of a record into one row; bits behind its length are of no meaning (RFC 6396 4.3.2). */
const readPrefix = (bytes: Uint8Array, at: number, end: number, rows: PrefixRows): void => {
  const length = bytes[at + PREFIX_LENGTH] as number;
  const octets = (length + 7) >> 3;
  const first = at + PREFIX_LENGTH + 1;
  if (length > 32 * rows.words || first + octets > end) throw broken(at, `a prefix of ${length} bits`);
  for (let word = 0; word < rows.words; word++) {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const octet = 4 * word + i;
      value = (value << 8) | (octet < octets ? (bytes[first + octet] as number) : 0);
    }
    const bits = Math.min(32, Math.max(0, length - 32 * word));
    rows.to[word] = bits === 0 ? 0 : value & (0xffffffff << (32 - bits));
  }
  rows.length[0] = length;
};

/** The prefixes of a table of routes in the MRT format (TABLE_DUMP_V2); their ways are not looked at. */
export const mrtRoutes =
  (bytes: Uint8Array): SavedRoutes =>
  (takerOf) => {
    const view = viewOf(bytes);
    const takers = new Map<Family, readonly [PrefixRows, TakePrefix]>();
    let number = 0;
    for (let at = 0, end = 0; at < bytes.length; at = end) {
      number++;
      end = at + HEADER_LENGTH <= bytes.length ? at + HEADER_LENGTH + view.getUint32(at + 8) : bytes.length + 1;
      if (end > bytes.length) throw broken(at, 'the last record is cut off');
      const found = view.getUint16(at + 4) === TABLE_DUMP_V2 ? RIBS.get(view.getUint16(at + 6)) : undefined;
      if (found === undefined) continue;
      const taker =
        takers.get(found) ??
        ([emptyRows(wordsOf(found)), takerOf({ family: found, keys: {}, repeats: true }, number)] as const);
      takers.set(found, taker);
      const [rows, take] = taker;
      readPrefix(bytes, at + HEADER_LENGTH, end, rows);
      take(rows, number);
    }
  };
