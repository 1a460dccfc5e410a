import type { DumpOptions, KernelPort, Subscription } from '../../model/kernel-port.ts';
import { KIND_NAMES, type KindName, type State } from '../../model/state.ts';

/**
 * What may be gone without a message of its own when something of a kind has changed: the kernel drops the IPv4 routes of
 * a link that goes down, and those of its last address, in silence; nexthop objects go with the carrier (net/ipv4/fib_frontend.c
 * fib_disable_ip, net/ipv4/nexthop.c nexthop_flush_dev).
 */
const FOLLOWERS: Readonly<Record<KindName, readonly KindName[]>> = {
  link: ['address', 'nexthop', 'route', 'mpls', 'neighbor'],
  address: ['route'],
  nexthop: ['route'],
  route: [],
  mpls: [],
  rule: [],
  neighbor: [],
};

/** A kernel port that remembers the last dump and asks again only for the kinds that may have changed since. */
export interface Mirror extends KernelPort {
  /** Reads the events that have come. */
  absorb(): void;
  /** Everything must be asked again. */
  forget(): void;
  /** the last dump, without the routes that a sieve took; undefined before the first */
  readonly known: State | undefined;
}

export type EventBatch = ReturnType<Subscription['drain']>;

/** Who hears of what a mirror reads. */
export interface MirrorListener {
  /** every batch of events, also those that come while a transaction looks at its own work */
  heard(batch: EventBatch): void;
  /** a dump follows: it shows the effect of everything heard so far */
  looking(): void;
}

/**
 * @param subscription joined before the first dump; closed with the mirror
 * @param kinds what the subscription hears of; the others are asked anew each time
 */
export const createMirror = (
  kernel: KernelPort,
  subscription: Subscription,
  kinds: readonly KindName[],
  listener: MirrorListener,
): Mirror => {
  const unheard = KIND_NAMES.filter((kind) => !kinds.includes(kind));
  const stale = new Set<KindName>(KIND_NAMES);
  let known: State | undefined;
  /** routes are missing from `known` */
  let wasSieved = false;

  const mark = (kind: KindName): void => {
    stale.add(kind);
    for (const follower of FOLLOWERS[kind]) stale.add(follower);
  };
  const forget = (): void => {
    for (const kind of KIND_NAMES) stale.add(kind);
  };
  const absorb = (): void => {
    const batch = subscription.drain();
    if (batch.overrun) forget();
    for (const { kind } of batch.events) mark(kind);
    if (batch.overrun || batch.events.length > 0) listener.heard(batch);
  };

  return {
    get portId() {
      return kernel.portId as number;
    },
    renamesUp: kernel.renamesUp !== false,
    get known() {
      return known;
    },
    absorb,
    forget,
    dump: async ({ sieve }: DumpOptions = {}): Promise<State> => {
      absorb();
      listener.looking();
      const wanted = new Set([...stale, ...(known === undefined || stale.size > 0 ? unheard : [])]);
      // a sieve takes routes out of a dump, and only out of one that it sees
      if (sieve !== undefined || wasSieved) wanted.add('route');
      if (known !== undefined && wanted.size === 0) return known;
      // before the dump: what changes while it runs is heard of, and marked again
      stale.clear();
      try {
        const fresh = await kernel.dump({ kinds: [...wanted], once: true, ...(sieve === undefined ? {} : { sieve }) });
        const kept = known ?? fresh;
        wasSieved = sieve !== undefined;
        known = Object.fromEntries(
          KIND_NAMES.map((kind) => [kind, (wanted.has(kind) ? fresh : kept)[kind]]),
        ) as unknown as State;
        return known;
      } catch (error) {
        forget();
        throw error;
      }
    },
    send: async (ops, options) => {
      for (const { kind } of ops) mark(kind);
      return kernel.send(ops, options);
    },
    hasLinkKind: (kind) => kernel.hasLinkKind(kind),
    hasNexthops: () => kernel.hasNexthops(),
    labelSpace: (label) => kernel.labelSpace(label),
    lookUp: (queries) => kernel.lookUp(queries),
    subscribe: (subscribed, options) => kernel.subscribe(subscribed, options),
    close: () => subscription.close(),
  };
};
