import type { Encap } from '../../model/encap.ts';
import { addressBits, type Family, familyOf, formatAddress } from '../../model/ip.ts';
import type { RouteHop } from '../../model/route.ts';
import type { RawAttribute } from '../../model/value.ts';
import {
  type AddressHolder,
  type AttributeSpec,
  addressAttribute,
  attribute,
  defineTable,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { address, type Codec, indexOfLink, u32 } from '../wire/codecs.ts';
import { AF } from '../wire/constants.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';
import { type EncapHolder, encapSpecs, takeEncap } from './encap-specs.ts';
import { eachNexthopRow, RTNH_F_DEAD, RTNH_F_ONLINK, writeNexthopRow } from './rtnexthop.ts';

/** What the attributes of one hop say, wherever they stand: in the message itself or behind an rtnexthop. */
export interface HopDraft extends EncapHolder, AddressHolder {
  via: string | undefined;
  realm: number | undefined;
}

/** struct rtvia: u16 address family in host order, then the address. */
const viaCodec: Codec<string> = {
  accepts: (length) => length === 2 + 4 || length === 2 + 16,
  read: (bytes, start, end) => formatAddress(bytes, start + 2, end - start - 2),
  write: (writer, value, names) => {
    writer.u16(familyOf(value) === 'inet' ? AF.INET : AF.INET6);
    address.write(writer, value, names);
  },
};

/** A hop with the family of its route, which decides between RTA_GATEWAY and RTA_VIA. */
export interface HopOf {
  readonly family: Family;
  readonly hop: RouteHop;
}

const isForeign = (hop: HopOf): boolean => hop.hop.via !== undefined && familyOf(hop.hop.via) !== hop.family;

const ENCAP = { prefix: 'RTA', typeNumber: 21, nestNumber: 22 } as const;

/** The encapsulation of a hop that has been read; see takeEncap. */
export const takeHopEncap = (bytes: Uint8Array, draft: HopDraft, names: LinkNames): Encap | undefined =>
  takeEncap(ENCAP, bytes, draft, names);

/** The attributes that a hop and a route with one hop have in common. */
export const HOP_SPECS: readonly AttributeSpec<HopOf, HopDraft>[] = [
  addressAttribute(
    'RTA_GATEWAY',
    5,
    address,
    (hop) => (isForeign(hop) ? undefined : hop.hop.via),
    (draft, value) => {
      draft.via = value;
    },
  ),
  attribute(
    'RTA_VIA',
    18,
    viaCodec,
    (hop) => (isForeign(hop) ? hop.hop.via : undefined),
    (draft, value) => {
      draft.via = value;
    },
  ),
  attribute(
    'RTA_FLOW',
    11,
    u32,
    (hop) => hop.hop.realm,
    (draft, value) => {
      draft.realm = value;
    },
  ),
  ...encapSpecs<HopOf, HopDraft>(ENCAP, (hop) => hop.hop.encap),
];

export const HOP_TABLE = defineTable<HopOf, HopDraft>(HOP_SPECS);

/** Puts a hop together; members that have no value stay absent. */
export const makeHop = (
  dev: string | undefined,
  via: string | undefined,
  weight: number,
  onlink: boolean,
  realm: number | undefined,
  encap: Encap | undefined,
  raw: readonly RawAttribute[] | undefined,
): RouteHop => {
  const hop: { -readonly [K in keyof RouteHop]: RouteHop[K] } = { weight };
  if (via !== undefined) hop.via = via;
  if (dev !== undefined) hop.dev = dev;
  if (onlink) hop.onlink = true;
  if (realm !== undefined) hop.realm = realm;
  if (encap !== undefined) hop.encap = encap;
  if (raw !== undefined) hop.raw = raw;
  return hop;
};

/**
 * Reads the payload of RTA_MULTIPATH.
 * @returns undefined where a hop stands on a link without a name
 * @throws {DecodeError}
 */
export const readHops = (
  bytes: Uint8Array,
  start: number,
  end: number,
  family: Family,
  names: LinkNames,
): RouteHop[] | undefined => {
  const hops: RouteHop[] = [];
  let known = true;
  eachNexthopRow(bytes, start, end, (row) => {
    const draft: HopDraft = {
      raw: undefined,
      addressLength: addressBits(family) / 8,
      via: undefined,
      realm: undefined,
      encapType: 0,
      encapStart: 0,
      encapEnd: 0,
    };
    readAttributes(HOP_TABLE, bytes, row.start, row.end, draft, names);
    const dev = row.index === 0 ? undefined : names.nameOf(row.index);
    if (dev === undefined && row.index !== 0) known = false;
    const onlink = (row.flags & RTNH_F_ONLINK) !== 0;
    const encap = takeHopEncap(bytes, draft, names);
    const hop = makeHop(dev, draft.via, row.hops + 1, onlink, draft.realm, encap, draft.raw);
    hops.push((row.flags & RTNH_F_DEAD) === 0 ? hop : { ...hop, dead: true });
  });
  return known ? hops : undefined;
};

/** Writes the payload of RTA_MULTIPATH. */
export const writeHops = (writer: MessageWriter, hops: readonly RouteHop[], family: Family, names: LinkNames): void => {
  for (const hop of hops) {
    const index = hop.dev === undefined ? 0 : indexOfLink(names, hop.dev);
    writeNexthopRow(writer, { flags: hop.onlink === true ? RTNH_F_ONLINK : 0, hops: hop.weight - 1, index }, () => {
      writeAttributes(HOP_TABLE, writer, { family, hop }, names);
      writeRaw(writer, hop.raw);
    });
  }
};
