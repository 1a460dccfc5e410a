import { FIRST_LABEL, type MplsRoute } from '../../model/mpls-route.ts';
import type { OpOf } from '../../model/op.ts';
import { TABLE_MAIN } from '../../model/route.ts';
import { readAttributes, writeAttributes, writeRaw } from '../wire/attributes.ts';
import { AF, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readU8 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import { type FamilyCodec, type LinkNames, type MessageView, NO_NAMES } from './codec.ts';
import { LABEL_TABLE, MPLS_TABLE, type MplsDraft, makeMplsHop, onlyMplsHop } from './mpls-route-attributes.ts';
import { familyHeader } from './prefix.ts';
import { RTMSG_LENGTH } from './route.ts';

const LABEL_BITS = 20;
/** RTN_UNICAST, the one type that MPLS takes */
const UNICAST = 1;

/** Whoever asks about a label names nothing else (af_mpls.c mpls_valid_getroute_req); a label that is no route's is as good. */
export const writeLabelQuery = (writer: MessageWriter, label: number): void => {
  writer.begin(RTM.GETROUTE, 0);
  writer.u8(AF.MPLS);
  writer.u8(LABEL_BITS);
  writer.zeros(RTMSG_LENGTH - 2);
  writeAttributes(LABEL_TABLE, writer, { label }, NO_NAMES);
  writer.end();
};

const decode = (message: MessageView, names: LinkNames): MplsRoute | undefined => {
  const at = familyHeader(message, 'rtmsg', RTMSG_LENGTH);
  const { bytes, end } = message;
  if (readU8(bytes, at) !== AF.MPLS) return undefined;
  const draft: MplsDraft = {
    raw: undefined,
    label: undefined,
    as: [],
    via: undefined,
    ttlPropagate: undefined,
    oif: 0,
    hops: undefined,
    hopsUnknown: false,
  };
  readAttributes(MPLS_TABLE, bytes, at + RTMSG_LENGTH, end, draft, names);
  const dev = draft.oif === 0 ? undefined : names.nameOf(draft.oif);
  if (draft.label === undefined || draft.hopsUnknown || (dev === undefined && draft.oif !== 0)) return undefined;
  const { label, ttlPropagate, hops, raw, ...hop } = draft;
  return {
    label,
    protocol: readU8(bytes, at + 5),
    ...(ttlPropagate === undefined ? {} : { ttl_propagate: ttlPropagate }),
    hops: hops ?? [makeMplsHop({ ...hop, raw: undefined }, dev)],
    ...(raw === undefined ? {} : { raw }),
  };
};

/** MPLS has one table, scope and type, and refuses any other (af_mpls.c rtm_to_route_config); one route a label. */
const encode = (op: OpOf<'mpls'>, writer: MessageWriter, names: LinkNames): void => {
  const { object, action } = op;
  if (action === 'delete') writer.begin(RTM.DELROUTE, 0);
  else writer.begin(RTM.NEWROUTE, action === 'create' ? NLM_F.CREATE | NLM_F.EXCL : NLM_F.REPLACE);
  writer.u8(AF.MPLS);
  writer.u8(LABEL_BITS);
  writer.zeros(2);
  writer.u8(TABLE_MAIN);
  writer.u8(object.protocol);
  writer.u8(0);
  writer.u8(UNICAST);
  writer.u32(0);
  if (action === 'delete') writeAttributes(LABEL_TABLE, writer, object, names);
  else {
    writeAttributes(MPLS_TABLE, writer, object, names);
    writeRaw(writer, object.raw);
    writeRaw(writer, onlyMplsHop(object)?.raw);
  }
  writer.end();
};

/** Routes of MPLS labels. */
export const mplsRouteCodec: FamilyCodec<'mpls'> = {
  kind: 'mpls',
  newType: RTM.NEWROUTE,
  deleteType: RTM.DELROUTE,
  family: AF.MPLS,
  groups: [RTNLGRP.MPLS_ROUTE],
  // a kernel without MPLS would dump the routes of all families (net/core/rtnetlink.c rtnl_dump_all)
  probe: (writer) => writeLabelQuery(writer, FIRST_LABEL),
  dumps: [
    {
      type: RTM.GETROUTE,
      body: (writer) => {
        writer.u8(AF.MPLS);
        writer.zeros(RTMSG_LENGTH - 1);
      },
    },
  ],
  decode,
  encode,
};
