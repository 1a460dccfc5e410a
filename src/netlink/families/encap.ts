import type { Encap, Ip6Encap, IpEncap, MplsEncap } from '../../model/encap.ts';
import {
  type AttributeTable,
  attribute,
  defineTable,
  ignored,
  readAttributes,
  writeAttributes,
} from '../wire/attributes.ts';
import { address, be16, be64Text, u8 } from '../wire/codecs.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';
import { SEG6_LOCAL_TABLE, SEG6_TABLE, type Seg6Draft } from './encap-seg6.ts';
import { labelStack } from './label-stack.ts';

/** LWTUNNEL_ENCAP_*: include/uapi/linux/lwtunnel.h. */
const ENCAP_TYPES: Readonly<Record<Encap['type'], number>> = { mpls: 1, ip: 2, ip6: 4, seg6: 5, seg6local: 7 };
const TYPE_NAMES: ReadonlyMap<number, Encap['type']> = new Map(
  Object.entries(ENCAP_TYPES).map(([name, type]) => [type, name as Encap['type']]),
);

/** What the nest says, until it is put together; `odd`: something in it has no place in the model. */
interface EncapDraft extends Seg6Draft {
  labels: readonly number[] | undefined;
  ttl: number | undefined;
  id: number | undefined;
  dst: string | undefined;
  src: string | undefined;
  tos: number | undefined;
  flags: number | undefined;
}

/** MPLS_IPTUNNEL_*: include/uapi/linux/mpls_iptunnel.h. */
const MPLS_TABLE = defineTable<MplsEncap, EncapDraft>([
  attribute(
    'MPLS_IPTUNNEL_DST',
    1,
    labelStack,
    ({ labels }) => labels,
    (draft, labels) => {
      draft.labels = labels;
    },
  ),
  attribute(
    'MPLS_IPTUNNEL_TTL',
    2,
    u8,
    ({ ttl }) => ttl,
    (draft, ttl) => {
      draft.ttl = ttl;
    },
  ),
]);

/** TUNNEL_* of include/uapi/linux/if_tunnel.h, in host order. */
const CSUM = 1;
const KEY = 4;
const SEQ = 8;

type Tunnel = IpEncap | Ip6Encap;

const flagsOf = ({ key, csum, seq }: Tunnel): number =>
  (key === true ? KEY : 0) | (csum === true ? CSUM : 0) | (seq === true ? SEQ : 0);

/** LWTUNNEL_IP_* and LWTUNNEL_IP6_*, which differ in the length of an address alone: include/uapi/linux/lwtunnel.h. */
const TUNNEL_TABLE = defineTable<Tunnel, EncapDraft>(
  [
    attribute(
      'LWTUNNEL_IP_ID',
      1,
      be64Text,
      ({ id }) => (id === undefined ? undefined : `${id}`),
      (draft, text) => {
        draft.id = Number(text);
        if (!Number.isSafeInteger(draft.id)) draft.odd = true;
      },
    ),
    attribute(
      'LWTUNNEL_IP_DST',
      2,
      address,
      ({ dst }) => dst,
      (draft, dst) => {
        draft.dst = dst;
      },
    ),
    attribute(
      'LWTUNNEL_IP_SRC',
      3,
      address,
      ({ src }) => src,
      (draft, src) => {
        draft.src = src;
      },
    ),
    attribute(
      'LWTUNNEL_IP_TTL',
      4,
      u8,
      (tunnel) => (tunnel.type === 'ip' ? tunnel.ttl : tunnel.hoplimit),
      (draft, ttl) => {
        draft.ttl = ttl;
      },
    ),
    attribute(
      'LWTUNNEL_IP_TOS',
      5,
      u8,
      (tunnel) => (tunnel.type === 'ip' ? tunnel.tos : tunnel.tc),
      (draft, tos) => {
        draft.tos = tos;
      },
    ),
    attribute(
      'LWTUNNEL_IP_FLAGS',
      6,
      be16,
      (tunnel) => flagsOf(tunnel) || undefined,
      (draft, flags) => {
        draft.flags = flags;
        if ((flags & ~(CSUM | KEY | SEQ)) !== 0) draft.odd = true;
      },
    ),
  ],
  [ignored('LWTUNNEL_IP_PAD', 7, 'padding')],
);

/** Members without those that say nothing, which the kernel dumps all the same. */
const telling = <T extends object>(members: T): T =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && value !== 0 && value !== false && value !== '0.0.0.0' && value !== '::',
    ),
  ) as T;

const flagWords = (flags = 0) => ({
  key: (flags & KEY) !== 0,
  csum: (flags & CSUM) !== 0,
  seq: (flags & SEQ) !== 0,
});

const assemble = (type: Encap['type'], draft: EncapDraft): Encap | undefined => {
  const { labels, ttl, id, dst, src, tos, flags, mode, segs, action } = draft;
  switch (type) {
    case 'mpls':
      return labels === undefined ? undefined : { type, labels, ...(ttl === undefined ? {} : { ttl }) };
    case 'ip':
      return telling<Encap>({ type, id, dst, src, tos, ttl, ...flagWords(flags) } as Encap);
    case 'ip6':
      return telling<Encap>({ type, id, dst, src, tc: tos, hoplimit: ttl, ...flagWords(flags) } as Encap);
    case 'seg6':
      return mode === undefined || segs === undefined ? undefined : { type, mode, segs };
    case 'seg6local': {
      const { table, vrftable, nh4, nh6, oif } = draft;
      if (action === undefined) return undefined;
      const rest = { table, vrftable, nh4, nh6, oif, segs };
      return {
        type,
        action,
        ...(Object.fromEntries(
          Object.entries(rest).filter(([, value]) => value !== undefined),
        ) as typeof rest as object),
      };
    }
  }
};

const TABLES: Readonly<Record<Encap['type'], AttributeTable<never, EncapDraft>>> = {
  mpls: MPLS_TABLE,
  ip: TUNNEL_TABLE,
  ip6: TUNNEL_TABLE,
  seg6: SEG6_TABLE,
  seg6local: SEG6_LOCAL_TABLE,
};

/**
 * Reads the payload of RTA_ENCAP or NHA_ENCAP.
 * @param code - LWTUNNEL_ENCAP_* of the attribute beside it
 * @returns undefined where the model has no words for all of it: the caller keeps the attributes as they are
 * @throws {DecodeError}
 */
export const readEncap = (
  code: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  names: LinkNames,
): Encap | undefined => {
  const type = TYPE_NAMES.get(code);
  if (type === undefined) return undefined;
  const draft: EncapDraft = {
    raw: undefined,
    odd: false,
    labels: undefined,
    ttl: undefined,
    id: undefined,
    dst: undefined,
    src: undefined,
    tos: undefined,
    flags: undefined,
    mode: undefined,
    action: undefined,
    segs: undefined,
    table: undefined,
    vrftable: undefined,
    nh4: undefined,
    nh6: undefined,
    oif: undefined,
  };
  readAttributes(TABLES[type], bytes, start, end, draft, names);
  return draft.odd || draft.raw !== undefined ? undefined : assemble(type, draft);
};

/** LWTUNNEL_ENCAP_* of an encapsulation. */
export const encapCode = ({ type }: Encap): number => ENCAP_TYPES[type];

/** Writes the payload of RTA_ENCAP or NHA_ENCAP. */
export const writeEncap = (writer: MessageWriter, encap: Encap, names: LinkNames): void =>
  writeAttributes(TABLES[encap.type] as unknown as AttributeTable<Encap, never>, writer, encap, names);
