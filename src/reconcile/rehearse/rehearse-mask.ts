import type { KernelPort, Subscription } from '../../model/kernel-port.ts';
import type { Link } from '../../model/link.ts';
import type { State } from '../../model/state.ts';
import type { StandIn } from './rehearse-stage.ts';

/** An Ethernet address, the only kind that a stand-in can have. */
const ETHERNET = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** Whether a stand-in can have the link-layer address of the link that it stands for. */
export const canHaveLladdr = ({ lladdr }: Link): boolean => lladdr !== undefined && ETHERNET.test(lladdr);

/** The stand-in with what tells links of another kind from it taken over from the link that it stands for. */
const wearMask = (standIn: Link, { shown }: StandIn): Link => {
  const { kind, options, rawOptions, linkNetnsid, linkIndex, link = null } = shown;
  const lladdr = canHaveLladdr(shown) ? standIn.lladdr : shown.lladdr;
  const mask = { kind, options, rawOptions, linkNetnsid, linkIndex, lladdr };
  const bare: Partial<Link> = Object.fromEntries(Object.entries(standIn).filter(([field]) => !(field in mask)));
  const worn = Object.fromEntries(Object.entries(mask).filter(([, value]) => value !== undefined));
  return { ...(bare as Link), ...worn, link };
};

/** Links as a host has them, by the stand-ins that are there in their place. */
const createMask = (standIns: readonly StandIn[]) => {
  const byIndex = new Map(standIns.map((standIn) => [standIn.shown.index, standIn]));
  const hidden = new Set(standIns.map(({ peerIndex }) => peerIndex));
  return {
    link: (link: Link): Link => {
      const standIn = byIndex.get(link.index);
      return standIn === undefined ? link : wearMask(link, standIn);
    },
    isHidden: ({ index }: Link): boolean => hidden.has(index),
  };
};

/**
 * A kernel port through which stand-ins look like the links that they stand for: hardware has no kind, and of the far ends
 * nothing is seen. They are told by their index, which a renamed link keeps.
 */
export const maskStandIns = (kernel: KernelPort, standIns: readonly StandIn[], renamesUp: boolean): KernelPort => {
  const mask = createMask(standIns);
  const subscribe = (kinds: Parameters<KernelPort['subscribe']>[0]): Subscription => {
    const subscription = kernel.subscribe(kinds);
    return {
      drain: () => {
        const batch = subscription.drain();
        return {
          ...batch,
          events: batch.events.flatMap((event) => {
            if (event.kind !== 'link' || event.object === undefined) return [event];
            const link = event.object as Link;
            return mask.isHidden(link) ? [] : [{ ...event, object: mask.link(link) }];
          }),
        };
      },
      onReadable: (callback) => subscription.onReadable(callback),
      close: () => subscription.close(),
    };
  };
  return {
    // a getter, since it may change with the socket
    get portId() {
      return kernel.portId as number;
    },
    renamesUp,
    dump: async (options): Promise<State> => {
      const state = await kernel.dump(options);
      return { ...state, link: state.link.filter((link) => !mask.isHidden(link)).map(mask.link) };
    },
    send: (ops, options) => kernel.send(ops, options),
    hasLinkKind: (kind) => kernel.hasLinkKind(kind),
    hasNexthops: () => kernel.hasNexthops(),
    labelSpace: (label) => kernel.labelSpace(label),
    lookUp: (queries) => kernel.lookUp(queries),
    subscribe,
    close: () => kernel.close(),
  };
};
