import type { Declared, Source } from '../model/desired.ts';
import type { KeyFiles } from './key-files.ts';
import type { NameTable, NameTables } from './names.ts';
import { nearest, type ProblemCode, type Problems } from './problems.ts';
import { type Place, type SourceFile, sourceAt } from './source-file.ts';

/** One mapping of a file that declares an object, with its place and a way to complain about it. */
export interface Entry<T> {
  readonly value: T;
  /** place of a key that is written, else of the whole entry */
  at(key?: string): Source;
  /** place of the value of a key; for the items of a list */
  valueAt(key: string, index?: number): Source;
  /** place of an offset of the file */
  sourceAt(offset: number): Source;
  /** reports a problem at a key (or at the entry) */
  problem(code: ProblemCode, message: string, key?: string, hint?: string): void;
  /** where a key is written: its value, and the file that it stands in */
  origin(key: string): { readonly place: Place | undefined; readonly file: SourceFile };
  readonly place: Place;
  readonly file: SourceFile;
  readonly problems: Problems;
  /** parts of it do not fit the schema and are left out: it is read for its other problems only */
  readonly partial?: boolean;
}

export const createEntry = <T>(value: T, place: Place, file: SourceFile, problems: Problems): Entry<T> => {
  const at = (key?: string): Source => {
    const member = key === undefined ? undefined : place.members?.get(key);
    return sourceAt(file, member?.key ?? place.key ?? place.start);
  };
  const valueAt = (key: string, index?: number): Source => {
    const member = place.members?.get(key);
    const item = index === undefined ? undefined : member?.items?.[index];
    return sourceAt(file, item?.start ?? member?.start ?? place.start);
  };
  return {
    value,
    place,
    file,
    problems,
    at,
    valueAt,
    sourceAt: (offset) => sourceAt(file, offset),
    origin: (key) => ({ place: place.members?.get(key), file }),
    problem: (code, message, key, hint) =>
      problems.add(
        code,
        message,
        key === undefined || place.members?.get(key) === undefined ? at() : valueAt(key),
        hint,
      ),
  };
};

/** An entry for a mapping inside another one (`bridge:`, an item of `nexthops`). */
export const innerEntry = <T>(entry: Entry<unknown>, value: T, key: string, index?: number): Entry<T> => {
  const { place: member, file } = entry.origin(key);
  const place = (index === undefined ? member : member?.items?.[index]) ?? entry.place;
  return createEntry(value, place, file, entry.problems);
};

/** What normalising needs besides the entry itself. */
export interface Surroundings {
  readonly names: NameTables;
  /** what the files, all together, say of each link */
  readonly links: ReadonlyMap<string, LinkOutline>;
  /** of the link at hand */
  readonly keys?: KeyFiles;
}

/** As much of a declared link as the checks of other objects need. */
export interface LinkOutline {
  readonly kind?: string | undefined;
  readonly absent: boolean;
  readonly master?: string | null | undefined;
  /** of a VRF, where it could be read */
  readonly table?: number | undefined;
}

/** Names of the model for keys that the file calls otherwise; keys that are no field map to null. */
export type FieldNames = Readonly<Record<string, string | null>>;

/** Places of the written keys, by the model's field names; the first of several keys that make one field. */
export const fieldSources = (entry: Entry<unknown>, renames: FieldNames = {}): Record<string, Source> => {
  const sources: Record<string, Source> = {};
  for (const [key, { key: at }] of entry.place.members ?? []) {
    const name = key in renames ? renames[key] : key;
    if (name !== null && name !== undefined) sources[name] ??= sourceAt(entry.file, at ?? entry.place.start);
  }
  return sources;
};

/** Wraps a normalised object with what the reconciler needs to know of its declaration. */
export const declare = <T>(
  entry: Entry<{ readonly state?: unknown; readonly adopt?: unknown }>,
  object: T,
  fields: Readonly<Record<string, Source>>,
): Declared<T> => ({
  object,
  absent: entry.value.state === 'absent',
  adopt: entry.value.adopt !== undefined && isOn(entry.value.adopt),
  source: entry.at(),
  fields,
});

/** The five ways in which the schema lets a flag be written. */
export const isOn = (flag: unknown): boolean => flag === true || flag === 1 || flag === 'on';

/** A number or a name of one of iproute2's files; reports what is neither. */
export const resolveName = <T extends object>(
  entry: Entry<T>,
  key: keyof T & string,
  table: NameTable,
  { file, max }: { readonly file: string; readonly max: number },
): number | undefined => {
  const written = entry.value[key] as number | string;
  if (typeof written === 'number') return written;
  const value = table.toNumber(written);
  if (value === undefined || value > max) {
    const near = nearest(written, table.names);
    const hint =
      near === undefined
        ? `names are looked up in /etc/iproute2/${file} and /usr/share/iproute2/${file}`
        : `did you mean "${near}"?`;
    entry.problem(
      'NR_UNKNOWN_NAME',
      value === undefined ? `${key} "${written}" is not known` : `${key} ${value} is above ${max}`,
      key,
      hint,
    );
    return undefined;
  }
  return value;
};
