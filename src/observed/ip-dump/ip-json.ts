import { NetreconError } from '../../model/errors.ts';
import { canonicalAddress, type Family } from '../../model/ip.ts';

/** An object as `ip -j` prints it. */
export type IpObject = Readonly<Record<string, unknown>>;

/** What a number is called on the host that was looked at; undefined for a name that nobody here knows. */
export interface IpNames {
  table(text: string): number | undefined;
  protocol(text: string): number | undefined;
  scope(text: string): number | undefined;
  group(text: string): number | undefined;
  dsfield(text: string): number | undefined;
}

/** What is read along the way, beside the objects. */
export interface IpReading {
  readonly names: IpNames;
  /** one sentence for each thing that ip does not tell, and that may matter; the same sentence once */
  readonly gaps: Set<string>;
}

const HINT = 'docs/ip-dump.md has the commands that make it';

export const unreadable = (file: string, reason: string, hint = HINT): NetreconError =>
  new NetreconError('NR_SNAPSHOT', `${file} ${reason}`, { hint });

const isObject = (value: unknown): value is IpObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The objects of a file that `ip -j` wrote. Nothing to show is no text at all; iproute2 6.1 writes an empty object for
 * each one that a filter drops.
 * @throws {NetreconError} NR_SNAPSHOT
 */
export const parseIpObjects = (text: string, file: string): readonly IpObject[] => {
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(file, 'is no JSON');
  }
  if (!Array.isArray(value) || !value.every(isObject)) throw unreadable(file, 'is no list of objects');
  return value.filter((item) => Object.keys(item).length > 0);
};

export const objectsIn = (value: unknown): readonly IpObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

export const objectIn = (value: unknown): IpObject | undefined => (isObject(value) ? value : undefined);

export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** A number, or text that is one in any base. */
export const numberIn = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^(0x[0-9a-f]+|\d+)$/i.test(value)) return undefined;
  return Number(value);
};

export const wordsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** A flag of `ip` is a member without a value, or `true`. */
export const isSet = (object: IpObject, member: string): boolean =>
  member in object && object[member] !== false && object[member] !== 0;

/** @throws {NetreconError} NR_SNAPSHOT where it is missing */
export const requireText = (object: IpObject, member: string, file: string): string => {
  const text = textIn(object[member]);
  if (text === undefined) throw unreadable(file, `has an object without ${member}: ${JSON.stringify(object)}`);
  return text;
};

/** @throws {NetreconError} NR_SNAPSHOT */
export const requireAddress = (text: string | undefined, file: string): string => {
  const address = text === undefined ? undefined : canonicalAddress(text);
  if (address === undefined) throw unreadable(file, `has ${JSON.stringify(text)} where an address belongs`);
  return address;
};

/**
 * A number by its name on that host.
 * @throws {NetreconError} NR_SNAPSHOT
 */
export const requireNumber = (name: string, toNumber: (text: string) => number | undefined, file: string): number => {
  const number = toNumber(name) ?? numberIn(name);
  if (number !== undefined) return number;
  throw unreadable(
    file,
    `names ${name}, which no file of this host explains`,
    'make it with ip -N, which prints numbers',
  );
};

/** `default`, an address, or a prefix, as the canonical prefix. */
export const readPrefix = (text: string, family: Family, file: string): string => {
  const bits = family === 'inet' ? 32 : 128;
  if (text === 'default' || text === 'all' || text === 'any') return family === 'inet' ? '0.0.0.0/0' : '::/0';
  const [address, length = String(bits)] = text.split('/');
  return `${requireAddress(address, file)}/${length}`;
};
