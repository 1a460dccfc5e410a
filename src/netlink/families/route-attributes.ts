import type { Family } from '../../model/ip.ts';
import type { Route, RouteHop, RouteMetrics } from '../../model/route.ts';
import { type AttributeSpec, addressAttribute, attribute, defineTable, ignored } from '../wire/attributes.ts';
import { address, type Codec, indexOfLink, prefixAddress, u8, u32 } from '../wire/codecs.ts';
import { readHex, readS32 } from '../wire/reader.ts';
import { HOP_SPECS, HOP_TABLE, type HopDraft, readHops, writeHops } from './route-hops.ts';
import { ROUTE_METRIC_NAMES, readMetrics, writeMetrics } from './route-metrics.ts';

/** rta_expires counts in USER_HZ, which is 100 on every platform of Node (include/asm-generic/param.h). */
const USER_HZ = 100;

const RTA_METRICS = 8;
const RTA_MULTIPATH = 9;

/** ICMPv6 router preference (RFC 4191, include/net/ip6_route.h via linux/icmpv6.h): medium is 0 and never kept. */
const PREFERENCES: readonly (Route['pref'] | undefined)[] = [undefined, 'high', undefined, 'low'];

/** What the attributes of a route say, until it is put together. */
export interface RouteDraft extends HopDraft {
  readonly family: Family;
  to: string | undefined;
  from: string | undefined;
  oif: number;
  metric: number | undefined;
  src: string | undefined;
  metrics: RouteMetrics | undefined;
  hops: RouteHop[] | undefined;
  hopsUnknown: boolean;
  table: number;
  pref: Route['pref'];
  nhid: number | undefined;
  expires: number | undefined;
}

/** Where a route has one hop, that hop stands in the message itself. */
export const onlyHop = (route: Route): RouteHop | undefined => (route.hops.length === 1 ? route.hops[0] : undefined);

/**
 * struct rta_cacheinfo of a route: only the s32 expires at byte 8 counts, 0 = never. A route that is past its time and not
 * yet collected shows a negative one.
 */
const expiresCodec: Codec<number> = {
  accepts: (length) => length >= 12,
  read: (bytes, start) => readS32(bytes, start + 8),
  write: () => undefined,
};

const metricsSpec: AttributeSpec<Route, RouteDraft> = {
  name: 'RTA_METRICS',
  type: RTA_METRICS,
  nested: { names: ROUTE_METRIC_NAMES },
  decode: (bytes, start, end, draft) => {
    draft.metrics = readMetrics(bytes, start, end);
    if (draft.metrics !== undefined) return;
    draft.raw ??= [];
    draft.raw.push({ type: RTA_METRICS, hex: readHex(bytes, start, end) });
  },
  encode: (writer, route) => {
    if (route.metrics === undefined) return;
    const at = writer.beginNest(RTA_METRICS);
    writeMetrics(writer, route.metrics);
    writer.endNest(at);
  },
};

const multipathSpec: AttributeSpec<Route, RouteDraft> = {
  name: 'RTA_MULTIPATH',
  type: RTA_MULTIPATH,
  nested: { hops: HOP_TABLE.byType },
  decode: (bytes, start, end, draft, names) => {
    draft.hops = readHops(bytes, start, end, draft.family, names);
    draft.hopsUnknown = draft.hops === undefined;
  },
  encode: (writer, route, names) => {
    if (route.hops.length < 2) return;
    const at = writer.beginNest(RTA_MULTIPATH);
    writeHops(writer, route.hops, route.family, names);
    writer.endNest(at);
  },
};

/** The same attribute in the message itself: of the only hop. */
const ofOnlyHop = (spec: (typeof HOP_SPECS)[number]): AttributeSpec<Route, RouteDraft> => ({
  ...spec,
  encode: (writer, route, names) => {
    const hop = onlyHop(route);
    if (hop !== undefined) spec.encode(writer, { family: route.family, hop }, names);
  },
});

