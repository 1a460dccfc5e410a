import { withFollowers } from '../model/followers.ts';
import type { DumpOptions, KernelPort, SendOptions, SubscribeOptions } from '../model/kernel-port.ts';
import { kindOf } from '../model/kinds.ts';
import { LINK_KINDS } from '../model/link-kinds/index.ts';
import type { Op, OpResult } from '../model/op.ts';
import { KIND_NAMES, type KindName, type State } from '../model/state.ts';
import type { OpenChannel, Trace } from './channel.ts';
import { type Conversation, converse } from './conversation.ts';
import { dumpKind, dumpLinks } from './dump.ts';
import { writeLabelQuery } from './families/mpls-route.ts';
import { writeNexthopQuery } from './families/nexthop.ts';
import { RouteShapes } from './families/route-shapes.ts';
import { askLabelSpace } from './label-space.ts';
import { createLinkTable, findLinkIndex } from './link-table.ts';
import { queryNamespaceId } from './namespace-id.ts';
import { askForNexthops } from './nexthop-support.ts';
import { getRoute } from './route-get.ts';
import { sendByCarrier } from './send-all.ts';
import { type FamilyTable, sendOps, wireOf } from './send-ops.ts';
import { sendRoutes } from './send-routes.ts';
import { type NetlinkEvent, type NetlinkSubscription, openSubscription } from './subscription.ts';
import { sendTunOps, type TunDevice } from './tun-ops.ts';
import { ERRNO } from './wire/errno.ts';
import { NetlinkError } from './wire/errors.ts';
import { sendDeviceOps, withDevices } from './wireguard-devices.ts';

export interface KernelOptions {
  /** opens a socket in the namespace that this kernel is about */
  readonly open: OpenChannel;
  readonly families: FamilyTable;
  /** makes links of kind tun; default: there are none */
  readonly tun?: TunDevice;
  /** told of every message, in both directions */
  readonly trace?: Trace;
  /** an open descriptor of a namespace, for operations that reach into another one; default: none is at hand */
  readonly namespaceFd?: (name: string) => number | undefined;
}

/** The kernel port over rtnetlink. */
export interface NetlinkKernel extends KernelPort {
  /** nlmsg_pid in the events that this port's own requests cause */
  readonly portId: number;
  /**
   * Hears of changes from now on. Links are named as the last dump had them, and as their events tell: dump links after
   * subscribing, or events on links made before come without an object.
   */
  subscribe(kinds: readonly KindName[], options?: SubscribeOptions): NetlinkSubscription;
}

/**
 * How often a dump is taken again because something moved meanwhile. On a host that never rests the last one counts: the
 * planner's own verification finds what it missed.
 */
const ROUNDS = 5;

/** No link can have this name (dev_valid_name forbids the slash): what is asked for it is looked at and never made. */
const IMPOSSIBLE_NAME = 'netrecon/probe';

/** rtnl_newlink looks the kind up, and loads its module, before it looks at the name. */
const UNKNOWN_KIND = 'Unknown device type';

/**
 * Changes that need no second look: messages of other families, and what the kernel makes of its own accord (neighbors that
 * it learns, link-local addresses and how their duplicate detection ends, the routes that come with addresses). Nobody plans
 * those, and what they follow from, a link or an address of somebody's, is told as well.
 */
const isMinor = ({ kind, object }: NetlinkEvent): boolean =>
  object === undefined || (kind !== 'link' && kindOf(kind).isKernels(object));

const NO_TUN: TunDevice = { exists: () => false, set: () => ({ call: 'open /dev/net/tun', errno: ERRNO.EOPNOTSUPP }) };

/** The kinds of which something may have changed meanwhile, among those that are asked for. */
const movedKinds = (watch: NetlinkSubscription, kinds: ReadonlySet<KindName>): ReadonlySet<KindName> => {
  const { events, overrun } = watch.drain();
  if (overrun) return kinds;
  const told = new Set(events.flatMap((event) => (isMinor(event) ? [] : event.kind)));
  return new Set([...told].flatMap(withFollowers).filter((kind) => kinds.has(kind)));
};

/** The state with some kinds as a later dump has them. */
const renewed = (state: State, fresh: State, kinds: ReadonlySet<KindName>): State =>
  Object.fromEntries(KIND_NAMES.map((kind) => [kind, (kinds.has(kind) ? fresh : state)[kind]])) as unknown as State;

const isOverrun = (error: unknown): boolean => error instanceof NetlinkError && error.code === 'NR_OVERRUN';

/** Runs asynchronous jobs one after the other: a socket has one conversation at a time. */
const createQueue = (): (<T>(job: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const run = last.then(job, job);
    last = run.catch(() => undefined);
    return run;
  };
};

/**
 * Opens the kernel port on a request socket; every subscription, and every dump while it runs, has a socket of its own.
 *
 * Route, rule and neighbor dumps never carry NLM_F_DUMP_INTR, so a dump is consistent only if no event of the dumped kinds
 * came in from before it until after it; else it is taken again, a bounded number of times.
 * @throws {NetlinkError} what `open` throws
 */
