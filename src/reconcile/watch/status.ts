import { countDesired, type Declared, singleObjects } from '../../model/desired.ts';
import { formatSource } from '../../model/errors.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { type AnyObject, KIND_NAMES, type KindName } from '../../model/state.ts';
import type { StandingProblem } from './drift-log.ts';
import type { WatchEvent } from './events.ts';
import { objectKey } from './interest.ts';
import type { Watcher } from './watcher.ts';

/**
 * `inSync`: as the file says. `drifted`: it is not, and only reported. `held`: it is put right again later, since somebody
 * keeps undoing it. `failing`: the kernel refused. `waiting`: its link is not there.
 */
export type ObjectCondition = 'inSync' | 'drifted' | 'held' | 'failing' | 'waiting';

export interface ObjectStatus {
  readonly kind: KindName;
  readonly key: string;
  readonly title: string;
  readonly state: ObjectCondition;
  /** ISO 8601; of an object that is not in sync */
  readonly since?: string;
  /** where the files name it, `file:line:column` */
  readonly source?: string;
}

/** What `netrecon status` tells; `--format json` prints it as it is. */
export interface WatchStatus {
  readonly version: 1;
  readonly pid: number;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly files: readonly string[];
  readonly inSync: boolean;
  /** since when it has been in sync, or has not been; ISO 8601 */
  readonly since: string;
  readonly problems: readonly StandingProblem[];
  /** links that the files name and that are not there */
  readonly waitingFor: readonly string[];
  /** objects that somebody undoes again and again */
  readonly fights: readonly string[];
  readonly objects: readonly ObjectStatus[];
  /** how many routes long lists name: of these, only those that are not in sync are among the objects */
  readonly listedRoutes: number;
  /** the last hundred, oldest first */
  readonly events: readonly WatchEvent[];
}

const standing = (watcher: Watcher): ReadonlyMap<string, ObjectStatus> =>
  new Map(
    [...watcher.log.open].map(([name, { kind, key, title, since }]) => {
      const held = watcher.restraint.heldUntil(name) > 0;
      const state = watcher.restraint.isFight(name) ? 'held' : held ? 'failing' : 'drifted';
      return [name, { kind, key, title, since, state }];
    }),
  );

/** @param process who is watching, since when */
export const describeStatus = (
  watcher: Watcher,
  process: { readonly pid: number; readonly startedAt: string },
): WatchStatus => {
  const { desired, log, missing } = watcher;
  const open = standing(watcher);
  const declared = KIND_NAMES.flatMap((kind) => {
    const { slot, describe, devs } = kindOf(kind);
    return (singleObjects(desired, kind) as readonly Declared<AnyObject>[]).map(({ object, source }): ObjectStatus => {
      const key = slot(object);
      const found = open.get(objectKey(kind, key));
      const on = kind === 'link' ? [(object as Link).name] : devs(object);
      const state = found?.state ?? (on.some((dev) => missing.has(dev)) ? 'waiting' : 'inSync');
      const since = found?.since === undefined ? {} : { since: found.since };
      return { kind, key, title: describe(object), state, ...since, source: formatSource(source) };
    });
  });
  const named = new Set(declared.map(({ kind, key }) => objectKey(kind, key)));
  return {
    version: 1,
    ...process,
    files: desired.files,
    inSync: log.inSync,
    since: log.since,
    problems: log.problems,
    waitingFor: [...missing],
    fights: watcher.restraint.fights(),
    // what is too many (an address that nobody listed) is in no file
    objects: [...declared, ...[...open].flatMap(([name, object]) => (named.has(name) ? [] : [object]))],
    listedRoutes: countDesired(desired, 'route') - singleObjects(desired, 'route').length,
    events: log.events,
  };
};
