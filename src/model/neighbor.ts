import type { Family } from './ip.ts';
import type { Field, FieldTable, Kind } from './kind.ts';
import type { RawAttribute } from './value.ts';

/** An entry of the ARP/NDP tables, a proxy entry, or an entry of a bridge's or VXLAN's forwarding or multicast database. */
export type Neighbor = NeighborEntry | ProxyEntry | FdbEntry | MdbEntry;

export interface NeighborEntry {
  readonly type: 'neighbor';
  readonly family: Family;
  readonly dev: string;
  /** canonical address */
  readonly to: string;
  /** canonical link-layer address; absent for noarp without one */
  readonly lladdr?: string;
  /** what netrecon manages is permanent or noarp; the rest is the kernel's */
  readonly state: 'permanent' | 'noarp' | 'dynamic';
  readonly router?: boolean;
  readonly extern_learn?: boolean;
  /** NDA_PROTOCOL, 0 = unspec */
  readonly protocol: number;
  readonly raw?: readonly RawAttribute[];
}

export interface ProxyEntry {
  readonly type: 'proxy';
  readonly family: Family;
  /** absent: on every link */
  readonly dev?: string;
  readonly to: string;
  readonly router?: boolean;
  readonly protocol: number;
  readonly raw?: readonly RawAttribute[];
}

/** The kernel stores no protocol with FDB entries: the record in the state directory tells which are ours. */
export interface FdbEntry {
  readonly type: 'fdb';
  readonly dev: string;
  readonly lladdr: string;
  /** where it stands: the device's own table (self: VXLAN, hardware) or its bridge's (master) */
  readonly where: 'self' | 'master';
  /** permanent = local to the bridge, static = NUD_NOARP, dynamic = learned */
  readonly state: 'permanent' | 'static' | 'dynamic';
  readonly vlan?: number;
  /** VXLAN: remote address */
  readonly dst?: string;
  /** VXLAN: remote VNI, absent = the device's */
  readonly vni?: number;
  /** VXLAN: remote UDP port, absent = the device's */
  readonly port?: number;
  /** VXLAN: outgoing link */
  readonly via?: string;
  /** VXLAN: nexthop object of an fdb nexthop */
  readonly nhid?: number;
  readonly extern_learn?: boolean;
  readonly sticky?: boolean;
  readonly raw?: readonly RawAttribute[];
}

/** A multicast group that goes to a port of a bridge. No protocol here either. */
export interface MdbEntry {
  readonly type: 'mdb';
  /** the bridge */
  readonly dev: string;
  /** one of its ports, or the bridge itself: what the host listens to */
  readonly port: string;
  /** address, or MAC address of a group */
  readonly group: string;
  /** counts while the bridge minds VLANs */
  readonly vid?: number;
  /** only what comes from there (IGMPv3, MLDv2) */
  readonly src?: string;
  /** permanent is what somebody asked for; temp was learned, or lapses by itself */
  readonly state: 'permanent' | 'temp';
  readonly raw?: readonly RawAttribute[];
}

const whole: Field<Neighbor> = { change: 'inPlace', unset: 'default' };
const flag: Field<Neighbor> = { ...whole, same: (d, o) => (d ?? false) === (o ?? false) };
// NDA_PROTOCOL 0 is what every tool but netrecon leaves behind: no reason to send anything
const mark: Field<Neighbor> = { ...whole, same: (d, o) => d === o || o === 0 };

const isByNexthop = (n: Neighbor): boolean => n.type === 'fdb' && n.nhid !== undefined;

const FIELDS: { readonly [T in Neighbor['type']]: FieldTable<Neighbor> } = {
  neighbor: { lladdr: whole, state: whole, router: flag, extern_learn: flag, protocol: mark },
  proxy: { router: flag, protocol: mark },
  // br_fdb.c and vxlan_core.c take a REPLACE for state and remote, no other; between a remote and a nexthop object one way is
  // refused and the other ignored without a word (vxlan_fdb_update_existing, vxlan_fdb_replace)
  fdb: {
    state: whole,
    dst: whole,
    vni: whole,
    port: whole,
    via: whole,
    nhid: {
      ...whole,
      change: (desired, observed) => (isByNexthop(desired) === isByNexthop(observed) ? 'inPlace' : 'recreate'),
    },
    sticky: flag,
    extern_learn: flag,
  },
  mdb: {},
};

