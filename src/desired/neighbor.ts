import type { Declared } from '../model/desired.ts';
import { familyOf } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import type { FdbEntry, Neighbor as ModelNeighbor } from '../model/neighbor.ts';
import { declare, type Entry, fieldSources, isOn, resolveName, type Surroundings } from './entry.ts';
import { readAddress, readLladdr } from './scalars.ts';
import type { Neighbor } from './schema.gen.ts';

const IDENTITIES = ['to', 'proxy', 'fdb', 'mdb'] as const;

/** Keys of each sort of entry, besides `dev`, `state` and `adopt`. */
const KEYS: Readonly<Record<(typeof IDENTITIES)[number], ReadonlySet<string>>> = {
  to: new Set(['to', 'lladdr', 'router', 'extern_learn', 'protocol']),
  proxy: new Set(['proxy', 'router', 'protocol']),
  fdb: new Set(['fdb', 'self', 'master', 'vlan', 'dst', 'vni', 'port', 'via', 'nhid', 'sticky', 'extern_learn']),
  mdb: new Set(['mdb', 'port', 'vid', 'src']),
};
const COMMON_KEYS = new Set(['dev', 'state', 'adopt']);
const VXLAN_KEYS = ['dst', 'vni', 'port', 'via', 'nhid'] as const;

const STATES: Readonly<Record<(typeof IDENTITIES)[number], readonly string[]>> = {
  to: ['permanent', 'noarp', 'absent'],
  proxy: ['absent'],
  fdb: ['permanent', 'static', 'absent'],
  mdb: ['permanent', 'absent'],
};

/**
 * A neighbor, proxy or forwarding entry as the file writes it.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeNeighbor = (
  entry: Entry<Neighbor>,
  surroundings: Surroundings,
): Declared<ModelNeighbor> | undefined => {
  const { value } = entry;
  const written = IDENTITIES.filter((key) => value[key] !== undefined);
  const [identity, another] = written;
  if (identity === undefined || another !== undefined) {
    const message =
      identity === undefined
        ? 'needs one of "to", "proxy", "fdb" and "mdb"'
        : `has both "${identity}" and "${another}"`;
    entry.problem('NR_CONTRADICTION', `a neighbor ${message}`, another, 'an entry is one of the four');
    return undefined;
  }
  const before = entry.problems.count;
  for (const key of Object.keys(value)) {
    if (KEYS[identity].has(key) || COMMON_KEYS.has(key)) continue;
    entry.problem('NR_CONTRADICTION', `${key} does not go with "${identity}"`, key);
  }
  if (value.state !== undefined && !STATES[identity].includes(value.state)) {
    entry.problem(
      'NR_CONTRADICTION',
      `state ${value.state} does not go with "${identity}"`,
      'state',
      `it takes ${STATES[identity].join(', ')}`,
    );
  }
  if (value.dev === undefined && identity !== 'proxy')
    entry.problem('NR_SCHEMA', `an entry with "${identity}" needs "dev"`);
  const protocol =
    value.protocol === undefined
      ? NETRECON_PROTOCOL
      : resolveName(entry, 'protocol', surroundings.names.protocols, { file: 'rt_protos', max: 255 });
  if (entry.problems.count > before || protocol === undefined) return undefined;
  const object = READERS[identity](entry, protocol, surroundings);
  if (object === undefined || entry.problems.count > before) return undefined;
  const fields = fieldSources(entry, {
    fdb: 'lladdr',
    proxy: 'to',
    mdb: 'group',
    self: 'where',
    master: 'where',
    adopt: null,
  });
  return declare(entry, object, fields);
};

type Reader = (entry: Entry<Neighbor>, protocol: number, surroundings: Surroundings) => ModelNeighbor | undefined;

const readNeighbor: Reader = (entry, protocol) => {
  const { value } = entry;
  const to = readAddress(entry, 'to', value.to as string);
  const lladdr = value.lladdr === undefined ? undefined : readLladdr(entry, 'lladdr', value.lladdr);
  if (to === undefined) return undefined;
  const state = value.state === 'noarp' ? 'noarp' : 'permanent';
  if (value.lladdr === undefined && state === 'permanent' && value.state !== 'absent') {
    entry.problem('NR_CONTRADICTION', `a permanent neighbor needs "lladdr"`);
  }
  return {
    type: 'neighbor',
    family: familyOf(to),
    dev: value.dev as string,
    to,
    ...(lladdr !== undefined && { lladdr }),
    state,
    ...(isOn(value.router) && { router: true }),
    ...(isOn(value.extern_learn) && { extern_learn: true }),
    protocol,
  };
};

const readProxy: Reader = (entry, protocol) => {
  const { value } = entry;
  const to = readAddress(entry, 'proxy', value.proxy as string);
  if (to === undefined) return undefined;
  // net/ipv6/ndisc.c pndisc_constructor joins a group on the link, and fails without one
  if (familyOf(to) === 'inet6' && value.dev === undefined)
    entry.problem('NR_CONTRADICTION', 'a proxy entry of IPv6 needs "dev"');
  return {
    type: 'proxy',
    family: familyOf(to),
    ...(value.dev !== undefined && { dev: value.dev }),
    to,
    ...(isOn(value.router) && { router: true }),
    protocol,
  };
};

const readFdb: Reader = (entry, _protocol, { links }) => {
  const { value } = entry;
  const lladdr = readLladdr(entry, 'fdb', value.fdb as string);
  const where = readWhere(entry, links.get(value.dev as string)?.master);
  const dst = value.dst === undefined ? undefined : readAddress(entry, 'dst', value.dst);
  if (where === 'master') {
    for (const key of VXLAN_KEYS) {
      if (value[key] !== undefined)
        entry.problem('NR_CONTRADICTION', `${key} belongs to the device's own table`, key, 'write self: true');
    }
  }
  if (typeof value.port === 'string')
    entry.problem(
      'NR_CONTRADICTION',
      `port "${value.port}" is no UDP port`,
      'port',
      'links are ports of "mdb" entries',
    );
  if (value.nhid !== undefined && value.dst !== undefined)
    entry.problem('NR_CONTRADICTION', 'nhid takes the place of dst', 'nhid');
  if (lladdr === undefined) return undefined;
  const state = readFdbState(value, where);
  return {
    type: 'fdb',
    dev: value.dev as string,
    lladdr,
    where,
    state,
    ...(value.vlan !== undefined && { vlan: value.vlan }),
    ...(dst !== undefined && { dst }),
    ...(value.vni !== undefined && { vni: value.vni }),
    ...(typeof value.port === 'number' && { port: value.port }),
    ...(value.via !== undefined && { via: value.via }),
    ...(value.nhid !== undefined && { nhid: value.nhid }),
    ...(isOn(value.extern_learn) && { extern_learn: true }),
    ...(isOn(value.sticky) && { sticky: true }),
  };
};

/** A bridge asks nothing of an entry that was learned outside (br_fdb_external_learn_add): it reads back as dynamic. */
const readFdbState = ({ state, extern_learn: learned }: Neighbor, where: FdbEntry['where']): FdbEntry['state'] => {
  if (where === 'master' && isOn(learned)) return 'dynamic';
  if (state === 'permanent' || state === 'static') return state;
  return where === 'master' ? 'static' : 'permanent';
};

