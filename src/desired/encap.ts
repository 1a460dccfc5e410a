import type { Ip6Encap, IpEncap, Encap as ModelEncap, MplsEncap, Seg6Encap, Seg6LocalEncap } from '../model/encap.ts';
import { type Family, familyOf } from '../model/ip.ts';
import { type Entry, innerEntry, isOn, resolveName } from './entry.ts';
import type { NameTables } from './names.ts';
import { readAddress } from './scalars.ts';
import type { Encap } from './schema.gen.ts';

type Key = keyof Encap & string;

/** The keys of each type, besides `type`. */
const KEYS: Readonly<Record<Encap['type'], readonly Key[]>> = {
  mpls: ['labels', 'ttl'],
  ip: ['id', 'dst', 'src', 'tos', 'ttl', 'key', 'csum', 'seq'],
  ip6: ['id', 'dst', 'src', 'tc', 'hoplimit', 'key', 'csum', 'seq'],
  seg6: ['mode', 'segs'],
  seg6local: ['action', 'table', 'vrftable', 'nh4', 'nh6', 'oif', 'segs'],
};

/** seg6_local.c seg6_action_table: what each action must have, and which of several one of. */
const ACTION_NEEDS: Readonly<Record<NonNullable<Encap['action']>, readonly (readonly Key[])[]>> = {
  End: [],
  'End.X': [['nh6']],
  'End.T': [['table']],
  'End.DX2': [['oif']],
  'End.DX6': [['nh6']],
  'End.DX4': [['nh4']],
  'End.DT6': [['table', 'vrftable']],
  'End.DT4': [['vrftable']],
  'End.B6': [['segs']],
  'End.B6.Encaps': [['segs']],
  'End.DT46': [['vrftable']],
};

/**
 * The encapsulation of a way as the file writes it.
 * @param way - the entry that has a member `encap`
 * @returns undefined where there is none, or where it cannot be read; the problems say why
 */
export const normalizeEncap = (way: Entry<{ readonly encap?: Encap }>, names: NameTables): ModelEncap | undefined => {
  const written = way.value.encap;
  if (written === undefined) return undefined;
  const entry = innerEntry<Encap>(way, written, 'encap');
  const before = entry.problems.count;
  for (const key of Object.keys(written) as Key[]) {
    if (key === 'type' || KEYS[written.type].includes(key)) continue;
    entry.problem('NR_CONTRADICTION', `${key} does not go with encap type ${written.type}`, key);
  }
  const encap = READERS[written.type](entry, names);
  return entry.problems.count > before ? undefined : encap;
};

type Reader = (entry: Entry<Encap>, names: NameTables) => ModelEncap;

const need = (entry: Entry<Encap>, keys: readonly Key[], why: string): void => {
  if (keys.some((key) => entry.value[key] !== undefined)) return;
  entry.problem('NR_CONTRADICTION', `${why} needs ${keys.map((key) => `"${key}"`).join(' or ')}`);
};

const readOf = (entry: Entry<Encap>, key: 'dst' | 'src' | 'nh4' | 'nh6', family: Family): string | undefined => {
  const written = entry.value[key];
  const address = written === undefined ? undefined : readAddress(entry, key, written);
  if (address === undefined || familyOf(address) === family) return address;
  entry.problem('NR_CONTRADICTION', `${key} ${address} is no address of family ${family}`, key);
  return undefined;
};

const readSegments = (entry: Entry<Encap>): readonly string[] =>
  (entry.value.segs ?? []).flatMap((written) => {
    const address = readAddress(entry, 'segs', written);
    if (address === undefined || familyOf(address) === 'inet6') return address ?? [];
    entry.problem('NR_CONTRADICTION', `segment ${address} is no IPv6 address`, 'segs');
    return [];
  });

const readMpls: Reader = (entry): MplsEncap => {
  const { labels = [], ttl } = entry.value;
  need(entry, ['labels'], 'encap type mpls');
  return { type: 'mpls', labels, ...(ttl !== undefined && { ttl }) };
};

/** What is zero says nothing: the kernel tells no difference to what is unset. */
const readTunnel = (entry: Entry<Encap>, family: Family) => {
  const { id, key, csum, seq } = entry.value;
  need(entry, ['dst', 'id'], `encap type ${entry.value.type}`);
  const [dst, src] = [readOf(entry, 'dst', family), readOf(entry, 'src', family)];
  return {
    ...(id !== undefined && id !== 0 && { id }),
    ...(dst !== undefined && { dst }),
    ...(src !== undefined && { src }),
    ...(isOn(key) && { key: true }),
    ...(isOn(csum) && { csum: true }),
    ...(isOn(seq) && { seq: true }),
  };
};

const readIp: Reader = (entry): IpEncap => {
  const { tos = 0, ttl = 0 } = entry.value;
  return { type: 'ip', ...readTunnel(entry, 'inet'), ...(tos !== 0 && { tos }), ...(ttl !== 0 && { ttl }) };
};

const readIp6: Reader = (entry): Ip6Encap => {
  const { tc = 0, hoplimit = 0 } = entry.value;
  return {
    type: 'ip6',
    ...readTunnel(entry, 'inet6'),
    ...(tc !== 0 && { tc }),
    ...(hoplimit !== 0 && { hoplimit }),
  };
};

const readSeg6: Reader = (entry): Seg6Encap => {
  need(entry, ['segs'], 'encap type seg6');
  return { type: 'seg6', mode: entry.value.mode ?? 'encap', segs: readSegments(entry) };
};

const readSeg6Local: Reader = (entry, names): Seg6LocalEncap => {
  const { action = 'End', oif, segs } = entry.value;
  need(entry, ['action'], 'encap type seg6local');
  for (const keys of ACTION_NEEDS[action]) need(entry, keys, action);
  const tableOf = (key: 'table' | 'vrftable'): number | undefined =>
    entry.value[key] === undefined
      ? undefined
      : resolveName(entry, key, names.tables, { file: 'rt_tables', max: 0xffffffff });
  const [table, vrftable] = [tableOf('table'), tableOf('vrftable')];
  const [nh4, nh6] = [readOf(entry, 'nh4', 'inet'), readOf(entry, 'nh6', 'inet6')];
  return {
    type: 'seg6local',
    action,
    ...(table !== undefined && { table }),
    ...(vrftable !== undefined && { vrftable }),
    ...(nh4 !== undefined && { nh4 }),
    ...(nh6 !== undefined && { nh6 }),
    ...(oif !== undefined && { oif }),
    ...(segs !== undefined && { segs: readSegments(entry) }),
  };
};

const READERS: Readonly<Record<Encap['type'], Reader>> = {
  mpls: readMpls,
  ip: readIp,
  ip6: readIp6,
  seg6: readSeg6,
  seg6local: readSeg6Local,
};
