import { addressBits } from '../../model/ip.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import type { OpOf } from '../../model/op.ts';
import { defineTable, readAttributes, writeAttributes, writeRaw } from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { AF, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readU8, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';

import { type FamilyCodec, type LinkNames, type MessageView, NO_NAMES } from './codec.ts';

import { takeEncap } from './encap-specs.ts';
import { NEXTHOP_ENCAP, NEXTHOP_TABLE, type NexthopDraft } from './nexthop-attributes.ts';
import { familyHeader } from './prefix.ts';
import { RTNH_F_ONLINK } from './rtnexthop.ts';

/** struct nhmsg: u8 family, scope, protocol, resvd; u32 flags. */
const NHMSG_LENGTH = 8;

const ID_TABLE = defineTable(NEXTHOP_TABLE.specs.slice(0, 1));

const FAMILIES: Readonly<Record<number, Nexthop['family']>> = {
  [AF.UNSPEC]: 'unspec',
  [AF.INET]: 'inet',
  [AF.INET6]: 'inet6',
};
const AF_OF = { unspec: AF.UNSPEC, inet: AF.INET, inet6: AF.INET6 } as const;

const decode = (message: MessageView, names: LinkNames): Nexthop | undefined => {
  const at = familyHeader(message, 'nhmsg', NHMSG_LENGTH);
  const bytes = message.bytes;
  const family = FAMILIES[readU8(bytes, at)];
  if (family === undefined) return undefined;
  const draft: NexthopDraft = {
    raw: undefined,
    id: 0,
    group: undefined,
    type: undefined,
    buckets: undefined,
    idle_timer: undefined,
    unbalanced_timer: undefined,
    blackhole: false,
    fdb: false,
    encapType: 0,
    encapStart: 0,
    encapEnd: 0,
    oif: 0,
    via: undefined,
  };
  readAttributes(NEXTHOP_TABLE, bytes, at + NHMSG_LENGTH, message.end, draft, names);
  if (draft.via !== undefined && (family === 'unspec' || (addressBits(family) === 32) === draft.via.includes(':'))) {
    throw new DecodeError('NHA_GATEWAY', `${draft.via} in a nexthop of family ${family}`, bytes, at, message.end);
  }
  const encap = takeEncap(NEXTHOP_ENCAP, bytes, draft, names);
  const dev = draft.oif === 0 ? undefined : names.nameOf(draft.oif);
  if (dev === undefined && draft.oif !== 0) return undefined;
  return {
    id: draft.id,
    family,
    ...(dev === undefined ? {} : { dev }),
    ...(draft.via === undefined ? {} : { via: draft.via }),
    ...((readU32(bytes, at + 4) & RTNH_F_ONLINK) === 0 ? {} : { onlink: true }),
    ...(draft.blackhole ? { blackhole: true } : {}),
    ...(draft.fdb ? { fdb: true } : {}),
    ...(encap === undefined ? {} : { encap }),
    protocol: readU8(bytes, at + 2),
    scope: readU8(bytes, at + 1),
    ...(draft.group === undefined ? {} : { group: draft.group }),
    ...(draft.type === undefined ? {} : { type: draft.type }),
    ...(draft.buckets === undefined ? {} : { buckets: draft.buckets }),
    ...(draft.idle_timer === undefined ? {} : { idle_timer: draft.idle_timer }),
    ...(draft.unbalanced_timer === undefined ? {} : { unbalanced_timer: draft.unbalanced_timer }),
    ...(draft.raw === undefined ? {} : { raw: draft.raw }),
  };
};

/**
 * The scope is the kernel's own (net/ipv4/nexthop.c rtm_to_nh_config refuses one), and a deletion takes nothing but the
 * id (nh_valid_get_del_req).
 */
const encode = (op: OpOf<'nexthop'>, writer: MessageWriter, names: LinkNames): void => {
  const object = op.object;
  if (op.action === 'delete') {
    writer.begin(RTM.DELNEXTHOP, 0);
    writer.zeros(NHMSG_LENGTH);
    writeAttributes(ID_TABLE, writer, object, names);
    writer.end();
    return;
  }
  writer.begin(RTM.NEWNEXTHOP, op.action === 'create' ? NLM_F.CREATE | NLM_F.EXCL : NLM_F.REPLACE);
  writer.u8(AF_OF[object.family]);
  writer.u8(0);
  writer.u8(object.protocol);
  writer.u8(0);
  writer.u32(object.onlink === true ? RTNH_F_ONLINK : 0);
  writeAttributes(NEXTHOP_TABLE, writer, object, names);
  writeRaw(writer, object.raw);
  writer.end();
};

/** Asks for the object of a number. */
export const writeNexthopQuery = (writer: MessageWriter, id: number): void => {
  writer.begin(RTM.GETNEXTHOP, 0);
  writer.zeros(NHMSG_LENGTH);
  writeAttributes(ID_TABLE, writer, { id, family: 'unspec', protocol: 0 }, NO_NAMES);
  writer.end();
};

/** Nexthop objects. */
export const nexthopCodec: FamilyCodec<'nexthop'> = {
  kind: 'nexthop',
  newType: RTM.NEWNEXTHOP,
  deleteType: RTM.DELNEXTHOP,
  groups: [RTNLGRP.NEXTHOP],
  dumps: [{ type: RTM.GETNEXTHOP, body: (writer) => writer.zeros(NHMSG_LENGTH) }],
  decode,
  encode,
};
