import type { Field, FieldTable, Kind } from './kind.ts';
import type { RawAttribute } from './value.ts';

/** The first label that a route can have: those below mean something by themselves (RFC 3032 2.1). */
export const FIRST_LABEL = 16;
/** 20 bits */
export const LAST_LABEL = 0xfffff;

/** One way of a packet whose outermost label has been taken off. */
export interface MplsHop {
  /** labels put on in its place, outermost first; empty: the packet goes on with what is left of it */
  readonly as: readonly number[];
  /** canonical IP address, or the link-layer address of the next hop; absent: straight out by `dev` (of `lo`: to this host) */
  readonly via?: string;
  readonly dev?: string;
  readonly raw?: readonly RawAttribute[];
}

/** What is done with packets of one label (AF_MPLS), whole: an absent field is the kernel's default. */
export interface MplsRoute {
  readonly label: number;
  readonly protocol: number;
  /** absent: as net.mpls.ip_ttl_propagate says */
  readonly ttl_propagate?: boolean;
  readonly hops: readonly MplsHop[];
  readonly raw?: readonly RawAttribute[];
}

const RTPROT_KERNEL = 2;

const hopKey = ({ as, via, dev, raw }: MplsHop): string =>
  `${as.join('/')} ${via ?? ''} ${dev ?? ''} ${JSON.stringify(raw ?? [])}`;

const hopsKey = (hops: unknown): string => ((hops ?? []) as readonly MplsHop[]).map(hopKey).sort().join('|');

const whole: Field<MplsRoute> = { change: 'inPlace', unset: 'default' };

/** RTM_NEWROUTE with NLM_F_REPLACE puts a new route in the place of the old one (net/mpls/af_mpls.c mpls_route_add). */
const FIELDS: FieldTable<MplsRoute> = {
  protocol: whole,
  ttl_propagate: whole,
  hops: { ...whole, same: (desired, observed) => hopsKey(desired) === hopsKey(observed) },
};

export const MPLS_ROUTE: Kind<'mpls'> = {
  name: 'mpls',
  section: 'routes',
  slot: ({ label }) => `${label}`,
  identity: ({ label }) => `${label}`,
  describe: ({ label }) => `mpls route ${label}`,
  fields: () => FIELDS,
  devs: ({ hops }) => [...new Set(hops.flatMap(({ dev }) => dev ?? []))],
  coexists: () => false,
  isKernels: ({ protocol }) => protocol === RTPROT_KERNEL,
  owner: ({ protocol }) => protocol,
  isHandMade: ({ protocol }) => protocol === 0 || protocol === 3 || protocol === 4,
};
