import type { SendOptions } from '../model/kernel-port.ts';
import type { Op, OpResult, RouteEcho } from '../model/op.ts';
import type { KindName } from '../model/state.ts';
import { mostInFlight, receiveAcks, resultOf, WINDOW_BYTES } from './acknowledgement.ts';
import { type Conversation, takeTurns } from './conversation.ts';
import type { FamilyCodec } from './families/codec.ts';
import type { LinkTable } from './link-table.ts';
import { isEchoed, readEcho } from './route-echo.ts';
import type { MessageLayout } from './wire/attribute-path.ts';
import { EncodeError } from './wire/codec-errors.ts';
import { NLM_F, NLMSG } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { readReply } from './wire/extack.ts';
import { stampMessage } from './wire/framing.ts';
import { MessageWriter } from './wire/writer.ts';

export type FamilyTable = { readonly [K in KindName]: FamilyCodec<K> };

/** How operations stand on the wire of a conversation. */
export interface Wire {
  /** writes the one message of an operation, as FamilyCodec.encode does */
  readonly encode: (op: Op, writer: MessageWriter, names: LinkTable) => void;
  /** for the paths of attributes; default: those of rtnetlink */
  readonly layouts?: readonly MessageLayout[];
  /** whether what becomes of an operation may come back with its result; default: of none */
  readonly isEchoed?: (op: Op, size: number) => boolean;
}

/** That of rtnetlink. */
export const wireOf = (families: FamilyTable): Wire => ({
  encode: (op, writer, names) => (families[op.kind] as FamilyCodec<KindName>).encode(op as never, writer, names),
  isEchoed,
});

/** Operations between two turns of the event loop, in which signals are heard and what was printed gets out. */
const OPERATIONS_A_TURN = 64;

/** Messages in one send, with consecutive sequence numbers. */
interface Window {
  readonly writer: MessageWriter;
  readonly firstSequence: number;
  /** where each message starts */
  readonly starts: readonly number[];
}

/** Whether `next` may be in flight together with `op`: neither needs the other's result to be encoded or understood. */
const mayFollow = (op: Op, next: Op | undefined): boolean =>
  next !== undefined && op.kind !== 'link' && next.kind === op.kind && next.action === op.action;

/**
 * Encodes ops[from...], as many as may be in flight together, at least one.
 * @throws {EncodeError} where the first cannot be encoded
 */
const fillWindow = (
  ops: readonly Op[],
  from: number,
  most: number,
  context: { conversation: Conversation; wire: Wire; names: LinkTable; writer: MessageWriter; echo: boolean },
): Window => {
  const { conversation, wire, names, writer, echo } = context;
  writer.reset();
  const starts: number[] = [];
  for (let i = from; ; i++) {
    const op = ops[i] as Op;
    const start = writer.length;
    try {
      wire.encode(op, writer, names);
    } catch (error) {
      // What stands before it goes out first; the next window then begins with this operation, and fails.
      if (starts.length === 0 || !(error instanceof EncodeError)) throw error;
      writer.abandon();
      break;
    }
    starts.push(start);
    if (starts.length >= most || writer.length >= WINDOW_BYTES || !mayFollow(op, ops[i + 1])) break;
  }
  // Numbered only now: encoding may itself have asked the kernel for the index of a link.
  let firstSequence = 0;
  for (const [i, start] of starts.entries()) {
    const sequence = conversation.nextSequence();
    if (i === 0) firstSequence = sequence;
    const size = (starts[i + 1] ?? writer.length) - start;
    const isAsked = echo && wire.isEchoed?.(ops[from + i] as Op, size) === true;
    stampMessage(writer.bytes, start, sequence, isAsked ? NLM_F.ACK | NLM_F.ECHO : NLM_F.ACK);
  }
  return { writer, firstSequence, starts };
};

const requestAt = ({ writer, starts }: Window, i: number): Uint8Array =>
  writer.bytes.subarray(starts[i] as number, starts[i + 1] ?? writer.length);

/** Sends a window and waits for the answer to each of its messages, whatever else arrives. */
const exchange = (
  conversation: Conversation,
  window: Window,
  names: LinkTable,
  layouts: Wire['layouts'],
): OpResult[] => {
  const { writer, firstSequence, starts } = window;
  conversation.send(writer.bytes.subarray(0, writer.length));
  const results = new Array<OpResult | undefined>(starts.length).fill(undefined);
  const echoes = new Map<number, RouteEcho>();
  for (let open = starts.length; open > 0; ) {
    const message = receiveAcks(open, () => conversation.receive());
    while (message.next()) {
      const i = (message.sequence - firstSequence) >>> 0;
      if (i >= starts.length || results[i] !== undefined) continue;
      if (message.type !== NLMSG.ERROR) {
        const echo = readEcho(message, names);
        if (echo !== undefined) echoes.set(i, echo);
        continue;
      }
      const result = resultOf(readReply(message), requestAt(window, i), layouts);
      const echo = echoes.get(i);
      results[i] = result.ok && echo !== undefined ? { ...result, echo } : result;
      open--;
    }
  }
  return results as OpResult[];
};

/** Names that an operation on a link changes; the new index is asked for when an operation needs it. */
export const followLink = (op: Op, names: LinkTable): void => {
  if (op.kind !== 'link') return;
  const isSameLink = op.action === 'update' && op.stage !== 'netns' && op.before?.name === op.object.name;
  if (isSameLink) return;
  names.doubt(op.object.name);
  if (op.action === 'delete' || op.stage === 'netns') names.doubtAll();
  if (op.before !== undefined) names.doubt(op.before.name);
  // The other end of a veth is made along, under the name its options say.
  const peer = op.action === 'create' ? op.object.options?.peer : undefined;
  if (typeof peer === 'string') names.doubt(peer);
};

/** An operation that cannot be put on the wire (its link has gone meanwhile) is refused like any other. */
const answerOf = (send: () => OpResult[]): OpResult[] => {
  try {
    return send();
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return [{ ok: false, error: { errno: ERRNO.EINVAL, name: error.code, message: error.message } }];
  }
};

/**
 * Sends operations in order and matches each with its acknowledgement by sequence number. Stops after the window in which
 * one was refused; without `pipeline` a window is one operation.
 * @returns one result for each operation sent, in order
 * @throws {NetlinkError} NR_ACK_LOST, NR_TIMEOUT, NR_SYSTEM_CALL: what became of the operations in flight is not known
 */
export const sendOps = async (
  conversation: Conversation,
  wire: Wire,
  names: LinkTable,
  ops: readonly Op[],
  options: SendOptions = {},
): Promise<readonly OpResult[]> => {
  const { pipeline = false, echo = false } = options;
  const most = pipeline ? mostInFlight(conversation, echo) : 1;
  const context = { conversation, wire, names, writer: new MessageWriter(), echo };
  const results: OpResult[] = [];
  let turned = 0;
  while (results.length < ops.length) {
    const from = results.length;
    const answers = answerOf(() => exchange(conversation, fillWindow(ops, from, most, context), names, wire.layouts));
    for (const [i, answer] of answers.entries()) {
      results.push(answer);
      if (answer.ok) followLink(ops[from + i] as Op, names);
    }
    if (answers.some((answer) => !answer.ok)) break;
    if (results.length - turned >= OPERATIONS_A_TURN) {
      turned = results.length;
      await takeTurns();
    }
  }
  return results;
};