/** A port's entry is the bridge's business; a VXLAN's, or that of any other device, its own. */
const readWhere = (entry: Entry<Neighbor>, masterOfDev: string | null | undefined): FdbEntry['where'] => {
  const { self, master } = entry.value;
  if (isOn(self) && isOn(master))
    entry.problem('NR_CONTRADICTION', 'an entry is either self or master', 'master', 'write two entries');
  if (isOn(master)) return 'master';
  if (isOn(self)) return 'self';
  if (self !== undefined && master === undefined) return 'master';
  if (master !== undefined) return 'self';
  const remote = VXLAN_KEYS.some((key) => entry.value[key] !== undefined);
  return typeof masterOfDev === 'string' && !remote ? 'master' : 'self';
};

const readMdb: Reader = (entry) => {
  const { value } = entry;
  const written = value.mdb as string;
  const isMac = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(written);
  const group = isMac ? readLladdr(entry, 'mdb', written) : readAddress(entry, 'mdb', written);
  const src = value.src === undefined ? undefined : readAddress(entry, 'src', value.src);
  if (typeof value.port !== 'string')
    entry.problem('NR_CONTRADICTION', 'a group needs "port": the port of the bridge', 'mdb');
  else if (value.port === value.dev) {
    entry.problem(
      'NR_CONTRADICTION',
      'a group goes to a port, not to the bridge itself',
      'port',
      'what the host listens to, its programs join',
    );
  }
  if (group !== undefined && !isGroup(group))
    entry.problem('NR_BAD_VALUE', `${written} is no multicast address`, 'mdb');
  if (group === undefined || typeof value.port !== 'string') return undefined;
  return {
    type: 'mdb',
    dev: value.dev as string,
    port: value.port,
    group,
    ...(value.vid !== undefined && { vid: value.vid }),
    ...(src !== undefined && { src }),
    state: 'permanent',
  };
};

/** 224.0.0.0/4, ff00::/8, or a MAC address with the lowest bit of the first octet set. */
const isGroup = (group: string): boolean => {
  if (/^..:..:..:..:..:..$/.test(group)) return (Number.parseInt(group.slice(0, 2), 16) & 1) === 1;
  return group.includes(':') ? /^ff..:/.test(group) : Number.parseInt(group, 10) >>> 4 === 14;
};

const READERS: Readonly<Record<(typeof IDENTITIES)[number], Reader>> = {
  to: readNeighbor,
  proxy: readProxy,
  fdb: readFdb,
  mdb: readMdb,
};
