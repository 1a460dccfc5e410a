import type { KernelEvent, Subscription } from '../model/kernel-port.ts';
import type { AnyObject, KindName } from '../model/state.ts';
import type { Channel, OpenChannel, Trace } from './channel.ts';
import type { FamilyCodec } from './families/codec.ts';
import { createLinkTable, type LinkTable, readLinkName } from './link-table.ts';
import type { FamilyTable } from './send-ops.ts';
import { DecodeError } from './wire/codec-errors.ts';
import { NLM_F, NLMSG_HDRLEN, RTM, RTNLGRP } from './wire/constants.ts';
import { NetlinkError } from './wire/errors.ts';
import { type FramedMessage, MessageCursor } from './wire/framing.ts';
import { readU8 } from './wire/reader.ts';

/** An event with what `monitor` shows besides. */
export interface NetlinkEvent extends KernelEvent {
  /** nlmsg_flags: routes carry those of the request (NLM_F_REPLACE 0x100, APPEND 0xc00, else a new entry 0x600) */
  readonly flags: number;
}

export interface NetlinkSubscription extends Subscription {
  drain(): { readonly events: readonly NetlinkEvent[]; readonly overrun: boolean; readonly unclaimed?: boolean };
}

/** Datagrams read at most in one drain, so that a storm of events does not hold the event loop for ever. */
const DATAGRAMS_A_DRAIN = 8192;

/** A closed port sends RTM_DELLINK with family AF_BRIDGE for a device that lives on: a change of the link, no deletion. */
const isPortMessage = (message: FramedMessage): boolean =>
  (message.type === RTM.NEWLINK || message.type === RTM.DELLINK) &&
  message.end - message.start > NLMSG_HDRLEN &&
  readU8(message.bytes, message.start + NLMSG_HDRLEN) !== 0;

/** Whether a message tells of somebody else's doing; most that come without a port id follow from our own. */
const isByOthers = ({ type, portId }: FramedMessage, own: number): boolean =>
  portId !== own && (portId !== 0 || type === RTM.DELLINK);

/** Whether a message tells of a change that the kernel names nobody for; what it learns of neighbors is nobody's. */
const isUnclaimed = ({ type, portId }: FramedMessage): boolean =>
  portId === 0 && type !== RTM.NEWNEIGH && type !== RTM.DELNEIGH;

