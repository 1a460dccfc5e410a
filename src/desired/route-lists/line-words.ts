import type { Source } from '../../model/desired.ts';
import { createEntry, type Entry } from '../entry.ts';
import { nearest, type Problems } from '../problems.ts';
import type { Route } from '../schema.gen.ts';
import { fitsRoute } from '../schema-problems.ts';
import { createFilePart, type Place } from '../source-file.ts';

/** Metrics that `lock` may stand in front of the value of. */
const METRICS = [
  ...['mtu', 'window', 'rtt', 'rttvar', 'ssthresh', 'cwnd', 'advmss', 'reordering', 'hoplimit', 'initcwnd'],
  ...['features', 'rto_min', 'initrwnd', 'quickack', 'fastopen_no_cookie'],
];

/** Words of `ip route` (iproute.c iproute_modify) that a value follows, and the keys of a routes entry that they are. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ...['via', 'dev', 'src', 'from', 'table', 'vrf', 'scope', 'protocol', 'tos', 'metric', 'pref', 'realm', 'expires']
    .concat('nhid', 'congctl', METRICS)
    .map((key) => [key, key] as const),
  ['oif', 'dev'],
  ['proto', 'protocol'],
  ['dsfield', 'tos'],
  ['priority', 'metric'],
  ['preference', 'metric'],
  ['realms', 'realm'],
  ['cc_algo', 'congctl'],
]);

/** Keys whose values are text, whatever they look like. */
const TEXTS: ReadonlySet<string> = new Set(['via', 'dev', 'src', 'from', 'vrf', 'pref', 'congctl']);

/** Keys of metrics, by their names in the list of locks. */
const LOCKS: ReadonlyMap<string, string> = new Map([
  ...METRICS.map((key) => [key, key] as const),
  ['congctl', 'cc_algo'],
]);

/** What `ip route show` tells of the state of a route, which nobody can wish for. */
const STATE_WORDS: ReadonlySet<string> = new Set([
  ...['dead', 'linkdown', 'pervasive', 'unresolved', 'notify'],
  ...['offload', 'offload_failed', 'trap', 'rt_offload', 'rt_offload_failed', 'rt_trap'],
]);

/** What needs more than a word and a value. */
const TOO_LONG: ReadonlySet<string> = new Set(['nexthop', 'encap']);

const FAMILY_WORDS: ReadonlySet<string> = new Set(['inet', 'inet6']);

/** Times as `ip` prints them: the model has metrics in milliseconds and lifetimes in seconds. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  rtt: { ms: 1, s: 1000 },
  rttvar: { ms: 1, s: 1000 },
  rto_min: { ms: 1, s: 1000 },
  expires: { sec: 1, s: 1 },
};

const readValue = (key: string, text: string): number | string => {
  if (TEXTS.has(key)) return text;
  const match = /^(0|[1-9][0-9]*|0x[0-9a-fA-F]+)([a-z]*)$/.exec(text);
  const unit = match?.[2] === '' ? 1 : UNITS[key]?.[match?.[2] ?? ''];
  return match === null || unit === undefined ? text : Number(match[1]) * unit;
};

/** A word and where it stands in its line, from 0. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** The words of a line from a place on, at most so many; what is behind `#` is a comment. */
export const splitWords = (line: string, from: number, most = Number.POSITIVE_INFINITY): readonly Word[] => {
  const hash = line.indexOf('#', from);
  const end = hash < 0 ? line.length : hash;
  const words: Word[] = [];
  const pattern = /\S+/g;
  pattern.lastIndex = from;
  while (words.length < most) {
    const match = pattern.exec(line);
    if (match === null || match.index >= end) break;
    words.push({ text: match[0].slice(0, end - match.index), at: match.index });
  }
  return words;
};

/** A line of a list that says more of a route than its destination. */
export interface RouteLine {
  readonly text: string;
  readonly source: Source;
  readonly type: Word | undefined;
  /** behind the destination */
  readonly words: readonly Word[];
}

/**
 * Reads words of `ip route` as the keys of a routes entry.
 * @returns undefined where they are none; the problems say why
 */
export const readLineWords = (
  { text, source, type, words }: RouteLine,
  problems: Problems,
): Entry<Route> | undefined => {
  const file = createFilePart({ ...source, column: 1 }, text);
  const value: Record<string, unknown> = {};
  const members = new Map<string, Place>();
  const lock: string[] = [];
  const before = problems.count;
  const at = (word: Word | undefined): Source => ({ ...source, column: (word?.at ?? text.length) + 1 });
  const set = (key: string, word: Word, written: unknown, shown: Word): void => {
    if (members.has(key)) problems.add('NR_DUPLICATE_KEY', `"${word.text}" is here for the second time`, at(word));
    value[key] = written;
    members.set(key, { key: word.at, start: shown.at, end: shown.at + shown.text.length });
  };
  if (type !== undefined) set('type', type, type.text, type);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    const key = KEYS.get(word.text);
    if (word.text === 'onlink') set('onlink', word, true, word);
    else if (key !== undefined) {
      const lockable = LOCKS.get(key);
      if (words[i + 1]?.text === 'lock' && lockable !== undefined) {
        i++;
        lock.push(lockable);
        members.set('lock', { start: word.at, end: word.at });
      }
      if (key === 'via' && FAMILY_WORDS.has(words[i + 1]?.text ?? '')) i++;
      const written = words[++i];
      if (written === undefined) problems.add('NR_BAD_VALUE', `"${word.text}" needs a value`, at(word));
      else set(key, word, readValue(key, written.text), written);
    } else if (word.text === 'error') i++;
    else if (!STATE_WORDS.has(word.text)) {
      const near = nearest(word.text, [...KEYS.keys(), 'onlink']);
      if (TOO_LONG.has(word.text)) {
        const hint = 'write the route in the state file, or the list as JSON';
        problems.add('NR_BAD_VALUE', `a line of a list takes no "${word.text}"`, at(word), hint);
      } else {
        const hint =
          near === undefined
            ? 'a destination is followed by words of ip route: via, dev, metric, table ...'
            : `did you mean "${near}"?`;
        problems.add('NR_UNKNOWN_KEY', `unknown word "${word.text}"`, at(word), hint);
      }
      // what follows may be its value
      break;
    }
  }
  if (lock.length > 0) value.lock = lock;
  if (problems.count > before) return undefined;
  const place: Place = { start: source.column - 1, end: text.length, members };
  if (!fitsRoute({ value, place }, file, problems)) return undefined;
  return createEntry(value as Route, place, file, problems);
};
