import type { RouteType } from './route.ts';

/** A packet, as far as routing looks at it. Absent members are zero to the kernel. */
export interface Query {
  /** canonical text; its family decides which rules and tables are asked */
  readonly to: string;
  /** canonical text, of the same family */
  readonly from?: string;
  /** the link the packet came in by; absent: this host sends it */
  readonly iif?: string;
  /** the link the sending socket is bound to */
  readonly oif?: string;
  readonly mark?: number;
  /** IPv4 tos or IPv6 traffic class, 8 bits */
  readonly tos?: number;
  /** tcp 6, udp 17, icmp 1 or 58: RTM_GETROUTE takes no other */
  readonly ipproto?: number;
  readonly sport?: number;
  readonly dport?: number;
}

/** Where a packet goes next. */
export interface Path {
  /** absent only where the state does not tell */
  readonly dev?: string;
  /** the gateway, in canonical text */
  readonly via?: string;
  /** the source address that this host would take; absent for packets that come in */
  readonly src?: string;
}

/** What the kernel answers where no packet leaves, by the name of its errno. */
export type LookupErrno = 'EINVAL' | 'EHOSTUNREACH' | 'EACCES' | 'ENETUNREACH' | 'ENODEV';

/** What RTM_GETROUTE answered: the one way that it picked, or the name of an errno. */
export type KernelAnswer =
  | ({ readonly type: RouteType; readonly table?: number } & Path)
  /** besides LookupErrno what depends on more than a state: EXDEV of the reverse path filter, say */
  | { readonly error: string };

/** `via 192.0.2.1 dev eth0`. */
export const pathText = ({ via, dev, src }: Path): string =>
  [
    ...(via === undefined ? [] : [`via ${via}`]),
    ...(dev === undefined ? [] : [`dev ${dev}`]),
    ...(src === undefined ? [] : [`src ${src}`]),
  ].join(' ');

/** `8.8.8.8 from 10.0.0.5 iif eth1 mark 0x10`, as `ip route get` takes it. */
export const queryText = ({ to, from, iif, oif, mark, tos, ipproto, sport, dport }: Query): string =>
  [
    to,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(mark === undefined ? [] : [`mark 0x${mark.toString(16)}`]),
    ...(tos === undefined ? [] : [`tos 0x${tos.toString(16)}`]),
    ...(ipproto === undefined ? [] : [`ipproto ${ipproto}`]),
    ...(sport === undefined ? [] : [`sport ${sport}`]),
    ...(dport === undefined ? [] : [`dport ${dport}`]),
  ].join(' ');
