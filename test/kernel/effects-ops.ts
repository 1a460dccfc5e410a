import type { Address } from '../../src/model/address.ts';
import { NETRECON_PROTOCOL } from '../../src/model/kind.ts';
import { kindOf } from '../../src/model/kinds.ts';
import type { Link } from '../../src/model/link.ts';
import type { Neighbor } from '../../src/model/neighbor.ts';
import type { Nexthop } from '../../src/model/nexthop.ts';
import type { Op } from '../../src/model/op.ts';
import type { Route, RouteHop } from '../../src/model/route.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { State } from '../../src/model/state.ts';
import { createOp, deleteOp, linkOp, updateOp } from './make-op.ts';

/** A stream of numbers that a seed fixes (mulberry32). */
export interface Dice {
  /** 0 .. n-1 */
  below(n: number): number;
  chance(probability: number): boolean;
  /** undefined of an empty list */
  pick<T>(items: readonly T[]): T | undefined;
}

export const createDice = (seed: number): Dice => {
  let a = seed >>> 0;
  const next = (): number => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (n) => Math.floor(next() * n),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)],
  };
};

const PROTOCOLS = [NETRECON_PROTOCOL, 4, 186] as const;
const TABLES = [254, 254, 254, 253, 500] as const;
const MTUS = [1500, 1400, 1300, 1280, 1279, 1000] as const;

const mac = (n: number): string => `02:00:00:00:ff:${n.toString(16).padStart(2, '0')}`;

const usable = (state: State): readonly Link[] => state.link.filter(({ name }) => name !== 'lo');

const changeLink = (dice: Dice, state: State): Op | undefined => {
  const link = dice.pick(usable(state));
  if (link === undefined) return undefined;
  switch (dice.below(12)) {
    case 0:
    case 1:
      return linkOp(link, 'down', { state: 'down' });
    case 2:
    case 3:
    case 4:
    case 5:
      return linkOp(link, 'up', { state: 'up' });
    case 6:
    case 7:
      if (link.port?.kind === 'bond' || link.kind === 'bond') return undefined;
      return linkOp(link, 'base', { mtu: dice.pick(MTUS) ?? 1500 });
    case 8:
      return linkOp(link, 'base', { lladdr: mac(dice.below(200)) });
    case 9:
      return dice.pick([
        linkOp(link, 'base', { arp: link.arp !== true }),
        linkOp(link, 'base', { group: dice.below(5) }),
        linkOp(link, 'base', { txqlen: 500 + dice.below(500) }),
        linkOp(link, 'base', { multicast: link.multicast !== true }),
        linkOp(link, 'base', { promisc: link.promisc !== true }),
        linkOp(link, 'addrgen', { addrgenmode: dice.pick(['none', 'eui64'] as const) ?? 'none' }),
      ]);
    default: {
      const masters = state.link.filter(({ kind }) => kind === 'bridge' || kind === 'vrf' || kind === 'bond');
      const master = dice.chance(0.4) ? null : (dice.pick(masters)?.name ?? null);
      // cycling by a VRF makes a promiscuous mode that links above asked for the user's own (cycle_netdev)
      const hasUppers = state.link.some((other) => other.link === link.name);
      const cycles = [link.master, master].some((name) => state.link.some((l) => l.name === name && l.kind === 'vrf'));
      if (hasUppers && cycles) return undefined;
      // what a bond takes over and gives back is not all in a dump
      const isBond = state.link.some((l) => l.name === master && l.kind === 'bond');
      if (isBond && (hasUppers || link.mtu !== 1500 || !/^(e\d|dm0)$/.test(link.name))) return undefined;
      return linkOp(link, 'master', { master });
    }
  }
};

const createOrDeleteLink = (dice: Dice, state: State): Op | undefined => {
  const names = new Set(state.link.map(({ name }) => name));
  const fresh = (prefix: string): string | undefined =>
    [0, 1, 2].map((n) => `${prefix}${n}`).find((name) => !names.has(name));
  if (dice.chance(0.35)) {
    const link = dice.pick(usable(state).filter(({ kind }) => kind !== undefined));
    return link === undefined ? undefined : deleteOp('link', link);
  }
  // a macvlan on a macvlan becomes one on the link below both (macvlan_common_newlink)
  const parent = dice.pick(usable(state).filter(({ kind }) => kind !== 'macvlan'))?.name ?? 'e0';
  const base = { index: 0, lladdr: mac(200 + dice.below(50)) };
  const make = (prefix: string, rest: Partial<Link>): Op | undefined => {
    const name = fresh(prefix);
    return name === undefined ? undefined : createOp('link', { ...base, name, ...rest });
  };
  switch (dice.below(6)) {
    case 0: {
      const name = fresh('nv');
      return name === undefined || names.has(`${name}p`)
        ? undefined
        : createOp('link', { ...base, name, kind: 'veth', options: { peer: `${name}p` } });
    }
    case 1:
      return undefined;
    case 2:
      return make('nm', { kind: 'macvlan', link: parent, options: { mode: 'bridge' } });
    case 3:
      return make('nl', { kind: 'vlan', link: parent, options: { id: 20 + dice.below(50) } });
    case 4:
      return make('nd', { kind: 'dummy', options: {} });
    default:
      return make('ni', { kind: 'ifb', options: {} });
  }
};