/** One lladdr may have many remotes only if it is all-zero or multicast (vxlan_core.c vxlan_fdb_update). */
export const mayShareLladdr = (e: Neighbor): boolean =>
  e.type === 'fdb' &&
  e.dst !== undefined &&
  (e.lladdr === '00:00:00:00:00:00' || (Number.parseInt(e.lladdr.slice(0, 2), 16) & 1) === 1);

const remoteOf = (e: FdbEntry): string =>
  mayShareLladdr(e) ? `${e.dst} ${e.vni ?? ''} ${e.port ?? ''} ${e.via ?? ''}` : '';

const slot = (n: Neighbor): string => {
  switch (n.type) {
    case 'neighbor':
      return `${n.dev} ${n.to}`;
    case 'proxy':
      return `proxy ${n.dev ?? ''} ${n.to}`;
    case 'fdb':
      return `fdb ${n.dev} ${n.lladdr} ${n.where} ${n.vlan ?? 0} ${remoteOf(n)}`;
    case 'mdb':
      return `mdb ${n.dev} ${n.port} ${n.group} ${n.src ?? ''} ${n.vid ?? 0}`;
  }
};

const describe = (n: Neighbor): string => {
  const dev = n.dev === undefined ? '' : ` dev ${n.dev}`;
  switch (n.type) {
    case 'neighbor':
      return `neighbor ${n.to}${dev}`;
    case 'proxy':
      return `neighbor proxy ${n.to}${dev}`;
    case 'fdb':
      return `fdb ${n.lladdr}${dev}${n.vlan === undefined ? '' : ` vlan ${n.vlan}`} ${n.where}${n.dst === undefined ? '' : ` dst ${n.dst}`}`;
    case 'mdb':
      return `mdb ${n.group}${dev} port ${n.port}${n.vid === undefined ? '' : ` vid ${n.vid}`}${n.src === undefined ? '' : ` src ${n.src}`}`;
  }
};

/** Links that an entry names besides its own. */
const usedBy = (n: Neighbor): readonly string[] => {
  if (n.type === 'mdb') return n.port === n.dev ? [] : [n.port];
  return n.type === 'fdb' && n.via !== undefined ? [n.via] : [];
};

export const NEIGHBOR: Kind<'neighbor'> = {
  name: 'neighbor',
  section: 'neighbors',
  slot,
  identity: slot,
  describe,
  fields: (n) => FIELDS[n.type],
  devs: (n) => [...(n.dev === undefined ? [] : [n.dev]), ...usedBy(n)],
  coexists: () => false,
  // learned entries, the NOARP entries that the kernel makes for multicast and on links without ARP, and the local
  // entries of a bridge
  isKernels: (n) => {
    switch (n.type) {
      case 'neighbor':
        return n.state === 'dynamic' || (n.state === 'noarp' && n.protocol === 0);
      case 'proxy':
        return false;
      case 'fdb':
        return (
          (n.state === 'dynamic' && n.extern_learn !== true) ||
          (n.state === 'permanent' && n.dst === undefined && n.nhid === undefined)
        );
      // of a group that the host itself listens to, the kernel says temp whoever asked for it
      case 'mdb':
        return n.state === 'temp' || n.port === n.dev;
    }
  },
  owner: (n) => (n.type === 'fdb' || n.type === 'mdb' ? undefined : n.protocol),
  isHandMade: (n) =>
    n.type === 'mdb'
      ? n.state === 'permanent'
      : n.type === 'fdb'
        ? n.extern_learn !== true
        : n.protocol === 0 || n.protocol === 3 || n.protocol === 4,
};
