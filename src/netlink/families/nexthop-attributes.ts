import type { Nexthop, NexthopMember } from '../../model/nexthop.ts';
import type { RawAttribute } from '../../model/value.ts';
import {
  type AttributeSpec,
  attribute,
  defineTable,
  ignored,
  type RawHolder,
  readAttributes,
  writeAttributes,
} from '../wire/attributes.ts';
import { address, type Codec, flag, indexOfLink, u16, u32 } from '../wire/codecs.ts';
import { readU8, readU32 } from '../wire/reader.ts';
import { type EncapHolder, encapSpecs } from './encap-specs.ts';

/** struct nexthop_grp: u32 id, u8 weight - 1, u8 high byte of that (kernel 6.12 on), u16 reserved. */
const NEXTHOP_GRP_LENGTH = 8;

const groupCodec: Codec<readonly NexthopMember[]> = {
  accepts: (length) => length % NEXTHOP_GRP_LENGTH === 0,
  read: (bytes, start, end) => {
    const members: NexthopMember[] = [];
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

/** What the nest of a resilient group says. */
interface ResilientDraft extends RawHolder {
  buckets: number | undefined;
  idle_timer: number | undefined;
  unbalanced_timer: number | undefined;
}

/** What the attributes of a nexthop say, until it is put together. */
export interface NexthopDraft extends ResilientDraft, EncapHolder {
  id: number;
  group: readonly NexthopMember[] | undefined;
  type: Nexthop['type'];
  blackhole: boolean;
  fdb: boolean;
  oif: number;
  via: string | undefined;
}

const keep = (draft: NexthopDraft, raw: RawAttribute): void => {
  draft.raw ??= [];
  draft.raw.push(raw);
};

/** Timers count in USER_HZ, which is 100 on every platform of Node (include/asm-generic/param.h). */
const USER_HZ = 100;
const seconds: Codec<number> = {
  accepts: u32.accepts,
  read: (bytes, start) => readU32(bytes, start) / USER_HZ,
  write: (writer, value) => writer.u32(Math.round(value * USER_HZ)),
};

/** NHA_RES_GROUP_*. */
const RESILIENT_TABLE = defineTable<Nexthop, ResilientDraft>(
  [
    attribute(
      'NHA_RES_GROUP_BUCKETS',
      1,
      u16,
      (object) => object.buckets,
      (draft, value) => {
        draft.buckets = value;
      },
    ),
    attribute(
      'NHA_RES_GROUP_IDLE_TIMER',
      2,
      seconds,
      (object) => object.idle_timer,
      (draft, value) => {
        draft.idle_timer = value;
      },
    ),
    attribute(
      'NHA_RES_GROUP_UNBALANCED_TIMER',
      3,
      seconds,
      (object) => object.unbalanced_timer,
      (draft, value) => {
        draft.unbalanced_timer = value;
      },
    ),
  ],
  [
    ignored('NHA_RES_GROUP_PAD', 0, 'padding'),
    ignored('NHA_RES_GROUP_UNBALANCED_TIME', 4, 'a report: how long the group has been out of balance'),
  ],
);

const NHA_RES_GROUP = 12;
const resilientSpec: AttributeSpec<Nexthop, NexthopDraft> = {
  name: 'NHA_RES_GROUP',
  type: NHA_RES_GROUP,
  nested: { names: RESILIENT_TABLE.byType },
  decode: (bytes, start, end, draft, names) => {
    const { raw } = draft;
    readAttributes(RESILIENT_TABLE, bytes, start, end, draft, names);
    // what no table names in here has no place in the message itself
    draft.raw = raw;
  },
  encode: (writer, object, names) => {
    if (object.type !== 'resilient') return;
    const at = writer.beginNest(NHA_RES_GROUP);
    writeAttributes(RESILIENT_TABLE, writer, object, names);
    writer.endNest(at);
  },
};

/** NEXTHOP_GRP_TYPE_*: hash threshold is 0 and the default. */
const NHA_GROUP_TYPE = 3;
const GROUP_TYPE_RESILIENT = 1;
const groupTypeSpec = attribute<Nexthop, NexthopDraft, number>(
  'NHA_GROUP_TYPE',
  NHA_GROUP_TYPE,
  u16,
  (object) => (object.type === 'resilient' ? GROUP_TYPE_RESILIENT : undefined),
  (draft, value) => {
    if (value === GROUP_TYPE_RESILIENT) draft.type = 'resilient';
    else if (value !== 0) keep(draft, { type: NHA_GROUP_TYPE, hex: Buffer.from([value, value >>> 8]).toString('hex') });
  },
);

export const NEXTHOP_ENCAP = { prefix: 'NHA', typeNumber: 7, nestNumber: 8 } as const;

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
    ...encapSpecs<Nexthop, NexthopDraft>(NEXTHOP_ENCAP, (object) => object.encap),
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