/** The object, or nothing where the message holds none that can be read: the event itself still counts. */
const decodeEvent = (codec: FamilyCodec<KindName>, message: FramedMessage, names: LinkTable): AnyObject | undefined => {
  try {
    return codec.decode(message, names);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
};

const toEvent = (codec: FamilyCodec<KindName>, message: FramedMessage, names: LinkTable): NetlinkEvent => {
  const { portId, sequence, flags } = message;
  const replaces = codec.kind === 'route' && (flags & NLM_F.REPLACE) !== 0 ? { replaces: true } : {};
  const told = { kind: codec.kind, portId, sequence, flags, ...replaces };
  if (isPortMessage(message)) return { ...told, action: 'new' };
  const object = decodeEvent(codec, message, names);
  const action = codec.others?.get(message.type) ?? (message.type === codec.newType ? 'new' : 'delete');
  return object === undefined ? { ...told, action } : { ...told, action, object };
};

/** The codec of a message: by its type, and where several kinds share that by its address family. */
const createCodecChoice = (
  codecs: readonly FamilyCodec<KindName>[],
): ((message: FramedMessage) => FamilyCodec<KindName> | undefined) => {
  const byType = new Map<number, FamilyCodec<KindName>[]>();
  for (const codec of codecs) {
    for (const type of [codec.newType, codec.deleteType, ...(codec.others?.keys() ?? [])])
      byType.set(type, [...(byType.get(type) ?? []), codec]);
  }
  return ({ type, bytes, start, end }) => {
    const sharing = byType.get(type);
    if (sharing === undefined || sharing.length === 1) return sharing?.[0];
    const family = end - start > NLMSG_HDRLEN ? readU8(bytes, start + NLMSG_HDRLEN) : undefined;
    return sharing.find((codec) => codec.family === family) ?? sharing.find((codec) => codec.family === undefined);
  };
};

/** Keeps the names of links in step with their events. */
const followLinks = (message: FramedMessage, names: LinkTable): void => {
  if (message.type !== RTM.NEWLINK && message.type !== RTM.DELLINK) return;
  const link = readLinkName(message);
  if (link === undefined) return;
  if (message.type === RTM.NEWLINK) names.learn(link.index, link.name);
  else names.remove(link.index);
};

/**
 * Joins the multicast groups of `kinds` on a socket of its own. Link events are heard in any case, for the names.
 * @param nameOf asked for links that no event has named
 * @throws {NetlinkError}
 */
export const openSubscription = (
  open: OpenChannel,
  families: FamilyTable,
  kinds: readonly KindName[],
  context: {
    readonly nameOf: (index: number) => string | undefined;
    readonly trace?: Trace;
    /** port whose own changes are of no interest: see SubscribeOptions */
    readonly otherThan?: number;
  },
): NetlinkSubscription => {
  const codecs = kinds.map((kind) => families[kind] as FamilyCodec<KindName>);
  const groups = [...new Set([RTNLGRP.LINK, ...codecs.flatMap((codec) => codec.groups)])];
  const codecOf = createCodecChoice(codecs);
  const names = createLinkTable(() => undefined, context.nameOf);
  const { otherThan } = context;
  const channel = open({ groups, ...(otherThan === undefined ? {} : { otherThan }) });
  let whenReadable: (() => void) | undefined;
  let unclaimed = false;

  const read = (datagram: Uint8Array, events: NetlinkEvent[]): void => {
    const message = new MessageCursor(datagram);
    while (message.next()) {
      const { type, flags, sequence, start, end } = message;
      context.trace?.({ direction: 'in', type, flags, sequence, bytes: datagram.subarray(start, end) });
      // A new name is known to its own event; a deleted link keeps its name until after it.
      if (type === RTM.NEWLINK) followLinks(message, names);
      const codec = codecOf(message);
      if (codec !== undefined && (otherThan === undefined || isByOthers(message, otherThan)))
        events.push(toEvent(codec, message, names));
      else if (isUnclaimed(message)) unclaimed = true;
      if (type === RTM.DELLINK) followLinks(message, names);
    }
  };

  return {
    drain: () => {
      const events: NetlinkEvent[] = [];
      let overrun = false;
      unclaimed = false;
      for (let datagrams = 0; datagrams < DATAGRAMS_A_DRAIN; ) {
        const count = receiveEvents(channel, (datagram) => read(datagram, events));
        if (count === 0) break;
        if (count === 'overrun') overrun = true;
        datagrams += count === 'overrun' ? 1 : count;
      }
      if (whenReadable !== undefined) channel.whenReadable(whenReadable);
      return { events, overrun, ...(otherThan === undefined ? {} : { unclaimed }) };
    },
    onReadable: (callback) => {
      whenReadable = callback;
      channel.whenReadable(callback);
    },
    close: () => {
      whenReadable = undefined;
      channel.close();
    },
  };
};

/** The socket reports lost messages once, and then goes on with those that it still holds. */
const receiveEvents = (channel: Channel, visit: (datagram: Uint8Array) => void): number | 'overrun' => {
  try {
    if (channel.receiveEachNow !== undefined)
      return channel.receiveEachNow((bytes, start, end) => visit(bytes.subarray(start, end)));
    const datagram = channel.receiveNow();
    if (datagram === undefined) return 0;
    visit(datagram);
    return 1;
  } catch (error) {
    if (error instanceof NetlinkError && (error.code === 'NR_OVERRUN' || error.code === 'NR_TRUNCATED'))
      return 'overrun';
    throw error;
  }
};