const randomAddress = (dice: Dice, state: State): Address | undefined => {
  const link = dice.pick(state.link);
  if (link === undefined) return undefined;
  const net = 1 + dice.below(3);
  const host = 1 + dice.below(6);
  const owner = { dev: link.name, protocol: dice.pick([NETRECON_PROTOCOL, 0]) ?? 0 };
  const options = { ...(dice.chance(0.1) ? { noprefixroute: true } : {}), ...(dice.chance(0.1) ? { metric: 77 } : {}) };
  if (dice.chance(0.3)) {
    return { ...owner, ...options, family: 'inet6', address: `2001:db8:${net}::${host}`, prefixlen: 64, nodad: true };
  }
  const base = { ...owner, ...options, family: 'inet' as const };
  if (dice.chance(0.1))
    return { ...base, address: `10.9.${net}.${host}`, peer: `10.9.${net}.${100 + host}`, prefixlen: 32 };
  const prefixlen = dice.pick([24, 24, 24, 24, 25, 32, 16]) ?? 24;
  return { ...base, address: `10.0.${net}.${host}`, prefixlen, ...(dice.chance(0.1) ? { scope: 253 } : {}) };
};

/** Kernels differ in what becomes of a route whose IPv6 source goes from one of two links. */
const isSharedSource = ({ address, family, dev }: Address, state: State): boolean =>
  family === 'inet6' &&
  state.route.some(({ src }) => src === address) &&
  state.address.some((other) => other.address === address && other.dev !== dev);

const changeAddress = (dice: Dice, state: State): Op | undefined => {
  const present = dice.pick(state.address.filter((a) => !kindOf('address').isKernels(a)));
  if (present !== undefined && dice.chance(0.35)) {
    return isSharedSource(present, state) ? undefined : deleteOp('address', present);
  }
  if (present !== undefined && dice.chance(0.15)) {
    return updateOp('address', present, {
      ...present,
      ...(dice.chance(0.5) ? { metric: 50 + dice.below(5) } : { valid_lft: 4000, preferred_lft: 3000 }),
    });
  }
  const address = randomAddress(dice, state);
  // kernels differ in what they make of an IPv6 source that two links have
  if (address === undefined || state.route.some(({ src }) => address.family === 'inet6' && src === address.address))
    return undefined;
  return createOp('address', address);
};

const hopOf = (dice: Dice, state: State, family: 'inet' | 'inet6'): RouteHop | undefined => {
  // link-local addresses come at a time of their own, and the dice must fall the same way again
  const own = state.address.filter((a) => !kindOf('address').isKernels(a) && !a.address.startsWith('fe80'));
  const address = dice.pick(own.filter((a) => a.family === family && a.prefixlen < 120));
  const dev = dice.chance(0.1) ? dice.pick(usable(state))?.name : address?.dev;
  // a gateway behind a VRF device is looked up in its table, and the route gets the port
  if (state.link.some(({ name, kind }) => name === dev && kind === 'vrf')) return undefined;
  if (dev === undefined) return undefined;
  if (dice.chance(0.15)) return { dev, weight: 1 };
  const far = address === undefined || address.peer !== undefined ? undefined : address.address;
  if (far === undefined) return { dev, weight: 1 };
  const via =
    family === 'inet' ? far.replace(/\d+$/, `${200 + dice.below(4)}`) : far.replace(/:[^:]+$/, `:f${dice.below(4)}`);
  return { dev, via, weight: 1 };
};

/** Kernels differ in what they make of an IPv6 source that another link has, too. */
const isUniqueOnHop = (a: Address, hops: readonly RouteHop[], all: readonly Address[]): boolean =>
  hops.some(({ dev }) => dev === a.dev) && all.filter(({ address }) => address === a.address).length === 1;

