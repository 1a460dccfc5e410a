import type { Family } from '../../model/ip.ts';
import type { KernelEvent } from '../../model/kernel-port.ts';
import type { OpOf } from '../../model/op.ts';
import type { KindName, KindTypes } from '../../model/state.ts';
import type { MessageWriter } from '../wire/writer.ts';

/** Names of links and their indexes, in the namespace at hand. */
export interface LinkNames {
  /** undefined where no such link exists */
  indexOf(name: string): number | undefined;
  /** false where `indexOf` would have to ask the kernel; absent: it never has to */
  knowsIndexOf?(name: string): boolean;
  /** undefined where the index is not known (a link of another namespace, or one that has just gone) */
  nameOf(index: number): string | undefined;
  /** an open descriptor of another namespace; undefined where none of that name is at hand */
  namespaceFd?(name: string): number | undefined;
}

/** For messages that name no link. */
export const NO_NAMES: LinkNames = { indexOf: () => undefined, nameOf: () => undefined };

/** A message within a datagram: `start` is the first byte of its nlmsghdr, `end` is start + nlmsg_len. */
export interface MessageView {
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** How objects of one kind stand on the wire; one file a family of messages. */
export interface FamilyCodec<K extends KindName> {
  readonly kind: K;
  /** RTM_NEW*, RTM_DEL* types that carry objects of this kind (also as multicast) */
  readonly newType: number;
  readonly deleteType: number;
  /** address family of its messages, where another kind has messages of the same types */
  readonly family?: number;
  /** further types of messages that tell of a change of such an object, whether or not `decode` finds one in them */
  readonly others?: ReadonlyMap<number, KernelEvent['action']>;
  /** multicast groups (RTNLGRP_*) that tell of changes of this kind */
  readonly groups: readonly number[];
  /** writes a question that a kernel without such objects refuses; they are dumped only where it has another answer */
  readonly probe?: (writer: MessageWriter) => void;
  /** writes the body (family header and attributes) of each dump request that a full view of this kind takes */
  readonly dumps: readonly {
    readonly type: number;
    readonly body: (writer: MessageWriter) => void;
    /** its objects are routes of this family: a RouteSieve may take them */
    readonly sifted?: Family;
    /** its messages are of a type of their own, and hold several objects each */
    readonly many?: {
      readonly type: number;
      readonly decode: (message: MessageView, names: LinkNames) => readonly KindTypes[K][];
    };
  }[];
  /**
   * Reads one message of `newType` or `deleteType`.
   * @returns undefined for messages that are no object of this kind (cloned routes, foreign families, ...)
   * @throws {DecodeError} on bytes that break the format; never anything else
   */
  decode(message: MessageView, names: LinkNames): KindTypes[K] | undefined;
  /**
   * Writes the one message of an operation, nlmsghdr included; flags without NLM_F_ACK, sequence 0 (the transport sets
   * both).
   * @throws {EncodeError} where a link name cannot be resolved
   */
  encode(op: OpOf<K>, writer: MessageWriter, names: LinkNames): void;
}
