import fc from 'fast-check';
import { kernelHasKind } from './support.ts';

/** Link kinds beyond those that every kernel of the tests has. */
const EXTRA_KINDS = ['vlan', 'dummy', 'vrf', 'bond'] as const;
export type ExtraKind = (typeof EXTRA_KINDS)[number];

/** The kinds that random states have where the kernel does. */
export const findExtraKinds = async (): Promise<readonly ExtraKind[]> => {
  const found: ExtraKind[] = [];
  for (const kind of EXTRA_KINDS) if (await kernelHasKind(kind)) found.push(kind);
  return found;
};

/** A state file as data; JSON is YAML. */
export interface StateDocument {
  readonly version: 1;
  readonly links: Record<string, Record<string, unknown>>;
  readonly nexthops: Record<string, unknown>[];
  readonly routes: Record<string, unknown>[];
  readonly rules: Record<string, unknown>[];
  readonly neighbors: Record<string, unknown>[];
}

const MTUS = [1500, 1400, 1300] as const;

/** What is chosen of one link; every attribute is always written, so that a state leaves nothing to its past. */
interface LinkChoice {
  readonly mtu: number;
  readonly up: boolean;
  /** which of the possible masters, 0 = none */
  readonly master: number;
  readonly option: number;
  readonly addresses: readonly number[];
  readonly inet6: boolean;
  readonly renumbered: boolean;
}

const linkChoice: fc.Arbitrary<LinkChoice> = fc.record({
  mtu: fc.constantFrom(...MTUS),
  up: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
  master: fc.nat(3),
  option: fc.nat(3),
  addresses: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
  inet6: fc.boolean(),
  renumbered: fc.boolean(),
});

interface Choices {
  readonly links: Readonly<Record<string, LinkChoice | null>>;
  readonly nexthops: readonly { readonly id: number; readonly gateway: number; readonly shape: number }[];
  readonly routes: readonly {
    readonly to: number;
    readonly gateway: number;
    readonly metric: number;
    readonly table: number;
    readonly shape: number;
  }[];
  readonly rules: readonly { readonly priority: number; readonly shape: number }[];
  readonly neighbors: readonly { readonly host: number; readonly link: number; readonly shape: number }[];
}