const randomRoute = (dice: Dice, state: State): Route | undefined => {
  const family = dice.chance(0.3) ? 'inet6' : 'inet';
  const inet = family === 'inet';
  const n = dice.below(8);
  const to = n === 0 ? (inet ? '0.0.0.0/0' : '::/0') : inet ? `172.${16 + n}.0.0/16` : `2001:db8:f${n}::/48`;
  const metric = (inet ? 0 : 1024) + 10 * dice.below(3);
  const base = {
    family,
    to,
    metric,
    table: dice.pick(TABLES) ?? 254,
    tos: 0,
    protocol: dice.pick(PROTOCOLS) ?? 4,
  } as const;
  const nexthop = dice.pick(
    state.nexthop.filter((h) => h.fdb !== true && (h.family === family || h.group !== undefined)),
  );
  if (nexthop !== undefined && dice.chance(0.25)) {
    return { ...base, type: 'unicast', scope: 0, nhid: nexthop.id, hops: [] };
  }
  if (dice.chance(0.08)) return { ...base, type: 'blackhole', scope: 0, hops: [] };
  const hops: RouteHop[] = [];
  const count = dice.chance(0.3) ? 2 + dice.below(2) : 1;
  for (let i = 0; i < count; i++) {
    const hop = hopOf(dice, state, family);
    if (hop !== undefined && !hops.some((h) => h.dev === hop.dev && h.via === hop.via))
      hops.push(count > 1 ? { ...hop, weight: 1 + dice.below(3) } : hop);
  }
  if (hops.length === 0) return undefined;
  if (hops.length === 1) hops[0] = { ...(hops[0] as RouteHop), weight: 1 };
  const own = state.address.filter((a) => !a.address.startsWith('fe80'));
  const link = inet && hops.every(({ via }) => via === undefined);
  const source = dice.chance(0.2)
    ? dice.pick(own.filter((a) => a.family === family && (inet || isUniqueOnHop(a, hops, own))))
    : undefined;
  return {
    ...base,
    type: 'unicast',
    scope: link ? 253 : 0,
    hops,
    ...(source === undefined ? {} : { src: source.address }),
    ...(dice.chance(0.1) ? { metrics: { mtu: 1200 } } : {}),
  };
};

const changeRoute = (dice: Dice, state: State): Op | undefined => {
  const present = dice.pick(state.route.filter((r) => !kindOf('route').isKernels(r)));
  if (present !== undefined && dice.chance(0.2)) return deleteOp('route', present);
  const route = randomRoute(dice, state);
  if (route === undefined) return undefined;
  if (present !== undefined && dice.chance(0.2) && present.family === route.family) {
    const { family, to, metric, tos, table } = present;
    // the planner only replaces the single entry of a slot; others it deletes and makes anew
    const slot = kindOf('route').slot(present);
    const single = state.route.filter((r) => kindOf('route').slot(r) === slot).length === 1;
    if (single) return updateOp('route', present, { ...route, family, to, metric, tos, table });
  }
  const taken = state.route.some((r) => kindOf('route').slot(r) === kindOf('route').slot(route));
  return createOp('route', route, taken && dice.chance(0.5));
};

const changeNexthop = (dice: Dice, state: State): Op | undefined => {
  const present = dice.pick(state.nexthop);
  if (present !== undefined && dice.chance(0.25)) return deleteOp('nexthop', present);
  const id = 1 + dice.below(8);
  const known = state.nexthop.find((n) => n.id === id);
  const base = { id, protocol: dice.pick(PROTOCOLS) ?? 4 };
  // remote ends of a VXLAN are grouped among themselves
  const fdb = dice.chance(0.35);
  const singles = state.nexthop.filter(
    (n) => n.group === undefined && n.blackhole !== true && (n.fdb === true) === fdb && n.id !== id,
  );
  let object: Nexthop;
  if (singles.length > (fdb ? 0 : 1) && dice.chance(0.4)) {
    const members = [dice.pick(singles), dice.pick(singles)].map((n) => n?.id ?? 0);
    object = {
      ...base,
      family: 'unspec',
      scope: 0,
      group: [...new Set(members)].map((member) => ({ id: member, weight: 1 + dice.below(2) })),
      ...(fdb ? { fdb } : {}),
      ...(!fdb && dice.chance(0.4) ? { type: 'resilient', buckets: 8, idle_timer: 120, unbalanced_timer: 0 } : {}),
    };
  } else if (fdb) {
    object = { ...base, family: 'inet', via: `192.0.2.${50 + dice.below(9)}`, scope: 253, fdb };
  } else {
    const family = dice.chance(0.3) ? 'inet6' : 'inet';
    // a pair within the namespace loses its carrier at a time of its own, and its nexthop objects with it
    const hop = hopOf(dice, state, family);
    if (hop?.dev === undefined || !/^(e\d|i0|ni\d|dm0|nd\d)$/.test(hop.dev)) return undefined;
    object = { ...base, family, dev: hop.dev, scope: 0, ...(hop.via === undefined ? {} : { via: hop.via }) };
    if (family === 'inet' && hop.via === undefined) object = { ...object, scope: 253 };
  }
  if (known !== undefined) return dice.chance(0.5) ? updateOp('nexthop', known, object) : undefined;
  return createOp('nexthop', object);
};

