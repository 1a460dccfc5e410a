import { canonicalAddress, familyOf, formatAddress } from '../../model/ip.ts';
import type { MplsHop, MplsRoute } from '../../model/mpls-route.ts';
import {
  type AttributeSpec,
  attribute,
  defineTable,
  type RawHolder,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { address, bool8, type Codec, indexOfLink, lladdr, u32 } from '../wire/codecs.ts';
import { AF } from '../wire/constants.ts';
import { readU16 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';
import { labelStack } from './label-stack.ts';
import { eachNexthopRow, writeNexthopRow } from './rtnexthop.ts';

/** What the attributes of one hop say, in the message itself or behind an rtnexthop. */
interface HopDraft extends RawHolder {
  as: readonly number[];
  via: string | undefined;
}

/** What the attributes of an MPLS route say, until it is put together. */
export interface MplsDraft extends HopDraft {
  label: number | undefined;
  ttlPropagate: boolean | undefined;
  oif: number;
  hops: readonly MplsHop[] | undefined;
  hopsUnknown: boolean;
}

/** struct rtvia: u16 address family in host order, then the address: of IP, or AF_PACKET with that of the link. */
const viaCodec: Codec<string> = {
  accepts: (length) => length > 2,
  read: (bytes, start, end, names) =>
    readU16(bytes, start) === AF.PACKET
      ? lladdr.read(bytes, start + 2, end, names)
      : formatAddress(bytes, start + 2, end - start - 2),
  write: (writer, value, names) => {
    if (canonicalAddress(value) === undefined) {
      writer.u16(AF.PACKET);
      lladdr.write(writer, value, names);
    } else {
      writer.u16(familyOf(value) === 'inet' ? AF.INET : AF.INET6);
      address.write(writer, value, names);
    }
  },
};

/** RTA_VIA and RTA_NEWDST; MPLS takes no RTA_GATEWAY (af_mpls.c rtm_to_route_config). */
const HOP_SPECS: readonly AttributeSpec<MplsHop, HopDraft>[] = [
  attribute(
    'RTA_NEWDST',
    19,
    labelStack,
    ({ as }) => (as.length === 0 ? undefined : as),
    (draft, labels) => {
      draft.as = labels;
    },
  ),
  attribute(
    'RTA_VIA',
    18,
    viaCodec,
    ({ via }) => via,
    (draft, via) => {
      draft.via = via;
    },
  ),
];

const HOP_TABLE = defineTable<MplsHop, HopDraft>(HOP_SPECS);

/** Where a route has one hop, that hop stands in the message itself. */
export const onlyMplsHop = ({ hops }: MplsRoute): MplsHop | undefined => (hops.length === 1 ? hops[0] : undefined);

export const makeMplsHop = ({ as, via, raw }: HopDraft, dev: string | undefined): MplsHop => ({
  as,
  ...(via === undefined ? {} : { via }),
  ...(dev === undefined ? {} : { dev }),
  ...(raw === undefined ? {} : { raw }),
});

const multipathSpec: AttributeSpec<MplsRoute, MplsDraft> = {
  name: 'RTA_MULTIPATH',
  type: 9,
  nested: { hops: HOP_TABLE.byType },
  decode: (bytes, start, end, draft, names) => {
    const hops: MplsHop[] = [];
    eachNexthopRow(bytes, start, end, (row) => {
      const hop: HopDraft = { raw: undefined, as: [], via: undefined };
      readAttributes(HOP_TABLE, bytes, row.start, row.end, hop, names);
      const dev = row.index === 0 ? undefined : names.nameOf(row.index);
      if (dev === undefined && row.index !== 0) draft.hopsUnknown = true;
      hops.push(makeMplsHop(hop, dev));
    });
    draft.hops = hops;
  },
  encode: (writer, { hops }, names) => {
    if (hops.length < 2) return;
    const at = writer.beginNest(9);
    for (const hop of hops) writeHop(writer, hop, names);
    writer.endNest(at);
  },
};

const writeHop = (writer: MessageWriter, hop: MplsHop, names: LinkNames): void => {
  const index = hop.dev === undefined ? 0 : indexOfLink(names, hop.dev);
  writeNexthopRow(writer, { flags: 0, hops: 0, index }, () => {
    writeAttributes(HOP_TABLE, writer, hop, names);
    writeRaw(writer, hop.raw);
  });
};

/** RTA_DST: the one label that the route is about. */
const labelSpec = attribute<Pick<MplsRoute, 'label'>, MplsDraft, readonly number[]>(
  'RTA_DST',
  1,
  labelStack,
  ({ label }) => [label],
  (draft, [label]) => {
    draft.label = label;
  },
);

/** What a deletion and a question name a route by. */
export const LABEL_TABLE = defineTable([labelSpec]);

/** RTA_*: include/uapi/linux/rtnetlink.h, in the order of writing. */
export const MPLS_TABLE = defineTable<MplsRoute, MplsDraft>([
  labelSpec,
  attribute(
    'RTA_OIF',
    4,
    u32,
    (route, names) => {
      const dev = onlyMplsHop(route)?.dev;
      return dev === undefined ? undefined : indexOfLink(names, dev);
    },
    (draft, index) => {
      draft.oif = index;
    },
  ),
  ...HOP_SPECS.map(
    (spec): AttributeSpec<MplsRoute, MplsDraft> => ({
      ...spec,
      encode: (writer, route, names) => {
        const hop = onlyMplsHop(route);
        if (hop !== undefined) spec.encode(writer, hop, names);
      },
    }),
  ),
  attribute(
    'RTA_TTL_PROPAGATE',
    26,
    bool8,
    (route) => route.ttl_propagate,
    (draft, value) => {
      draft.ttlPropagate = value;
    },
  ),
  multipathSpec,
]);
