import { canonicalLladdr } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import {
  type IpObject,
  type IpReading,
  numberIn,
  objectIn,
  requireNumber,
  requireText,
  textIn,
  wordsIn,
} from './ip-json.ts';
import { readOptions } from './link-options.ts';

const FILE = 'link.json';

/** In the order of the kernel's dump, which plans show. Older kernels, and older versions of ip, print fewer. */
const readNumbers = (object: IpObject, { names }: IpReading): Partial<Link> => {
  const members = {
    txqlen: numberIn(object.txqlen),
    mtu: numberIn(object.mtu),
    group: requireNumber(textIn(object.group) ?? '0', names.group, FILE),
    numtxqueues: numberIn(object.num_tx_queues),
    gso_max_segs: numberIn(object.gso_max_segs),
    gso_max_size: numberIn(object.gso_max_size),
    gro_max_size: numberIn(object.gro_max_size),
    gso_ipv4_max_size: numberIn(object.gso_ipv4_max_size),
    gro_ipv4_max_size: numberIn(object.gro_ipv4_max_size),
    numrxqueues: numberIn(object.num_rx_queues),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
};

/** What stands below, by name, or by number where it lives in another namespace. */
const readLower = (object: IpObject): Partial<Link> => {
  const linkIndex = numberIn(object.link_index);
  const linkNetnsid = numberIn(object.link_netnsid);
  return {
    ...(linkIndex === undefined ? {} : { linkIndex }),
    ...(linkNetnsid === undefined ? {} : { linkNetnsid }),
  };
};

const readKind = (object: IpObject, { gaps }: IpReading): Partial<Link> => {
  const info = objectIn(object.linkinfo);
  const kind = textIn(info?.info_kind);
  const portKind = textIn(info?.info_slave_kind);
  const spec = LINK_KINDS[kind ?? ''];
  const ports = LINK_KINDS[portKind ?? '']?.port;
  const tell = (what: string, untold: readonly string[]) => {
    if (untold.length > 0) gaps.add(`of ${what}: ${untold.join(', ')} (taken as the default)`);
  };
  const own = spec === undefined ? undefined : readOptions(spec.kind, spec.options, objectIn(info?.info_data) ?? {});
  const port =
    ports === undefined ? undefined : readOptions(`${portKind} port`, ports, objectIn(info?.info_slave_data) ?? {});
  const peer = spec?.pair === true ? textIn(object.link) : undefined;
  if (kind !== undefined && kind !== 'veth') tell(`links of kind ${kind}`, own?.untold ?? []);
  if (portKind !== undefined) tell(`ports of a ${portKind}`, port?.untold ?? []);
  return {
    ...(kind === undefined ? {} : { kind, options: { ...own?.options, ...(peer === undefined ? {} : { peer }) } }),
    ...(portKind === undefined ? {} : { port: { kind: portKind, options: port?.options ?? {} } }),
    link: spec?.parent === 'none' ? null : (textIn(object.link) ?? null),
  };
};

const GENERATION_MODES: readonly string[] = ['eui64', 'none', 'stable_secret', 'random'];

const readLink = (object: IpObject, reading: IpReading): Link => {
  const flags = wordsIn(object.flags);
  const { kind, link, options, port } = readKind(object, reading);
  const mode = textIn(object.inet6_addr_gen_mode);
  const lladdr = LINK_KINDS[kind ?? '']?.noLladdr === true ? undefined : canonicalLladdr(textIn(object.address) ?? '');
  return {
    name: requireText(object, 'ifname', FILE),
    index: numberIn(object.ifindex) ?? 0,
    ...(kind === undefined ? {} : { kind }),
    state: flags.includes('UP') ? 'up' : 'down',
    ...(lladdr === undefined ? {} : { lladdr }),
    alias: textIn(object.ifalias) ?? '',
    altnames: wordsIn(object.altnames).toSorted(),
    ...readNumbers(object, reading),
    master: textIn(object.master) ?? null,
    promisc: flags.includes('PROMISC'),
    allmulticast: flags.includes('ALLMULTI'),
    multicast: flags.includes('MULTICAST'),
    arp: !flags.includes('NOARP'),
    carrier: flags.includes('LOWER_UP'),
    ...readLower(object),
    ...(link === undefined ? {} : { link }),
    ...(mode !== undefined && GENERATION_MODES.includes(mode) ? { addrgenmode: mode as 'eui64' } : {}),
    ...(options === undefined ? {} : { options }),
    ...(port === undefined ? {} : { port }),
  };
};

/** What `ip -d -j link show` says. */
export const readLinks = (objects: readonly IpObject[], reading: IpReading): readonly Link[] =>
  objects.map((object) => readLink(object, reading));