const changeNeighbor = (dice: Dice, state: State): Op | undefined => {
  const present = dice.pick(state.neighbor.filter((n) => !kindOf('neighbor').isKernels(n)));
  if (present !== undefined && dice.chance(0.2)) return deleteOp('neighbor', present);
  // a bond takes the MAC address of its first port and drops it with the last, a VLAN may take that of its parent as it
  // comes up, and with each their neighbors go
  const dev = dice.pick(
    usable(state).filter(({ kind, state: s }) => kind !== 'bond' && (kind !== 'vlan' || s === 'up')),
  );
  if (dev === undefined) return undefined;
  const host = dice.below(6);
  const family = dice.chance(0.4) ? ('inet6' as const) : ('inet' as const);
  const to = family === 'inet' ? `10.0.${dice.below(3)}.${100 + host}` : `2001:db8:${1 + dice.below(3)}::a${host}`;
  const protocol = dice.pick(PROTOCOLS) ?? 4;
  let object: Neighbor;
  const ends = dice.pick(state.nexthop.filter((n) => n.fdb === true && n.group !== undefined));
  const tunnel = state.link.find(({ kind }) => kind === 'vxlan');
  if (tunnel !== undefined && ends !== undefined && dice.chance(0.4))
    object = { type: 'fdb', dev: tunnel.name, lladdr: mac(host), where: 'self', state: 'static', nhid: ends.id };
  else if (dev.kind === 'vxlan')
    object = {
      type: 'fdb',
      dev: dev.name,
      lladdr: mac(host),
      where: 'self',
      state: 'static',
      dst: `192.0.2.${10 + host}`,
    };
  else if (typeof dev.master === 'string' && dev.port?.kind === 'bridge' && dice.chance(0.6))
    object = { type: 'fdb', dev: dev.name, lladdr: mac(host), where: 'master', state: 'static' };
  else if (dice.chance(0.2) && /^(e\d|dm0)/.test(dev.name))
    object = { type: 'proxy', family, dev: dev.name, to, protocol };
  else object = { type: 'neighbor', family, dev: dev.name, to, lladdr: mac(host), state: 'permanent', protocol };
  const slot = kindOf('neighbor').slot(object);
  const known = state.neighbor.find((n) => kindOf('neighbor').slot(n) === slot);
  if (known === undefined) return createOp('neighbor', object);
  const nhid = kindOf('neighbor').fields(object).nhid?.change;
  // such a change makes the entry anew
  return typeof nhid === 'function' && nhid(object, known) === 'recreate'
    ? undefined
    : updateOp('neighbor', known, object);
};

const changeRule = (dice: Dice, state: State): Op | undefined => {
  const present = dice.pick(state.rule.filter((r) => !kindOf('rule').isKernels(r)));
  if (present !== undefined && dice.chance(0.5)) return deleteOp('rule', present);
  const family = dice.chance(0.5) ? 'inet' : 'inet6';
  const iif = dice.pick(usable(state))?.name;
  const rule: Rule = {
    family,
    priority: 1100 + dice.below(6),
    action: 'table',
    table: dice.pick(TABLES) ?? 254,
    protocol: dice.pick(PROTOCOLS) ?? 4,
    ...(iif === undefined || dice.chance(0.5) ? {} : { iif }),
  };
  return createOp('rule', rule);
};

const GENERATORS = [
  [changeLink, 30],
  [createOrDeleteLink, 7],
  [changeAddress, 22],
  [changeRoute, 25],
  [changeNexthop, 8],
  [changeNeighbor, 8],
  [changeRule, 2],
] as const;

const TOTAL = GENERATORS.reduce((sum, [, weight]) => sum + weight, 0);

/** An operation that this state suggests; the kernel may well refuse it. */
export const randomOperation = (dice: Dice, state: State): Op | undefined => {
  let at = dice.below(TOTAL);
  for (const [generate, weight] of GENERATORS) {
    if (at < weight) return generate(dice, state);
    at -= weight;
  }
  return undefined;
};
