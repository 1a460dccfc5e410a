import type { Link } from '../model/link.ts';
import { writeVlans } from '../model/link-kinds/bridge-vlans.ts';
import { writeVnis } from '../model/link-kinds/vxlan-vnis.ts';
import type { Route } from '../model/route.ts';
import type { KindName, KindTypes } from '../model/state.ts';
import { type Conversation, takeTurns } from './conversation.ts';
import { readVlanMessage, VLAN_DUMP } from './families/bridge-vlan.ts';
import type { FamilyCodec, LinkNames } from './families/codec.ts';
import type { RouteShapes } from './families/route-shapes.ts';
import { readVniMessage, VNI_DUMP } from './families/vxlan-vni.ts';
import { askLabelSpace } from './label-space.ts';
import { type LinkTable, readLinkName } from './link-table.ts';
import { NLM_F, NLMSG, RTM } from './wire/constants.ts';
import { ERRNO, errnoName } from './wire/errno.ts';
import { NetlinkError } from './wire/errors.ts';
import { describeAck, readReply } from './wire/extack.ts';
import { type FramedMessage, type MessageCursor, stampMessage } from './wire/framing.ts';
import { MessageWriter } from './wire/writer.ts';

/** How often an interrupted dump is asked for again before its last result is taken. */
const ATTEMPTS = 10;

/** Datagrams of at most 32 KiB between two turns of the event loop: about a millisecond or two of decoding. */
const DATAGRAMS_A_TURN = 64;

/** A dump that is longer than so many datagrams is read by two threads: one takes what the other looks at. */
const FEW_DATAGRAMS = 16;

/** The kernel's way to say that there is nothing: no such table, no such family in this kernel, no handler. */
const ABSENT: readonly number[] = [ERRNO.ENOENT, ERRNO.EOPNOTSUPP, ERRNO.EAFNOSUPPORT];

type DumpRequest = Pick<FamilyCodec<KindName>['dumps'][number], 'type' | 'body'>;

/**
 * Asks for one dump and calls `visit` with each of its messages, which are valid only during the call.
 * @returns whether the kernel says that the dump may be torn (NLM_F_DUMP_INTR on any message, NLMSG_DONE included)
 * @throws {NetlinkError} NR_DUMP_REFUSED, and what the channel throws
 */
const runDump = async (
  conversation: Conversation,
  request: DumpRequest,
  visit: (message: FramedMessage) => void,
): Promise<{ readonly interrupted: boolean }> => {
  const sequence = conversation.nextSequence();
  const writer = new MessageWriter(256);
  writer.begin(request.type, NLM_F.DUMP);
  request.body(writer);
  writer.end();
  stampMessage(writer.bytes, 0, sequence, 0);
  conversation.send(writer.bytes.subarray(0, writer.length));

  let interrupted = false;
  let isWhole = false;
  const read = (message: MessageCursor): void => {
    while (message.next()) {
      if (message.sequence !== sequence) continue;
      if ((message.flags & NLM_F.DUMP_INTR) !== 0) interrupted = true;
      if (message.type !== NLMSG.DONE && message.type !== NLMSG.ERROR) visit(message);
      else {
        checkEnd(request, message);
        isWhole = true;
      }
    }
  };
  for (let datagrams = 1; !isWhole; datagrams++) {
    if (datagrams <= FEW_DATAGRAMS) read(conversation.receive());
    else await conversation.receiveAhead(read);
    if (datagrams % DATAGRAMS_A_TURN === 0) await takeTurns();
  }
  await conversation.endAhead();
  return { interrupted };
};

/** An error of a dump comes in NLMSG_DONE; NLMSG_ERROR only where it could not even start. */
const checkEnd = (request: DumpRequest, message: FramedMessage): void => {
  const reply = readReply(message);
  if (reply.errno === 0 || ABSENT.includes(reply.errno)) return;
  const words = describeAck(reply);
  throw new NetlinkError(
    'NR_DUMP_REFUSED',
    `dump (message type ${request.type}): ${errnoName(reply.errno)}${words === undefined ? '' : ` "${words}"`}`,
    { errno: reply.errno },
  );
};

/** Runs a dump until it is whole, and returns what `read` made of its messages in the last attempt. */
export const collect = async <T>(
  conversation: Conversation,
  request: DumpRequest,
  read: (message: FramedMessage) => T | undefined,
  begin: () => void = () => undefined,
): Promise<T[]> => {
  for (let attempt = 1; ; attempt++) {
    const found: T[] = [];
    begin();
    const { interrupted } = await runDump(conversation, request, (message) => {
      const item = read(message);
      if (item !== undefined) found.push(item);
    });
    if (!interrupted || attempt === ATTEMPTS) return found;
  }
};

/**
 * Every object of a kind, in the kernel's order.
 * @param shapes - for routes: takes those that nobody needs as objects
 */
