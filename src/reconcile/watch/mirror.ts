import { withFollowers } from '../../model/followers.ts';
import type { DumpOptions, KernelEvent, KernelPort, LastingSieve, Subscription } from '../../model/kernel-port.ts';
import type { Op, OpResult } from '../../model/op.ts';
import { KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import { type EventBatch, EventTee } from './event-tee.ts';
import { FollowedRoutes, isWorthFollowing } from './follow-routes.ts';

/**
 * A kernel port that remembers the last dump and asks again only for the kinds that may have changed since. Where a lasting
 * sieve holds many routes, those that change are followed one by one instead, as long as their messages leave nothing open.
 */
export interface Mirror extends KernelPort {
  /** Reads the events that have come. */
  absorb(): void;
  /** Everything must be asked again. */
  forget(): void;
  /** the last dump, without the routes that a sieve took; undefined before the first */
  readonly known: State | undefined;
  /** how many routes the lasting sieve took out of it */
  readonly held: number;
}

/** How many objects the last dump showed, by kind; nothing before the first. */
export const countObjects = ({
  known,
  held,
}: Pick<Mirror, 'known' | 'held'>): Readonly<Partial<Record<KindName, number>>> => {
  const counts = Object.entries(known ?? {}).map(([kind, { length }]) => [
    kind,
    length + (kind === 'route' ? held : 0),
  ]);
  return Object.fromEntries(counts);
};

/** Who hears of what a mirror reads. */
export interface MirrorListener {
  /** every batch of events, also those that come while a transaction looks at its own work */
  heard(batch: EventBatch): void;
  /** a dump follows: it shows the effect of everything heard so far */
  looking(): void;
}

export interface MirrorOptions {
  /** what the subscription hears of; the others are asked anew each time */
  readonly kinds: readonly KindName[];
  /** it does not hear of what this port does; default false */
  readonly othersOnly?: boolean;
  /** the one that dumps will be asked for with */
  readonly sieve?: LastingSieve;
}

/** How often events are read after a dump until none comes any more. */
const MOST_READS = 16;

/** @param subscription joined before the first dump; closed with the mirror */
export const createMirror = (
  kernel: KernelPort,
  subscription: Subscription,
  { kinds, othersOnly = false, sieve: lasting }: MirrorOptions,
  listener: MirrorListener,
): Mirror => {
  const sendRoutes = kernel.sendRoutes?.bind(kernel);
  const unheard = KIND_NAMES.filter((kind) => !kinds.includes(kind));
  const stale = new Set<KindName>(KIND_NAMES);
  let known: State | undefined;
  /** routes are missing from `known` */
  let wasSieved = false;
  /** ... and the lasting sieve holds them */
  let isLasting = false;
  let followed: FollowedRoutes | undefined;
  /** messages about our own routes that have still to come */
  let echoes = 0;
  const tees = new Set<EventTee>();

  const mark = (kind: KindName): void => {
    for (const one of withFollowers(kind)) stale.add(one);
    if (stale.has('route')) followed = undefined;
  };
  const forget = (): void => {
    for (const kind of KIND_NAMES) stale.add(kind);
    followed = undefined;
  };
  const note = (event: KernelEvent): void => {
    if (event.kind === 'route' && event.portId !== 0 && event.portId === kernel.portId) echoes--;
    if (event.kind !== 'route' || followed?.follow(event) !== true) mark(event.kind);
  };
  /** @returns whether something had come */
  const absorb = (): boolean => {
    const batch = subscription.drain();
    if (batch.overrun) forget();
    for (const event of batch.events) note(event);
    const hasCome = batch.overrun || batch.events.length > 0;
    if (!hasCome) return false;
    for (const tee of tees) tee.take(batch);
    listener.heard(batch);
    return true;
  };
  /** What our own operations did, the kernel tells like that of others, before it acknowledges them. */
  const expectEchoes = (ops: readonly Op[], results: readonly OpResult[]): void => {
    for (const [i, { ok }] of results.entries()) if (ok && ops[i]?.kind === 'route') echoes++;
    absorb();
    if (echoes !== 0) mark('route');
    echoes = 0;
  };

  /** From now on, if nothing has come since the dump began: what came may be in it, or not. */
  const beginToFollow = (routes: State['route']): void => {
    let reads = 0;
    while (absorb() && reads < MOST_READS) reads++;
    if (lasting !== undefined && reads < MOST_READS && !stale.has('route'))
      followed = new FollowedRoutes(lasting, routes);
  };

  const dumpAnew = async (wanted: ReadonlySet<KindName>, sieve: DumpOptions['sieve']): Promise<State> => {
    // before the dump: what changes while it runs is heard of, and marked again
    for (const kind of wanted) stale.delete(kind);
    if (wanted.has('route')) followed = undefined;
    try {
      const fresh = await kernel.dump({ kinds: [...wanted], once: true, ...(sieve === undefined ? {} : { sieve }) });
      const kept = known ?? fresh;
      known = Object.fromEntries(
        KIND_NAMES.map((kind) => [kind, (wanted.has(kind) ? fresh : kept)[kind]]),
      ) as unknown as State;
    } catch (error) {
      forget();
      throw error;
    }
    if (wanted.has('route')) {
      wasSieved = sieve !== undefined;
      isLasting = sieve !== undefined && sieve === lasting;
      if (isLasting && lasting !== undefined && isWorthFollowing(lasting)) beginToFollow(known.route);
    }
    return known;
  };

  return {
    get portId() {
      return kernel.portId as number;
    },
    renamesUp: kernel.renamesUp !== false,
    get known() {
      return known;
    },
    get held() {
      return isLasting ? (lasting?.count ?? 0) : 0;
    },
    absorb: () => void absorb(),
    forget,
    dump: async ({ sieve, kinds: asked }: DumpOptions = {}): Promise<State> => {
      absorb();
      if (asked !== undefined) {
        const wanted = new Set(asked.filter((kind) => stale.has(kind) || unheard.includes(kind)));
        return known !== undefined && wanted.size === 0 ? known : dumpAnew(wanted, undefined);
      }
      listener.looking();
      const wanted = new Set([...stale, ...(known === undefined || stale.size > 0 ? unheard : [])]);
      const isFollowed = followed !== undefined && lasting?.isCurrent === true && sieve === lasting;
      // a sieve takes routes out of a dump, and only out of one that it sees
      if (!isFollowed && (sieve !== undefined || wasSieved)) wanted.add('route');
      if (known !== undefined && followed !== undefined && known.route !== followed.routes)
        known = { ...known, route: followed.routes };
      return known !== undefined && wanted.size === 0 ? known : dumpAnew(wanted, sieve);
    },
    send: async (ops, options) => {
      for (const { kind } of ops) if (kind !== 'route' || followed === undefined) mark(kind);
      echoes = 0;
      try {
        const results = await kernel.send(ops, options);
        if (followed !== undefined) expectEchoes(ops, results);
        return results;
      } catch (error) {
        forget();
        throw error;
      }
    },
    ...(sendRoutes === undefined
      ? {}
      : {
          sendRoutes: (bulk, rows) => {
            mark('route');
            return sendRoutes(bulk, rows);
          },
        }),
    hasLinkKind: (kind) => kernel.hasLinkKind(kind),
    hasNexthops: () => kernel.hasNexthops(),
    labelSpace: (label) => kernel.labelSpace(label),
    lookUp: (queries) => kernel.lookUp(queries),
    subscribe: (subscribed, options) => {
      // a socket that hears of others alone is there to keep from us what we do
      if (othersOnly || !subscribed.every((kind) => kinds.includes(kind))) return kernel.subscribe(subscribed, options);
      // what has come by now is no news to this one
      absorb();
      const tee = new EventTee(subscribed, absorb, () => tees.delete(tee));
      tees.add(tee);
      return tee;
    },
    close: () => subscription.close(),
  };
};