const hopSpec = (name: string): AttributeSpec<Route, RouteDraft> =>
  ofOnlyHop(HOP_SPECS.find((spec) => spec.name === name) as (typeof HOP_SPECS)[number]);

const LOOKUP_ONLY = 'said in the reply to a lookup, never part of a route';

/** RTA_*: include/uapi/linux/rtnetlink.h, in the order of writing. */
export const ROUTE_TABLE = defineTable<Route, RouteDraft>(
  [
    attribute(
      'RTA_TABLE',
      15,
      u32,
      (route) => route.table,
      (draft, value) => {
        draft.table = value;
      },
    ),
    addressAttribute(
      'RTA_DST',
      1,
      prefixAddress,
      (route) => (route.to.endsWith('/0') ? undefined : route.to),
      (draft, value) => {
        draft.to = value;
      },
    ),
    addressAttribute(
      'RTA_SRC',
      2,
      prefixAddress,
      (route) => (route.from?.endsWith('/0') ? undefined : route.from),
      (draft, value) => {
        draft.from = value;
      },
    ),
    // 0 is left out for IPv4, as the kernel does
    attribute(
      'RTA_PRIORITY',
      6,
      u32,
      (route) => (route.metric === 0 && route.family === 'inet' ? undefined : route.metric),
      (draft, value) => {
        draft.metric = value;
      },
    ),
    addressAttribute(
      'RTA_PREFSRC',
      7,
      address,
      (route) => route.src,
      (draft, value) => {
        draft.src = value;
      },
    ),
    attribute(
      'RTA_OIF',
      4,
      u32,
      (route, names) => {
        const dev = onlyHop(route)?.dev;
        return dev === undefined ? undefined : indexOfLink(names, dev);
      },
      (draft, value) => {
        draft.oif = value;
      },
    ),
    hopSpec('RTA_GATEWAY'),
    hopSpec('RTA_VIA'),
    hopSpec('RTA_ENCAP_TYPE'),
    hopSpec('RTA_ENCAP'),
    // of the route, else of its only hop
    attribute(
      'RTA_FLOW',
      11,
      u32,
      (route) => route.realm ?? onlyHop(route)?.realm,
      (draft, value) => {
        draft.realm = value;
      },
    ),
    attribute(
      'RTA_NH_ID',
      30,
      u32,
      (route) => route.nhid,
      (draft, value) => {
        draft.nhid = value;
      },
    ),
    attribute(
      'RTA_PREF',
      20,
      u8,
      (route) => (route.pref === undefined ? undefined : PREFERENCES.indexOf(route.pref)),
      (draft, value) => {
        draft.pref = PREFERENCES[value];
      },
    ),
    // seconds; the kernel takes it and answers with RTA_CACHEINFO
    attribute(
      'RTA_EXPIRES',
      23,
      u32,
      (route) => route.expires,
      (draft, value) => {
        draft.expires = value;
      },
    ),
    attribute(
      'RTA_CACHEINFO',
      12,
      expiresCodec,
      () => undefined,
      (draft, value) => {
        if (value !== 0) draft.expires = Math.max(1, Math.ceil(value / USER_HZ));
      },
    ),
    metricsSpec,
    multipathSpec,
  ],
  [
    ignored('RTA_IIF', 3, LOOKUP_ONLY),
    ignored('RTA_MARK', 16, LOOKUP_ONLY),
    ignored('RTA_MFC_STATS', 17, 'counters of a multicast route'),
    ignored('RTA_PAD', 24, 'padding'),
    ignored('RTA_UID', 25, LOOKUP_ONLY),
    ignored('RTA_IP_PROTO', 27, LOOKUP_ONLY),
    ignored('RTA_SPORT', 28, LOOKUP_ONLY),
    ignored('RTA_DPORT', 29, LOOKUP_ONLY),
    ignored('RTA_FLOWLABEL', 31, LOOKUP_ONLY),
  ],
);
