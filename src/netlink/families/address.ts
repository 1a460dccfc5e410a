import { type Address, FOREVER } from '../../model/address.ts';
import { addressBits, type Family } from '../../model/ip.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import type { OpOf } from '../../model/op.ts';
import {
  type AddressHolder,
  addressAttribute,
  attribute,
  defineTable,
  ignored,
  type RawHolder,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { address, type Codec, indexOfLink, string, u8, u32 } from '../wire/codecs.ts';
import { AF, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readU8, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { FamilyCodec, LinkNames, MessageView } from './codec.ts';
import { familyHeader } from './prefix.ts';

/** struct ifaddrmsg: u8 family, prefixlen, flags, scope; u32 index. */
const IFADDRMSG_LENGTH = 8;

/** include/uapi/linux/if_addr.h. The lowest bit means another thing in each family. */
const IFA_F = {
  SECONDARY: 0x01,
  TEMPORARY: 0x01,
  NODAD: 0x02,
  DADFAILED: 0x08,
  HOMEADDRESS: 0x10,
  DEPRECATED: 0x20,
  TENTATIVE: 0x40,
  PERMANENT: 0x80,
  MANAGETEMPADDR: 0x100,
  NOPREFIXROUTE: 0x200,
  MCAUTOJOIN: 0x400,
} as const;

interface Lifetimes {
  /** seconds */
  readonly preferred: number;
  /** seconds */
  readonly valid: number;
}

/** struct ifa_cacheinfo: u32 prefered, valid, cstamp, tstamp; the stamps are the kernel's. */
const lifetimesCodec: Codec<Lifetimes> = {
  accepts: (length) => length >= 16,
  read: (bytes, start) => ({ preferred: readU32(bytes, start), valid: readU32(bytes, start + 4) }),
  write: (writer, value) => {
    writer.u32(value.preferred);
    writer.u32(value.valid);
    writer.zeros(8);
  },
};

interface AddressDraft extends RawHolder, AddressHolder {
  /** IFA_LOCAL */
  local: string | undefined;
  /** IFA_ADDRESS */
  far: string | undefined;
  label: string | undefined;
  broadcast: string | undefined;
  lifetimes: Lifetimes | undefined;
  flags: number;
  metric: number;
  protocol: number;
}

/** A preferred lifetime beyond the valid one is refused, so a missing one follows the other. */
const lifetimesOf = (object: Address): Lifetimes | undefined => {
  if (object.valid_lft === undefined && object.preferred_lft === undefined) return undefined;
  const valid = object.valid_lft ?? FOREVER;
  return { valid, preferred: object.preferred_lft ?? valid };
};

/**
 * inet_fill_ifaddr (net/ipv4/devinet.c) writes no lifetimes of a permanent IPv4 address; that its preferred one is over
 * shows in the flag alone.
 */
const isDeprecatedForGood = (family: Family, flags: number): boolean =>
  family === 'inet' && (flags & IFA_F.PERMANENT) !== 0 && (flags & IFA_F.DEPRECATED) !== 0;

/** Flags that can be asked for; the others are the kernel's findings. */
const requestedFlags = (object: Address): number =>
  (object.nodad === true ? IFA_F.NODAD : 0) |
  (object.home === true ? IFA_F.HOMEADDRESS : 0) |
  (object.mngtmpaddr === true ? IFA_F.MANAGETEMPADDR : 0) |
  (object.noprefixroute === true ? IFA_F.NOPREFIXROUTE : 0) |
  (object.autojoin === true ? IFA_F.MCAUTOJOIN : 0);

/** What tells an address from its neighbors: all that a deletion sends. */
const IDENTITY_SPECS = [
  addressAttribute<Address, AddressDraft>(
    'IFA_LOCAL',
    2,
    address,
    (object) => object.address,
    (draft, value) => {
      draft.local = value;
    },
  ),
  addressAttribute<Address, AddressDraft>(
    'IFA_ADDRESS',
    1,
    address,
    (object) => object.peer ?? object.address,
    (draft, value) => {
      draft.far = value;
    },
  ),
  attribute<Address, AddressDraft, string>(
    'IFA_LABEL',
    3,
    string,
    (object) => object.label,
    (draft, value) => {
      draft.label = value;
    },
  ),
];
const IDENTITY_TABLE = defineTable(IDENTITY_SPECS);

/** IFA_*: include/uapi/linux/if_addr.h, in the order of writing. */
export const ADDRESS_TABLE = defineTable<Address, AddressDraft>(
  [
    ...IDENTITY_SPECS,
    addressAttribute(
      'IFA_BROADCAST',
      4,
      address,
      (object) => object.broadcast ?? undefined,
      (draft, value) => {
        draft.broadcast = value;
      },
    ),
    // ifa_flags of the header has eight bits only
    attribute('IFA_FLAGS', 8, u32, requestedFlags, (draft, value) => {
      draft.flags = value;
    }),
    attribute('IFA_CACHEINFO', 6, lifetimesCodec, lifetimesOf, (draft, value) => {
      draft.lifetimes = value;
    }),
    attribute(
      'IFA_RT_PRIORITY',
      9,
      u32,
      (object) => object.metric,
      (draft, value) => {
        draft.metric = value;
      },
    ),
    attribute(
      'IFA_PROTO',
      11,
      u8,
      (object) => object.protocol ?? NETRECON_PROTOCOL,
      (draft, value) => {
        draft.protocol = value;
      },
    ),
  ],
  [
    ignored('IFA_ANYCAST', 5, 'an object of its own (RTM_GETANYCAST), never within an address'),
    ignored('IFA_MULTICAST', 7, 'an object of its own (RTM_GETMULTICAST), never within an address'),
    ignored('IFA_TARGET_NETNSID', 10, 'names the namespace of a dump, not the address'),
  ],
);

const finish = (draft: AddressDraft, family: Family, dev: string, prefixlen: number, scope: number): Address => {
  const local = draft.local ?? draft.far ?? '';
  const has = (bit: number): boolean => (draft.flags & bit) !== 0;
  return {
    dev,
    family,
    address: local,
    prefixlen,
    ...(draft.far !== undefined && draft.far !== local ? { peer: draft.far } : {}),
    ...(family === 'inet' ? { broadcast: draft.broadcast ?? null } : {}),
    scope,
    ...(draft.label === undefined ? {} : { label: draft.label }),
    valid_lft: draft.lifetimes?.valid ?? FOREVER,
    preferred_lft: isDeprecatedForGood(family, draft.flags) ? 0 : (draft.lifetimes?.preferred ?? FOREVER),
    metric: draft.metric,
    noprefixroute: has(IFA_F.NOPREFIXROUTE),
    autojoin: has(IFA_F.MCAUTOJOIN),
    protocol: draft.protocol,
    dynamic: !has(IFA_F.PERMANENT),
    ...(family === 'inet'
      ? { secondary: has(IFA_F.SECONDARY) }
      : {
          nodad: has(IFA_F.NODAD),
          home: has(IFA_F.HOMEADDRESS),
          mngtmpaddr: has(IFA_F.MANAGETEMPADDR),
          temporary: has(IFA_F.TEMPORARY),
          tentative: has(IFA_F.TENTATIVE),
          dadfailed: has(IFA_F.DADFAILED),
        }),
    ...(draft.raw === undefined ? {} : { raw: draft.raw }),
  };
};

const decode = (message: MessageView, names: LinkNames): Address | undefined => {
  const at = familyHeader(message, 'ifaddrmsg', IFADDRMSG_LENGTH);
  const bytes = message.bytes;
  const protocolFamily = readU8(bytes, at);
  if (protocolFamily !== AF.INET && protocolFamily !== AF.INET6) return undefined;
  const family = protocolFamily === AF.INET ? 'inet' : 'inet6';
  const bits = addressBits(family);
  const draft: AddressDraft = {
    raw: undefined,
    addressLength: bits / 8,
    local: undefined,
    far: undefined,
    label: undefined,
    broadcast: undefined,
    lifetimes: undefined,
    flags: readU8(bytes, at + 2),
    metric: 0,
    protocol: 0,
  };
  readAttributes(ADDRESS_TABLE, bytes, at + IFADDRMSG_LENGTH, message.end, draft, names);
  const prefixlen = readU8(bytes, at + 1);
  if (prefixlen > bits || (draft.local === undefined && draft.far === undefined)) {
    throw new DecodeError('ifaddrmsg', 'no address, or a prefix longer than one', bytes, at, at + IFADDRMSG_LENGTH);
  }
  const dev = names.nameOf(readU32(bytes, at + 4));
  return dev === undefined ? undefined : finish(draft, family, dev, prefixlen, readU8(bytes, at + 3));
};

/** NLM_F_REPLACE alone creates an address that is missing, of either family. */
const flagsOf = (action: OpOf<'address'>['action']): number =>
  action === 'delete' ? 0 : action === 'update' ? NLM_F.REPLACE : NLM_F.CREATE | NLM_F.EXCL;

const encode = (op: OpOf<'address'>, writer: MessageWriter, names: LinkNames): void => {
  const object = op.object;
  const isDelete = op.action === 'delete';
  const index = indexOfLink(names, object.dev);
  writer.begin(isDelete ? RTM.DELADDR : RTM.NEWADDR, flagsOf(op.action));
  writer.u8(object.family === 'inet' ? AF.INET : AF.INET6);
  writer.u8(object.prefixlen);
  writer.u8(0);
  writer.u8(object.scope ?? 0);
  writer.u32(index);
  writeAttributes(isDelete ? IDENTITY_TABLE : ADDRESS_TABLE, writer, object, names);
  if (!isDelete) writeRaw(writer, object.raw);
  writer.end();
};

/** Addresses of both families. */
export const addressCodec: FamilyCodec<'address'> = {
  kind: 'address',
  newType: RTM.NEWADDR,
  deleteType: RTM.DELADDR,
  groups: [RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV6_IFADDR],
  dumps: [{ type: RTM.GETADDR, body: (writer) => writer.zeros(IFADDRMSG_LENGTH) }],
  decode,
  encode,
};