export const createKernel = ({ open, families, tun = NO_TUN, trace, namespaceFd }: KernelOptions): NetlinkKernel => {
  const inTurn = createQueue();
  let conversation: Conversation = converse(open(), trace);
  const table = createLinkTable((name) => findLinkIndex(conversation, name), undefined, namespaceFd);

  const wire = wireOf(families);

  let closed = false;
  let broken = false;

  /** Runs a job in a conversation. One that broke off cannot be gone on with: late replies would answer the wrong question. */
  const talk = async <T>(job: (conversation: Conversation) => Promise<T>): Promise<T> => {
    if (broken && !closed) conversation = converse(open(), trace);
    broken = true;
    try {
      const result = await job(conversation);
      broken = false;
      return result;
    } finally {
      if (broken) conversation.channel.close();
    }
  };
  const subscribe = (kinds: readonly KindName[], { othersOnly = false }: SubscribeOptions = {}): NetlinkSubscription =>
    openSubscription(open, families, kinds, {
      nameOf: (index) => table.nameOf(index),
      trace,
      ...(othersOnly ? { otherThan: conversation.channel.portId } : {}),
    });

  const sendAll = (ops: readonly Op[], options?: SendOptions): Promise<readonly OpResult[]> =>
    sendByCarrier(ops, {
      rtnetlink: (run) => talk((current) => sendOps(current, wire, table, run, options)),
      wireguard: (run) => sendDeviceOps(open, trace, table, run, options),
      tun: async (run) => sendTunOps(tun, table, run),
    });

  /** whether a dump has told the names of all links */
  let named = false;

  /** Links are asked for first, since the others name them; not where their names are known already and nobody wants them. */
  const dumpOnce = async (
    current: Conversation,
    kinds: ReadonlySet<KindName>,
    shapes: RouteShapes | undefined,
  ): Promise<State> => {
    const plain = kinds.has('link') || !named ? await dumpLinks(current, families.link, table) : [];
    const links = kinds.has('link') ? await withDevices(plain, open, trace, table) : plain;
    named = true;
    const names = {
      indexOf: table.indexOf,
      nameOf: (index: number) => {
        const name = table.nameOf(index);
        // a link made since: what names it is left out of this dump, and the next one asks for links again
        if (name === undefined && index !== 0) named = false;
        return name;
      },
    };
    const dump = async <K extends KindName>(kind: K) =>
      kinds.has(kind) ? dumpKind(current, families[kind], names, kind === 'route' ? shapes : undefined) : [];
    return {
      link: kinds.has('link') ? links : [],
      address: await dump('address'),
      nexthop: await dump('nexthop'),
      route: await dump('route'),
      mpls: await dump('mpls'),
      rule: await dump('rule'),
      neighbor: await dump('neighbor'),
    };
  };

  const dumpAtRest = async ({ kinds = KIND_NAMES, sieve, once = false }: DumpOptions = {}): Promise<State> => {
    const shapes = sieve === undefined ? undefined : new RouteShapes(sieve);
    const watch = once ? undefined : subscribe(kinds);
    const all: ReadonlySet<KindName> = new Set(kinds);
    try {
      let state: State | undefined;
      // what has not moved since it was dumped is still so
      let stale = all;
      for (let round = 1; ; round++) {
        const fresh = await talk((current) => dumpOnce(current, stale, shapes)).catch((error: unknown) => {
          if (isOverrun(error) && round < ROUNDS) return undefined;
          throw error;
        });
        state = state === undefined || fresh === undefined ? fresh : renewed(state, fresh, stale);
        const moved = watch === undefined ? new Set<KindName>() : movedKinds(watch, all);
        stale = fresh === undefined || !named ? all : moved;
        if (state !== undefined && (stale.size === 0 || round >= ROUNDS)) return state;
      }
    } finally {
      watch?.close();
    }
  };

  return {
    get portId() {
      return conversation.channel.portId;
    },
    dump: (options) => inTurn(() => dumpAtRest(options)),
    send: (ops, options) => inTurn(() => sendAll(ops, options)),
    sendRoutes: (bulk, rows, options) =>
      inTurn(() => talk((current) => sendRoutes(current, table, bulk, rows, options))),
    hasLinkKind: (kind) =>
      inTurn(() =>
        talk(async (current) => {
          // its module is not loaded by the name of the kind
          if (LINK_KINDS[kind]?.byIoctl === true) return tun.exists();
          // the far end of a pair is made first, and must not be possible either
          const options = LINK_KINDS[kind]?.pair === true ? { options: { peer: IMPOSSIBLE_NAME } } : {};
          const object = { name: IMPOSSIBLE_NAME, index: 0, kind, ...options };
          const probe = { kind: 'link', action: 'create', object } as const;
          const [result] = await sendOps(current, wire, table, [probe]);
          return result?.ok !== false || result.error.message !== UNKNOWN_KIND;
        }),
      ),
    hasNexthops: () => inTurn(() => talk(async (current) => askForNexthops(current, writeNexthopQuery))),
    labelSpace: (label) =>
      inTurn(() => talk(async (current) => askLabelSpace(current, (writer) => writeLabelQuery(writer, label)))),
    lookUp: (queries) => inTurn(() => talk(async (current) => queries.map((query) => getRoute(current, query, table)))),
    namespaceId: (name) =>
      inTurn(() =>
        talk(async (current) => {
          const fd = namespaceFd?.(name);
          return fd === undefined ? undefined : queryNamespaceId(current, fd);
        }),
      ),
    subscribe,
    close: () => {
      closed = true;
      conversation.channel.close();
    },
  };
};
