import type { Link } from '../../model/link.ts';
import { defaultVlans } from '../../model/link-kinds/bridge-vlans.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import type { Value } from '../../model/value.ts';

/** What RTM_NEWLINK with NLM_F_CREATE takes over (rtnl_create_link); the rest is set on the finished link. */
const CREATED_FIELDS: ReadonlySet<keyof Link> = new Set<keyof Link>([
  'name',
  'index',
  'kind',
  'link',
  // a parent in another namespace has no name
  'linkIndex',
  'linkNetnsid',
  'lladdr',
  'txqlen',
  'group',
  'mtu',
  'numtxqueues',
  'numrxqueues',
  'gso_max_size',
  'gso_max_segs',
  'gro_max_size',
  'gso_ipv4_max_size',
  'gro_ipv4_max_size',
  'options',
  'rawOptions',
]);

/** What a link takes over that is not made by rtnetlink; the number of its queues follows from its options. */
const IOCTL_FIELDS: ReadonlySet<keyof Link> = new Set<keyof Link>([
  'name',
  'index',
  'kind',
  'link',
  'options',
  'numtxqueues',
  'numrxqueues',
]);

/** Options that name ports of the link itself wait until those are attached; some have messages of their own. */
const isLate = (link: Link, name: string): boolean => {
  const spec = LINK_KINDS[link.kind ?? '']?.options[name];
  return spec?.afterPorts === true || spec?.stage !== undefined;
};

/** What a new bridge has by itself, where that is not what is taken for granted anyway. */
const ownVlans = ({ kind, options }: Link): Link['options'] =>
  kind === 'bridge' && options?.vlan_default_pvid !== undefined && options.vlan_default_pvid !== 1
    ? { vlans: defaultVlans(options.vlan_default_pvid) }
    : {};

/** What a new link has of the options that have messages of their own and are told in full. */
const ownDevice = ({ kind }: Link): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(LINK_KINDS[kind ?? '']?.options ?? {}).flatMap(([name, { stage, default: own }]) =>
      stage === 'wireguard' && own !== undefined ? [[name, own]] : [],
    ),
  );

/** The address of a bridge without ports; it cannot be asked for. */
const NO_LLADDR = '00:00:00:00:00:00';

/** A link as it is right after its creation, as far as netrecon asked for it. */
export const createdLink = (link: Link): Link => {
  const taken = LINK_KINDS[link.kind ?? '']?.byIoctl === true ? IOCTL_FIELDS : CREATED_FIELDS;
  const kept = Object.entries(link).filter(([field]) => taken.has(field as keyof Link));
  const options = Object.fromEntries(Object.entries(link.options ?? {}).filter(([name]) => !isLate(link, name)));
  const created = {
    ...Object.fromEntries(kept),
    options: { ...options, ...ownVlans(link), ...ownDevice(link) },
  } as unknown as Link;
  // br_mtu_auto_adjust takes an MTU given at creation for a default: it counts only when it is set on the finished link
  const mtu = link.kind === 'bridge' ? undefined : created.mtu;
  return {
    ...created,
    lladdr: created.lladdr === NO_LLADDR ? undefined : created.lladdr,
    mtu,
    state: 'down',
    master: null,
    alias: '',
    altnames: [],
    promisc: false,
    allmulticast: false,
    addrgenmode: 'eui64',
  };
};

/** The end of a pair that its peer's creation makes along with it. */
export const freshPeer = (name: string, peer: Value | undefined, kind = 'veth'): Link =>
  createdLink({ name, index: 0, kind, options: peer === undefined ? {} : { peer } });
