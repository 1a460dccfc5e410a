import type { FdbEntry } from '../../model/neighbor.ts';
import type { OpOf } from '../../model/op.ts';
import {
  attribute,
  defineTable,
  type RawHolder,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { EncodeError } from '../wire/codec-errors.ts';
import { address, be16, indexOfLink, lladdr, u16, u32 } from '../wire/codecs.ts';
import { AF, NLM_F, RTM } from '../wire/constants.ts';
import { readS32, readU8, readU16 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames, MessageView } from './codec.ts';
import { flagsExtSpec, NDA_IGNORED, NDMSG_LENGTH, NTF, NUD } from './ndmsg.ts';

interface FdbDraft extends RawHolder {
  lladdr: string | undefined;
  vlan: number | undefined;
  dst: string | undefined;
  vni: number | undefined;
  port: number | undefined;
  viaIndex: number;
  nhid: number | undefined;
  masterIndex: number;
}

/**
 * NDA_* of a forwarding database: include/uapi/linux/neighbour.h, in the order of writing. NDA_SRC_VNI and
 * NDA_FDB_EXT_ATTRS have no word in the model and travel as they are.
 */
export const FDB_TABLE = defineTable<FdbEntry, FdbDraft>(
  [
    attribute(
      'NDA_LLADDR',
      2,
      lladdr,
      (entry) => entry.lladdr,
      (draft, value) => {
        draft.lladdr = value;
      },
    ),
    attribute(
      'NDA_DST',
      1,
      address,
      (entry) => entry.dst,
      (draft, value) => {
        draft.dst = value;
      },
    ),
    attribute(
      'NDA_VLAN',
      5,
      u16,
      (entry) => entry.vlan,
      (draft, value) => {
        draft.vlan = value;
      },
    ),
    attribute(
      'NDA_PORT',
      6,
      be16,
      (entry) => entry.port,
      (draft, value) => {
        draft.port = value;
      },
    ),
    attribute(
      'NDA_VNI',
      7,
      u32,
      (entry) => entry.vni,
      (draft, value) => {
        draft.vni = value;
      },
    ),
    attribute(
      'NDA_IFINDEX',
      8,
      u32,
      (entry, names) => (entry.via === undefined ? undefined : indexOfLink(names, entry.via)),
      (draft, value) => {
        draft.viaIndex = value;
      },
    ),
    attribute(
      'NDA_NH_ID',
      13,
      u32,
      (entry) => entry.nhid,
      (draft, value) => {
        draft.nhid = value;
      },
    ),
    attribute(
      'NDA_MASTER',
      9,
      u32,
      () => undefined,
      (draft, value) => {
        draft.masterIndex = value;
      },
    ),
    flagsExtSpec(),
  ],
  NDA_IGNORED,
);

const stateOf = (nud: number): FdbEntry['state'] =>
  (nud & NUD.PERMANENT) !== 0 ? 'permanent' : (nud & NUD.NOARP) !== 0 ? 'static' : 'dynamic';

/** What `bridge fdb` sends: VXLAN takes NUD_NOARP only together with one of the other two. */
const NUD_OF = {
  permanent: NUD.NOARP | NUD.PERMANENT,
  static: NUD.NOARP | NUD.REACHABLE,
  dynamic: NUD.REACHABLE,
} as const satisfies Record<FdbEntry['state'], number>;

/**
 * Reads an ndmsg of family AF_BRIDGE, whose header starts at `at` and is known to be whole.
 * @returns undefined where the entry stands on a link without a name
 * @throws {DecodeError}
 */
export const decodeFdb = (message: MessageView, at: number, names: LinkNames): FdbEntry | undefined => {
  const bytes = message.bytes;
  const draft: FdbDraft = {
    raw: undefined,
    lladdr: undefined,
    vlan: undefined,
    dst: undefined,
    vni: undefined,
    port: undefined,
    viaIndex: 0,
    nhid: undefined,
    masterIndex: 0,
  };
  readAttributes(FDB_TABLE, bytes, at + NDMSG_LENGTH, message.end, draft, names);
  const index = readS32(bytes, at + 4);
  const flags = readU8(bytes, at + 10);
  const dev = names.nameOf(index);
  const via = draft.viaIndex === 0 ? undefined : names.nameOf(draft.viaIndex);
  if (dev === undefined || draft.lladdr === undefined || (via === undefined && draft.viaIndex !== 0)) return undefined;
  // a bridge's entry for itself says master and means its own table: only NTF_SELF makes or deletes it
  const ofMaster = (flags & NTF.MASTER) !== 0 || (draft.masterIndex !== 0 && draft.masterIndex !== index);
  const isMaster = (flags & NTF.SELF) === 0 && ofMaster;
  return {
    type: 'fdb',
    dev,
    lladdr: draft.lladdr,
    where: isMaster ? 'master' : 'self',
    state: stateOf(readU16(bytes, at + 8)),
    ...(draft.vlan === undefined || draft.vlan === 0 ? {} : { vlan: draft.vlan }),
    ...(draft.dst === undefined ? {} : { dst: draft.dst }),
    ...(draft.vni === undefined ? {} : { vni: draft.vni }),
    ...(draft.port === undefined ? {} : { port: draft.port }),
    ...(via === undefined ? {} : { via }),
    ...(draft.nhid === undefined ? {} : { nhid: draft.nhid }),
    ...((flags & NTF.EXT_LEARNED) === 0 ? {} : { extern_learn: true }),
    ...((flags & NTF.STICKY) === 0 ? {} : { sticky: true }),
    ...(draft.raw === undefined ? {} : { raw: draft.raw }),
  };
};

/** All zeros, or a group: the only addresses that may have several remotes (vxlan_core.c vxlan_fdb_update). */
const hasManyRemotes = ({ lladdr: mac, dst }: FdbEntry): boolean =>
  dst !== undefined && (mac === '00:00:00:00:00:00' || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1);

/** An update replaces; a VXLAN entry for an address that may have another remote already is appended. */
const flagsOf = (op: OpOf<'neighbor'>, entry: FdbEntry): number => {
  if (op.action === 'delete') return 0;
  if (op.action === 'update') return NLM_F.CREATE | NLM_F.REPLACE;
  return op.append === true || hasManyRemotes(entry) ? NLM_F.CREATE | NLM_F.APPEND : NLM_F.CREATE | NLM_F.EXCL;
};

/** @throws {EncodeError} */
export const encodeFdb = (op: OpOf<'neighbor'>, entry: FdbEntry, writer: MessageWriter, names: LinkNames): void => {
  const nud = NUD_OF[entry.state];
  if (nud === undefined) throw new EncodeError(`${JSON.stringify(entry.state)} is no state of an fdb entry`);
  const index = indexOfLink(names, entry.dev);
  writer.begin(op.action === 'delete' ? RTM.DELNEIGH : RTM.NEWNEIGH, flagsOf(op, entry));
  writer.u32(AF.BRIDGE);
  writer.u32(index);
  writer.u16(nud);
  writer.u8(
    (entry.where === 'self' ? NTF.SELF : NTF.MASTER) |
      (entry.extern_learn === true ? NTF.EXT_LEARNED : 0) |
      (entry.sticky === true ? NTF.STICKY : 0),
  );
  writer.u8(0);
  writeAttributes(FDB_TABLE, writer, entry, names);
  writeRaw(writer, entry.raw);
  writer.end();
};