const mac = (n: number): string => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`;

/** Every link there may be, in an order in which each stands on those before it. */
const POOL = ['br0', 'br1', 'vrf0', 'bond0', 'v0', 'v1', 'v2', 'dm0', 'mv0', 'vl0', 'vx0'] as const;

const kindOf = (name: string): string =>
  name.startsWith('br')
    ? 'bridge'
    : name.startsWith('vrf')
      ? 'vrf'
      : name.startsWith('bond')
        ? 'bond'
        : name.startsWith('vx')
          ? 'vxlan'
          : name.startsWith('vl')
            ? 'vlan'
            : name.startsWith('mv')
              ? 'macvlan'
              : name.startsWith('dm')
                ? 'dummy'
                : 'veth';

const describeLink = (
  name: string,
  choice: LinkChoice,
  links: StateDocument['links'],
  index: number,
): Record<string, unknown> | undefined => {
  const kind = kindOf(name);
  const link: Record<string, unknown> = {
    kind,
    mtu: choice.mtu,
    lladdr: mac(index + 1),
    state: choice.up ? 'up' : 'down',
  };
  switch (kind) {
    case 'bridge':
      // with STP it is at times unknown whether a state file changes the ageing time
      return choice.option % 2 === 1
        ? { ...link, bridge: { ageing_time: 30100, stp_state: 1 } }
        : { ...link, bridge: { ageing_time: 30000 + 100 * choice.option, stp_state: 0 } };
    case 'vrf':
      return { kind, vrf: { table: 500 }, state: 'up', lladdr: mac(index + 1) };
    case 'bond':
      return { ...link, bond: { mode: choice.option % 2 === 0 ? 'active-backup' : 'balance-rr', miimon: 100 } };
    case 'vxlan':
      return {
        ...link,
        vxlan: { id: 100 + (choice.option % 2), dstport: 4789, local: '192.0.2.1', learning: choice.option < 2 },
      };
    case 'vlan':
    case 'macvlan': {
      const parent = links.v0;
      if (parent === undefined || parent.master !== null || parent.state !== 'up') return undefined;
      const onParent = { ...link, link: 'v0', mtu: Math.min(choice.mtu, parent.mtu as number) };
      return kind === 'vlan'
        ? { ...onParent, vlan: { id: 5 + choice.option } }
        : { ...onParent, macvlan: { mode: choice.option % 2 === 0 ? 'bridge' : 'vepa' } };
    }
    case 'veth':
      return { ...link, veth: { peer: `${name}p` } };
    default:
      return link;
  }
};

const masterOf = (name: string, choice: LinkChoice, links: StateDocument['links']): string | null => {
  if (!/^(v\d|dm|vl|vx)/.test(name)) return null;
  const masters = [null, 'br0', 'br1', 'vrf0'].map((master) =>
    master !== null && links[master] === undefined ? null : master,
  );
  return masters[choice.master] ?? null;
};

interface Gateway {
  readonly dev: string;
  readonly net: string;
  readonly net6: string | null;
  readonly vrf: boolean;
}

/**
 * Single objects and groups of those before them. Only through links that have a carrier from the moment they are up: the
 * kernel takes none through others.
 */
const assembleNexthops = (
  choices: Choices['nexthops'],
  usable: readonly Gateway[],
): ReadonlyMap<number, Record<string, unknown>> => {
  const ways = usable.filter(({ dev }) => /^(v\d|dm)/.test(dev));
  const nexthops = new Map<number, Record<string, unknown>>();
  const singles: number[] = [];
  for (const { id, gateway, shape } of choices) {
    const way = ways[gateway % Math.max(1, ways.length)];
    if (way === undefined || nexthops.has(id)) continue;
    const members = singles.slice(0, 1 + (gateway % 3)).map((member) => ({ id: member, weight: 1 + gateway }));
    if (shape < 2 && members.length > 0) {
      nexthops.set(id, { id, group: members, ...(shape === 1 && { type: 'resilient', buckets: 8 + gateway }) });
      continue;
    }
    const via = shape === 4 && way.net6 !== null ? `${way.net6}${100 + id}` : `${way.net}.${100 + id}`;
    nexthops.set(id, { id, dev: way.dev, ...(shape !== 3 && { via }) });
    singles.push(id);
  }
  return nexthops;
};

/** Subnet of a link; a second one, so that two states can renumber it. */
const subnet = (index: number, choice: LinkChoice): string => `10.${index + 1}.${choice.renumbered ? 1 : 0}`;

const assemble = (choices: Choices, kinds: ReadonlySet<string>): StateDocument => {
  const links: StateDocument['links'] = {};
  const gateways: Gateway[] = [];
  for (const [index, name] of POOL.entries()) {
    const choice = choices.links[name];
    const kind = kindOf(name);
    if (choice === null || choice === undefined || !kinds.has(kind)) continue;
    const link = describeLink(name, choice, links, index);
    if (link === undefined) continue;
    // a link that is down keeps its local routes in the table it had them in, whatever becomes of its VRF
    const wish = masterOf(name, choice, links);
    const master = wish === 'vrf0' && link.state === 'down' ? null : wish;
    links[name] = { ...link, master };
    if (kind === 'veth') {
      links[`${name}p`] = { state: 'up', lladdr: mac(0x40 + index), mtu: link.mtu };
    }
    const isPort = master !== null && kindOf(master) !== 'vrf';
    if (isPort || kind === 'vrf') {
      links[name] = { ...links[name], addresses: [] };
      continue;
    }
    const net = subnet(index, choice);
    const net6 = choice.inet6 && link.state === 'up' ? `2001:db8:${index + 1}:${choice.renumbered ? 1 : 0}::` : null;
    const addresses: unknown[] = choice.addresses.map((host) => `${net}.${host}/24`);
    if (net6 !== null) addresses.push({ address: `${net6}1/64`, nodad: true });
    links[name] = { ...links[name], addresses };
    if (choice.addresses.length > 0 && link.state === 'up')
      gateways.push({ dev: name, net, net6, vrf: master !== null });
  }
  const usable = gateways.filter(({ vrf }) => !vrf);
  const nexthops = assembleNexthops(choices.nexthops, usable);
  const ids = [...nexthops.keys()];
  const routes = new Map<string, Record<string, unknown>>();
  for (const { to, gateway, metric, table, shape } of choices.routes) {
    const way = usable[gateway % Math.max(1, usable.length)];
    const key = `${to} ${metric} ${table}`;
    const base = { to: `172.${16 + to}.0.0/16`, metric: 10 * metric, table: 254 - table };
    const nhid = ids[gateway % Math.max(1, ids.length)];
    if (shape === 5 && nhid !== undefined) routes.set(key, { ...base, nhid });
    else if (way === undefined || shape === 0) routes.set(key, { ...base, type: 'blackhole' });
    else if (shape === 1) routes.set(key, { ...base, via: `${way.net}.${100 + to}`, mtu: 1200 + to });
    else if (shape === 2)
      routes.set(key, {
        ...base,
        nexthops: usable.slice(0, 2).map(({ dev, net }) => ({ via: `${net}.254`, dev, weight: 1 + to })),
      });
    else if (shape === 3 && way.net6 !== null)
      routes.set(`6 ${key}`, {
        to: `2001:db8:f${to}::/48`,
        via: `${way.net6}fe`,
        dev: way.dev,
        metric: 100 + metric,
        table: 254 - table,
      });
    else routes.set(key, { ...base, via: `${way.net}.${100 + to}`, dev: way.dev });
  }
  const rules = new Map<number, Record<string, unknown>>();
  for (const { priority, shape } of choices.rules) {
    const base = { priority: 1000 + priority };
    rules.set(
      priority,
      shape === 0
        ? { ...base, from: '10.0.0.0/8', table: 254 }
        : shape === 1
          ? { ...base, fwmark: `0x${priority + 1}/0xff`, table: 253 }
          : shape === 2
            ? { ...base, family: 'inet6', iif: 'lo', table: 254 }
            : { ...base, to: '172.16.0.0/12', action: 'prohibit' },
    );
  }
  const neighbors = new Map<string, Record<string, unknown>>();
  for (const { host, link, shape } of choices.neighbors) {
    const way = gateways[link % Math.max(1, gateways.length)];
    // bridges and bonds forget their proxy entries when they lose their carrier, at a time of their own;
    // links without ARP resolve nothing, and a VRF port moves its neighbors
    if (way === undefined || way.vrf || way.dev.startsWith('dm')) continue;
    const to = `${way.net}.${200 + host}`;
    neighbors.set(
      `${way.dev} ${host}`,
      shape === 0 && /^(v\d|mv)/.test(way.dev)
        ? { proxy: to, dev: way.dev }
        : { to, dev: way.dev, lladdr: mac(0x80 + host + shape) },
    );
  }
  return {
    version: 1,
    links,
    nexthops: [...nexthops.values()],
    routes: [...routes.values()],
    rules: [...rules.values()],
    neighbors: [...neighbors.values()],
  };
};

const arbitraryChoices: fc.Arbitrary<Choices> = fc.record({
  links: fc.record(Object.fromEntries(POOL.map((name) => [name, fc.option(linkChoice, { nil: null })]))),
  nexthops: fc.array(fc.record({ id: fc.integer({ min: 1, max: 7 }), gateway: fc.nat(4), shape: fc.nat(6) }), {
    maxLength: 6,
  }),
  routes: fc.array(
    fc.record({ to: fc.nat(6), gateway: fc.nat(5), metric: fc.nat(2), table: fc.nat(2), shape: fc.nat(6) }),
    { maxLength: 8 },
  ),
  rules: fc.array(fc.record({ priority: fc.nat(5), shape: fc.nat(3) }), { maxLength: 4 }),
  neighbors: fc.array(fc.record({ host: fc.nat(5), link: fc.nat(5), shape: fc.nat(2) }), { maxLength: 4 }),
}) as fc.Arbitrary<Choices>;

const kindsWith = (extra: readonly ExtraKind[]): ReadonlySet<string> =>
  new Set(['bridge', 'veth', 'macvlan', 'vxlan', ...extra]);

/** Arbitrary states that are valid on a kernel with these extra kinds. */
export const arbitraryState = (extra: readonly ExtraKind[]): fc.Arbitrary<StateDocument> =>
  arbitraryChoices.map((choices) => assemble(choices, kindsWith(extra)));

/** Of each `every` links one is chosen anew, and all of the rest that is not links or none of it. */
const change = (a: Choices, b: Choices, every: number, rest: boolean): Choices => ({
  ...(rest ? b : a),
  links: Object.fromEntries(POOL.map((name, i) => [name, (i % every === 0 ? b : a).links[name] ?? null])),
});

/** Two states of which the second has more or less in common with the first. */
export const arbitraryTransition = (
  extra: readonly ExtraKind[],
): fc.Arbitrary<readonly [StateDocument, StateDocument]> =>
  fc
    .tuple(arbitraryChoices, arbitraryChoices, fc.integer({ min: 1, max: 6 }), fc.boolean())
    .map(([a, b, every, rest]) => [
      assemble(a, kindsWith(extra)),
      assemble(change(a, b, every, rest), kindsWith(extra)),
    ]);