export const dumpKind = async <K extends KindName>(
  conversation: Conversation,
  codec: FamilyCodec<K>,
  names: LinkNames,
  shapes?: RouteShapes,
): Promise<readonly KindTypes[K][]> => {
  const read = (message: FramedMessage): KindTypes[K] | undefined =>
    message.type === codec.newType ? codec.decode(message, names) : undefined;
  const sift = (message: FramedMessage): KindTypes[K] | undefined => {
    if (shapes === undefined || shapes.takes(message)) return undefined;
    const object = read(message);
    return object !== undefined && shapes.learns(message, object as Route) ? undefined : object;
  };
  const objects: KindTypes[K][] = [];
  if (codec.probe !== undefined && askLabelSpace(conversation, codec.probe) !== 'enough') return objects;
  for (const request of codec.dumps) {
    const { many, sifted } = request;
    if (many !== undefined) {
      const lists = await collect(conversation, request, (message) =>
        message.type === many.type ? many.decode(message, names) : undefined,
      );
      for (const list of lists) for (const object of list) objects.push(object);
      continue;
    }
    const found =
      shapes !== undefined && sifted !== undefined
        ? await collect(conversation, request, sift, () => shapes.restart(sifted))
        : await collect(conversation, request, read);
    for (const object of found) objects.push(object);
  }
  return objects;
};

/** A message of its own, past the life of the buffer it was received in. */
const keep = ({ type, flags, sequence, portId, bytes, start, end }: FramedMessage): FramedMessage => ({
  type,
  flags,
  sequence,
  portId,
  bytes: new Uint8Array(bytes.subarray(start, end)),
  start: 0,
  end: end - start,
});

/**
 * Every link. A link names others (master, parent) that may come later in the dump, so the names are learnt from all messages
 * before the first is decoded.
 */
export const dumpLinks = async (
  conversation: Conversation,
  codec: FamilyCodec<'link'>,
  table: LinkTable,
): Promise<readonly KindTypes['link'][]> => {
  const messages: FramedMessage[] = [];
  for (const request of codec.dumps) {
    for (const message of await collect(conversation, request, keep)) {
      if (message.type === codec.newType) messages.push(message);
    }
  }
  table.replace(messages.map(readLinkName).filter((link) => link !== undefined));
  const links = messages.map((message) => codec.decode(message, table)).filter((link) => link !== undefined);
  return withVnis(await withVlans(links, conversation, table), conversation, table);
};

/** Whether the kernel knows VLANs of bridges: without them it tells of no vlan_default_pvid (br_netlink.c br_fill_info). */
const hasVlans = ({ kind, options }: Link): boolean => kind === 'bridge' && options?.vlan_default_pvid !== undefined;

/** Parts of links by index; those of one link may come in several messages. */
const dumpParts = async <T>(
  conversation: Conversation,
  request: DumpRequest,
  read: (message: FramedMessage) => { readonly index: number; readonly parts: readonly T[] } | undefined,
): Promise<ReadonlyMap<number, readonly T[]>> => {
  const byIndex = new Map<number, T[]>();
  for (const { index, parts } of await collect(conversation, request, read)) {
    const known = byIndex.get(index);
    if (known === undefined) byIndex.set(index, [...parts]);
    else known.push(...parts);
  }
  return byIndex;
};

/** VLANs of bridges and their ports. A link without any is not in their dump. */
const withVlans = async (
  links: readonly Link[],
  conversation: Conversation,
  names: LinkNames,
): Promise<readonly Link[]> => {
  if (!links.some(hasVlans)) return links;
  const byIndex = await dumpParts(conversation, VLAN_DUMP, (message) =>
    message.type === RTM.NEWVLAN ? readVlanMessage(message, names) : undefined,
  );
  return links.map((link) => {
    const vlans = writeVlans(byIndex.get(link.index) ?? []);
    if (link.kind === 'bridge') return { ...link, options: { ...link.options, vlans } };
    return link.port?.kind !== 'bridge'
      ? link
      : { ...link, port: { ...link.port, options: { ...link.port.options, vlans } } };
  });
};

const hasVnis = ({ kind, options }: Link): boolean => kind === 'vxlan' && options?.vnifilter === true;

/** VNIs of the VXLANs that take some only. */
const withVnis = async (
  links: readonly Link[],
  conversation: Conversation,
  names: LinkNames,
): Promise<readonly Link[]> => {
  if (!links.some(hasVnis)) return links;
  const byIndex = await dumpParts(conversation, VNI_DUMP, (message) =>
    message.type === RTM.NEWTUNNEL ? readVniMessage(message, names) : undefined,
  );
  return links.map((link) =>
    hasVnis(link) ? { ...link, options: { ...link.options, vnis: writeVnis(byIndex.get(link.index) ?? []) } } : link,
  );
};
