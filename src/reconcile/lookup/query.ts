import type { Family } from '../../model/ip.ts';
import type { LookupErrno, Path } from '../../model/lookup.ts';
import type { RouteType } from '../../model/route.ts';

/** The answer to a query. Several paths: the kernel takes one of them, by a hash of the packet. */
export type Answer =
  | {
      readonly type: Extract<RouteType, 'unicast' | 'local' | 'broadcast' | 'multicast' | 'anycast'>;
      readonly paths: readonly Path[];
      /** the table that decided; absent where none did (the link was given and no route leads through it) */
      readonly table?: number;
      /** the prefix that decided */
      readonly prefix?: string;
      /**
       * IPv6 only: what becomes of packets whose hash picks another leg of the same route, one that suppress_ifgroup refuses;
       * they go on to the next rule
       */
      readonly otherwise?: Answer;
    }
  | { readonly error: LookupErrno; readonly table?: number; readonly prefix?: string };

/** What a route of a type that leads nowhere answers (fib_props, net/ipv4/fib_semantics.c; fib6_prop, net/ipv6/route.c). */
export const errorOfType = (type: RouteType): LookupErrno | undefined => TYPE_ERRORS[type];

const TYPE_ERRORS: Readonly<Partial<Record<RouteType, LookupErrno>>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
  nat: 'EINVAL',
  xresolve: 'EINVAL',
};

/** A query on its way through the rules: addresses as bytes, the VRF found. */
export interface Flow {
  readonly family: Family;
  readonly to: Uint8Array;
  /** all zeros where no source is given */
  readonly from: Uint8Array;
  readonly hasFrom: boolean;
  /** `lo` for what this host sends */
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  readonly mark: number;
  readonly tos: number;
  readonly ipproto: number;
  readonly sport: number;
  readonly dport: number;
  /** undefined: of nobody */
  readonly uid: number | undefined;
  /** the VRF that the flow is in, and the link that says so */
  readonly vrf: { readonly name: string; readonly table: number; readonly by: 'iif' | 'oif' } | undefined;
}
