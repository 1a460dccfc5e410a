/** SEG6_IPTUN_MODE_* by iproute2's words, in the kernel's numbering (include/uapi/linux/seg6_iptunnel.h). */
export const SEG6_MODES = ['inline', 'encap', 'l2encap', 'encap.red', 'l2encap.red'] as const;

/** SEG6_LOCAL_ACTION_* by iproute2's words, in the kernel's numbering from 1 (include/uapi/linux/seg6_local.h). */
export const SEG6_ACTIONS = [
  'End',
  'End.X',
  'End.T',
  'End.DX2',
  'End.DX6',
  'End.DX4',
  'End.DT6',
  'End.DT4',
  'End.B6',
  'End.B6.Encaps',
  'End.BM',
  'End.S',
  'End.AS',
  'End.AM',
  'End.BPF',
  'End.DT46',
] as const;

/** A label stack put before the packet (RFC 3032). */
export interface MplsEncap {
  readonly type: 'mpls';
  /** outermost first */
  readonly labels: readonly number[];
  /** 0: that of the packet; absent: as net.mpls.ip_ttl_propagate says */
  readonly ttl?: number;
}

/** Flags of a tunnel header (TUNNEL_KEY, TUNNEL_CSUM, TUNNEL_SEQ). */
interface TunnelFlags {
  readonly key?: boolean;
  readonly csum?: boolean;
  readonly seq?: boolean;
}

/** What an external tunnel device (VXLAN, GRE, GENEVE ...) is to send to, over IPv4. */
export interface IpEncap extends TunnelFlags {
  readonly type: 'ip';
  /** tunnel id: the VNI of a VXLAN, the key of a GRE; absent = 0 */
  readonly id?: number;
  readonly dst?: string;
  readonly src?: string;
  readonly tos?: number;
  readonly ttl?: number;
}

/** The same over IPv6. */
export interface Ip6Encap extends TunnelFlags {
  readonly type: 'ip6';
  readonly id?: number;
  readonly dst?: string;
  readonly src?: string;
  readonly tc?: number;
  readonly hoplimit?: number;
}

/** A segment routing header put on the packet (RFC 8754). */
export interface Seg6Encap {
  readonly type: 'seg6';
  readonly mode: (typeof SEG6_MODES)[number];
  /** in the order of travel */
  readonly segs: readonly string[];
}

/** What this host does with packets to one of its own segments (RFC 8986). */
export interface Seg6LocalEncap {
  readonly type: 'seg6local';
  readonly action: (typeof SEG6_ACTIONS)[number];
  readonly table?: number;
  readonly vrftable?: number;
  readonly nh4?: string;
  readonly nh6?: string;
  /** name of a link */
  readonly oif?: string;
  /** of End.B6 and End.B6.Encaps, in the order of travel */
  readonly segs?: readonly string[];
}

/** What is done to packets before they are sent (RTA_ENCAP, NHA_ENCAP): the types that the model knows. */
export type Encap = MplsEncap | IpEncap | Ip6Encap | Seg6Encap | Seg6LocalEncap;

/** Equal for two that do the same, whatever the order of their members. */
export const encapKey = (encap: Encap | undefined): string =>
  encap === undefined ? '' : JSON.stringify(encap, Object.keys(encap).sort());

/** The link that it names, besides the one of its hop. */
export const encapDev = (encap: Encap | undefined): readonly string[] =>
  encap?.type === 'seg6local' && encap.oif !== undefined ? [encap.oif] : [];
