import { addressBits } from '../../model/ip.ts';
import type { OpOf } from '../../model/op.ts';
import type { Range, Rule, RuleAction } from '../../model/rule.ts';
import {
  type AddressHolder,
  type AttributeSpec,
  addressAttribute,
  attribute,
  defineTable,
  ignored,
  type RawHolder,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { EncodeError } from '../wire/codec-errors.ts';
import { be64Text, type Codec, prefixAddress, prefixLength, string, u8, u16, u32 } from '../wire/codecs.ts';
import { AF, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readHex, readU8, readU16, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { FamilyCodec, LinkNames, MessageView } from './codec.ts';
import { familyHeader, joinPrefix } from './prefix.ts';

/** struct fib_rule_hdr: u8 family, dst_len, src_len, tos, table, res1, res2, action; u32 flags. */
const FIB_RULE_HDR_LENGTH = 12;
const FIB_RULE_INVERT = 2;
/** The header's table where FRA_TABLE has the number. */
const RT_TABLE_UNSPEC = 0;
/** FRA_SUPPRESS_* of a rule that suppresses nothing, and the mask of a whole mark. */
const ALL_ONES = 0xffffffff;

/** FR_ACT_*: include/uapi/linux/fib_rules.h. */
const ACTIONS: readonly (RuleAction | undefined)[] = [
  undefined,
  'table',
  'goto',
  'nop',
  undefined,
  undefined,
  'blackhole',
  'unreachable',
  'prohibit',
];

/** struct fib_rule_port_range: u16 first, last, host order. */
const portRange: Codec<Range> = {
  accepts: (length) => length === 4,
  read: (bytes, start) => [readU16(bytes, start), readU16(bytes, start + 2)],
  write: (writer, [first, last]) => {
    writer.u16(first);
    writer.u16(last);
  },
};

/** struct fib_rule_uid_range: u32 first, last. */
const uidRange: Codec<Range> = {
  accepts: (length) => length === 8,
  read: (bytes, start) => [readU32(bytes, start), readU32(bytes, start + 4)],
  write: (writer, [first, last]) => {
    writer.u32(first);
    writer.u32(last);
  },
};

type RuleDraft = RawHolder & AddressHolder & { -readonly [K in keyof Omit<Rule, 'raw'>]?: Rule[K] };

/** A member of the rule that stands in one attribute as it is. */
const member = <K extends keyof Omit<Rule, 'raw' | 'family'>>(
  name: string,
  type: number,
  codec: Codec<NonNullable<Rule[K]>>,
  key: K,
): AttributeSpec<Rule, RuleDraft> =>
  attribute<Rule, RuleDraft, NonNullable<Rule[K]>>(
    name,
    type,
    codec,
    (rule) => rule[key] ?? undefined,
    (draft, value) => {
      (draft as { [P in K]?: Rule[P] })[key] = value;
    },
  );

/** A member whose value `ALL_ONES` on the wire means that it is absent. */
const optionalMember = (
  name: string,
  type: number,
  key: 'suppress_prefixlength' | 'suppress_ifgroup',
): AttributeSpec<Rule, RuleDraft> =>
  attribute<Rule, RuleDraft, number>(
    name,
    type,
    u32,
    (rule) => rule[key],
    (draft, value) => {
      if (value !== ALL_ONES) draft[key] = value;
    },
  );

/** A mask that kernels from 6.15 on report for every port and DSCP selector: kept only where it is not the whole value. */
const defaultMask = (
  name: string,
  type: number,
  codec: Codec<number>,
  whole: number,
): AttributeSpec<Rule, RuleDraft> => ({
  name,
  type,
  decode: (bytes, start, end, draft, names) => {
    if (codec.accepts(end - start) && codec.read(bytes, start, end, names) === whole) return;
    draft.raw ??= [];
    draft.raw.push({ type, hex: readHex(bytes, start, end) });
  },
  encode: () => undefined,
});

/** FRA_*: include/uapi/linux/fib_rules.h, in the order of writing. */
export const RULE_TABLE = defineTable<Rule, RuleDraft>(
  [
    // 0 is a number like any other; without the attribute the kernel picks one
    member('FRA_PRIORITY', 6, u32, 'priority'),
    addressAttribute(
      'FRA_DST',
      1,
      prefixAddress,
      (rule) => (rule.to?.endsWith('/0') ? undefined : rule.to),
      (draft, value) => {
        draft.to = value;
      },
    ),
    addressAttribute(
      'FRA_SRC',
      2,
      prefixAddress,
      (rule) => (rule.from?.endsWith('/0') ? undefined : rule.from),
      (draft, value) => {
        draft.from = value;
      },
    ),
    member('FRA_IIFNAME', 3, string, 'iif'),
    member('FRA_OIFNAME', 17, string, 'oif'),
    member('FRA_FWMARK', 10, u32, 'fwmark'),
    // the kernel's own default of it depends on the mark being other than 0, so it is always said
    attribute(
      'FRA_FWMASK',
      16,
      u32,
      (rule) => rule.fwmask ?? (rule.fwmark === undefined ? undefined : ALL_ONES),
      (draft, value) => {
        draft.fwmask = value;
      },
    ),
    attribute(
      'FRA_TABLE',
      15,
      u32,
      (rule) => rule.table ?? RT_TABLE_UNSPEC,
      (draft, value) => {
        draft.table = value;
      },
    ),
    member('FRA_GOTO', 4, u32, 'goto'),
    member('FRA_FLOW', 11, u32, 'realms'),
    member('FRA_TUN_ID', 12, be64Text, 'tun_id'),
    optionalMember('FRA_SUPPRESS_IFGROUP', 13, 'suppress_ifgroup'),
    optionalMember('FRA_SUPPRESS_PREFIXLEN', 14, 'suppress_prefixlength'),
    attribute(
      'FRA_L3MDEV',
      19,
      u8,
      (rule) => (rule.l3mdev === true ? 1 : undefined),
      (draft, value) => {
        if (value !== 0) draft.l3mdev = true;
      },
    ),
    member('FRA_UID_RANGE', 20, uidRange, 'uidrange'),
    member('FRA_PROTOCOL', 21, u8, 'protocol'),
    member('FRA_IP_PROTO', 22, u8, 'ipproto'),
    member('FRA_SPORT_RANGE', 23, portRange, 'sport'),
    member('FRA_DPORT_RANGE', 24, portRange, 'dport'),
    member('FRA_DSCP', 25, u8, 'dscp'),
    defaultMask('FRA_SPORT_MASK', 28, u16, 0xffff),
    defaultMask('FRA_DPORT_MASK', 29, u16, 0xffff),
    defaultMask('FRA_DSCP_MASK', 30, u8, 0x3f),
  ],
  [ignored('FRA_PAD', 18, 'padding')],
);

/**
 * The mark as the model has it. The kernel leaves FRA_FWMARK out where it is 0, and a mask of 0 where there is no
 * selector; a whole mask is the default.
 */
const markOf = (draft: RuleDraft): Pick<Rule, 'fwmark' | 'fwmask'> => {
  if (draft.fwmark === undefined && (draft.fwmask ?? 0) === 0) return {};
  return {
    fwmark: draft.fwmark ?? 0,
    ...(draft.fwmask === undefined || draft.fwmask === ALL_ONES ? {} : { fwmask: draft.fwmask }),
  };
};

const decode = (message: MessageView, names: LinkNames): Rule | undefined => {
  const at = familyHeader(message, 'fib_rule_hdr', FIB_RULE_HDR_LENGTH);
  const bytes = message.bytes;
  const protocolFamily = readU8(bytes, at);
  if (protocolFamily !== AF.INET && protocolFamily !== AF.INET6) return undefined;
  const action = ACTIONS[readU8(bytes, at + 7)];
  if (action === undefined) return undefined;
  const family = protocolFamily === AF.INET ? 'inet' : 'inet6';
  const bits = addressBits(family);
  const draft: RuleDraft = { raw: undefined, addressLength: bits / 8, table: readU8(bytes, at + 4) };
  readAttributes(RULE_TABLE, bytes, at + FIB_RULE_HDR_LENGTH, message.end, draft, names);
  const { raw, addressLength: _length, from, to, fwmark: _mark, fwmask: _mask, table, ...rest } = draft;
  const toLength = readU8(bytes, at + 1);
  const fromLength = readU8(bytes, at + 2);
  const tos = readU8(bytes, at + 3);
  return {
    family,
    priority: 0,
    ...((readU32(bytes, at + 8) & FIB_RULE_INVERT) === 0 ? {} : { not: true }),
    ...(fromLength === 0 ? {} : { from: joinPrefix(message, 'FRA_SRC', bits, from, fromLength) }),
    ...(toLength === 0 ? {} : { to: joinPrefix(message, 'FRA_DST', bits, to, toLength) }),
    ...(tos === 0 ? {} : { tos }),
    action,
    ...(action === 'table' || (table ?? 0) !== 0 ? { table: table ?? 0 } : {}),
    protocol: 0,
    ...rest,
    ...markOf(draft),
    ...(raw === undefined ? {} : { raw }),
  };
};

/**
 * A deletion says everything as well: what is missing is a wildcard to the kernel (net/core/fib_rules.c rule_find). Even
 * so a rule that selects less than another is found behind it only if its priority is another one.
 */
const encode = (op: OpOf<'rule'>, writer: MessageWriter, names: LinkNames): void => {
  if (op.action === 'update') throw new EncodeError('the kernel cannot change a rule in place');
  const rule = op.object;
  const bits = addressBits(rule.family);
  const isDelete = op.action === 'delete';
  writer.begin(isDelete ? RTM.DELRULE : RTM.NEWRULE, isDelete ? 0 : NLM_F.CREATE | NLM_F.EXCL);
  writer.u8(rule.family === 'inet' ? AF.INET : AF.INET6);
  writer.u8(rule.to === undefined ? 0 : prefixLength(rule.to, bits));
  writer.u8(rule.from === undefined ? 0 : prefixLength(rule.from, bits));
  writer.u8(rule.tos ?? 0);
  writer.u8(RT_TABLE_UNSPEC);
  writer.zeros(2);
  writer.u8(ACTIONS.indexOf(rule.action));
  writer.u32(rule.not === true ? FIB_RULE_INVERT : 0);
  writeAttributes(RULE_TABLE, writer, rule, names);
  writeRaw(writer, rule.raw);
  writer.end();
};

const dumpBody =
  (family: number) =>
  (writer: MessageWriter): void => {
    writer.u8(family);
    writer.zeros(FIB_RULE_HDR_LENGTH - 1);
  };

/** Rules of both families. */
export const ruleCodec: FamilyCodec<'rule'> = {
  kind: 'rule',
  newType: RTM.NEWRULE,
  deleteType: RTM.DELRULE,
  groups: [RTNLGRP.IPV4_RULE, RTNLGRP.IPV6_RULE],
  dumps: [
    { type: RTM.GETRULE, body: dumpBody(AF.INET) },
    { type: RTM.GETRULE, body: dumpBody(AF.INET6) },
  ],
  decode,
  encode,
};
