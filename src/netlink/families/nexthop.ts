import { addressBits } from '../../model/ip.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import type { OpOf } from '../../model/op.ts';
import type { RawAttribute } from '../../model/value.ts';
import {
  type AttributeSpec,
  attribute,
  defineTable,
  eachAttribute,
  ignored,
  type RawHolder,
  rawAttribute,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { address, type Codec, flag, indexOfLink, u16, u32 } from '../wire/codecs.ts';
import { AF, NLA_F_NESTED, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readU8, readU32 } from '../wire/reader.ts';
import { MessageWriter } from '../wire/writer.ts';
import type { FamilyCodec, LinkNames, MessageView } from './codec.ts';
import { familyHeader } from './prefix.ts';
import { RTNH_F_ONLINK } from './route-hops.ts';

/** struct nhmsg: u8 family, scope, protocol, resvd; u32 flags. */
const NHMSG_LENGTH = 8;
/** struct nexthop_grp: u32 id, u8 weight - 1, u8 high byte of that (kernel 6.12 on), u16 reserved. */
const NEXTHOP_GRP_LENGTH = 8;

const NHA_GROUP_TYPE = 3;
const NHA_RES_GROUP = 12;

type Member = NonNullable<Nexthop['group']>[number];

const groupCodec: Codec<readonly Member[]> = {
  accepts: (length) => length % NEXTHOP_GRP_LENGTH === 0,
  read: (bytes, start, end) => {
    const members: Member[] = [];
    for (let at = start; at < end; at += NEXTHOP_GRP_LENGTH) {
      const weight = readU8(bytes, at + 4) + 256 * readU8(bytes, at + 5) + 1;
      members.push({ id: readU32(bytes, at), weight });
    }
    return members;
  },
  write: (writer, members) => {
    for (const { id, weight } of members) {
      writer.u32(id);
      writer.u16(weight - 1);
      writer.u16(0);
    }
  },
};

interface NexthopDraft extends RawHolder {
  id: number;
  group: readonly Member[] | undefined;
  blackhole: boolean;
  fdb: boolean;
  oif: number;
  via: string | undefined;
}

const keep = (draft: NexthopDraft, raw: RawAttribute): void => {
  draft.raw ??= [];
  draft.raw.push(raw);
};

/** Hash-threshold groups (0) are the default; the type of a resilient group is kept with its nest. */
const groupTypeSpec = attribute<Nexthop, NexthopDraft, number>(
  'NHA_GROUP_TYPE',
  NHA_GROUP_TYPE,
  u16,
  () => undefined,
  (draft, value) => {
    if (value !== 0) keep(draft, { type: NHA_GROUP_TYPE, hex: Buffer.from([value, value >>> 8]).toString('hex') });
  },
);

/** NHA_RES_GROUP_*: what the kernel takes back; the time since the group is unbalanced is a report, and refused. */
const RES_GROUP_SETTINGS: readonly number[] = [1, 2, 3];
const resilientSpec: AttributeSpec<Nexthop, NexthopDraft> = {
  name: 'NHA_RES_GROUP',
  type: NHA_RES_GROUP,
  nested: {
    names: ['PAD', 'BUCKETS', 'IDLE_TIMER', 'UNBALANCED_TIMER'].map((name, type) => ({
      name: `NHA_RES_GROUP_${name}`,
      type,
    })),
  },
  decode: (bytes, start, end, draft) => {
    const settings: RawAttribute[] = [];
    eachAttribute(bytes, start, end, (type, _from, stop, at) => {
      if (RES_GROUP_SETTINGS.includes(type)) settings.push(rawAttribute(bytes, at, stop));
    });
    const nest = new MessageWriter(64);
    writeRaw(nest, settings);
    const hex = Buffer.from(nest.bytes.subarray(0, nest.length)).toString('hex');
    keep(draft, { type: NHA_RES_GROUP | NLA_F_NESTED, hex });
  },
  encode: () => undefined,
};

/** NHA_*: include/uapi/linux/nexthop.h, in the order of writing. */
export const NEXTHOP_TABLE = defineTable<Nexthop, NexthopDraft>(
  [
    attribute(
      'NHA_ID',
      1,
      u32,
      (object) => object.id,
      (draft, value) => {
        draft.id = value;
      },
    ),
    attribute(
      'NHA_GROUP',
      2,
      groupCodec,
      (object) => object.group,
      (draft, value) => {
        draft.group = value;
      },
    ),
    groupTypeSpec,
    attribute(
      'NHA_BLACKHOLE',
      4,
      flag,
      (object) => object.blackhole || undefined,
      (draft) => {
        draft.blackhole = true;
      },
    ),
    attribute(
      'NHA_FDB',
      11,
      flag,
      (object) => object.fdb || undefined,
      (draft) => {
        draft.fdb = true;
      },
    ),
    attribute(
      'NHA_OIF',
      5,
      u32,
      (object, names) => (object.dev === undefined ? undefined : indexOfLink(names, object.dev)),
      (draft, value) => {
        draft.oif = value;
      },
    ),
    attribute(
      'NHA_GATEWAY',
      6,
      address,
      (object) => object.via,
      (draft, value) => {
        draft.via = value;
      },
    ),
    resilientSpec,
  ],
  [
    ignored('NHA_GROUPS', 9, 'asks a dump for groups only'),
    ignored('NHA_MASTER', 10, 'asks a dump for one master only'),
    ignored('NHA_RES_BUCKET', 13, 'an object of its own (RTM_GETNEXTHOPBUCKET)'),
    ignored('NHA_OP_FLAGS', 14, 'belongs to the request'),
    ignored('NHA_GROUP_STATS', 15, 'counters'),
    ignored('NHA_HW_STATS_ENABLE', 16, 'switches counters of the hardware'),
    ignored('NHA_HW_STATS_USED', 17, 'counters of the hardware'),
  ],
);
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
    blackhole: false,
    fdb: false,
    oif: 0,
    via: undefined,
  };
  readAttributes(NEXTHOP_TABLE, bytes, at + NHMSG_LENGTH, message.end, draft, names);
  if (draft.via !== undefined && (family === 'unspec' || (addressBits(family) === 32) === draft.via.includes(':'))) {
    throw new DecodeError('NHA_GATEWAY', `${draft.via} in a nexthop of family ${family}`, bytes, at, message.end);
  }
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
    protocol: readU8(bytes, at + 2),
    scope: readU8(bytes, at + 1),
    ...(draft.group === undefined ? {} : { group: draft.group }),
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
