import type { Kind } from './kind.ts';
import { linkFields } from './link-fields.ts';
import { isFallbackDevice, LINK_KINDS, lowerLinks } from './link-kinds/index.ts';
import type { RawAttribute, Value } from './value.ts';

/** The link layer's own word for what is plugged in above: the options of a port, by the kind of its master. */
export interface Port {
  /** kind of the master: `bridge`, `bond` ... (IFLA_INFO_SLAVE_KIND) */
  readonly kind: string;
  readonly options: Readonly<Record<string, Value>>;
}

/**
 * A network interface. The same type describes the desired and the observed side: in a desired link an absent field
 * means "not managed"; an observed link has every field the kernel reports.
 */
export interface Link {
  readonly name: string;
  /** ifindex; observed only (0 where unknown) */
  readonly index: number;
  /** IFLA_INFO_KIND; absent for hardware and for lo */
  readonly kind?: string;
  readonly state?: 'up' | 'down';
  /** bytes */
  readonly mtu?: number;
  /** canonical text */
  readonly lladdr?: string;
  readonly txqlen?: number;
  /** '' = none */
  readonly alias?: string;
  /** sorted */
  readonly altnames?: readonly string[];
  /** number of the link group, 0 = default */
  readonly group?: number;
  /** name of the master, null = none */
  readonly master?: string | null;
  readonly promisc?: boolean;
  readonly allmulticast?: boolean;
  readonly multicast?: boolean;
  readonly arp?: boolean;
  /** name of the parent (IFLA_LINK) for kinds that stand on one; null = none */
  readonly link?: string | null;
  readonly numtxqueues?: number;
  readonly numrxqueues?: number;
  /** bytes */
  readonly gso_max_size?: number;
  readonly gso_max_segs?: number;
  /** bytes */
  readonly gro_max_size?: number;
  /** bytes */
  readonly gso_ipv4_max_size?: number;
  /** bytes */
  readonly gro_ipv4_max_size?: number;
  readonly addrgenmode?: 'eui64' | 'none' | 'stable_secret' | 'random';
  /** options of the kind, by iproute2's names; see link-kinds/ */
  readonly options?: Readonly<Record<string, Value>>;
  /** options as a port of its master */
  readonly port?: Port;
  /** to be asked for only: the namespace that it is made in, or moved to; its parent stays where the request is sent */
  readonly netns?: string;
  /** to be asked for only: the other end of a veth, where that stands in another namespace */
  readonly farEnd?: FarEnd;
  /** desired only: rename the link of this name if `name` does not exist yet */
  readonly renamed_from?: string;
  /** observed only: what the kernel says of the carrier, IFF_LOWER_UP */
  readonly carrier?: boolean;
  /** observed only: the parent or veth peer lives in another namespace (IFLA_LINK_NETNSID) */
  readonly linkNetnsid?: number;
  /** observed only: raw ifindex of IFLA_LINK, for parents that cannot be named (other namespace) */
  readonly linkIndex?: number;
  /** observed only: per-device IPv4 and IPv6 settings that change what an operation takes along */
  readonly conf?: LinkConf;
  /** observed only: attributes of IFLA_INFO_DATA that no table names, or all of it for a kind without a table */
  readonly rawOptions?: readonly RawAttribute[];
  /** observed only: the same of IFLA_INFO_SLAVE_DATA */
  readonly rawPort?: readonly RawAttribute[];
}

/** One end of a veth pair, as seen from a namespace that it does not stand in. */
export interface FarEnd {
  readonly name: string;
  /** a name under /run/netns */
  readonly netns: string;
  /** asked for where the pair comes back as it was */
  readonly index?: number;
}

/** The per-device values, already OR-ed with conf/all where the kernel does so (net/ipv4/devinet.c IN_DEV_ORCONF). */
export interface LinkConf {
  readonly promote_secondaries: boolean;
  readonly keep_addr_on_down: boolean;
  readonly disable_ipv6: boolean;
  readonly ignore_routes_with_linkdown: boolean;
}

export const LINK: Kind<'link'> = {
  name: 'link',
  section: 'links',
  slot: (l) => l.name,
  identity: (l) => l.name,
  describe: (l) => `link ${l.name}`,
  fields: linkFields,
  devs: (l) =>
    [
      l.master,
      l.link,
      ...(LINK_KINDS[l.kind ?? '']?.goesWithLower === true
        ? lowerLinks(l.kind, l.options).map(({ name }) => name)
        : []),
    ].filter((name): name is string => typeof name === 'string'),
  coexists: () => false,
  isKernels: (l) => isFallbackDevice(l.kind, l.name),
  owner: () => undefined,
  isHandMade: (l) => l.kind !== undefined,
};
