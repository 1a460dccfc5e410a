import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import { type Address, FOREVER } from '../../src/model/address.ts';
import type { Desired } from '../../src/model/desired.ts';
import { canonicalAddress, type Family, formatAddress, isLinkLocal, networkOf } from '../../src/model/ip.ts';
import { KINDS } from '../../src/model/kinds.ts';
import type { Link } from '../../src/model/link.ts';
import { defaultVlans } from '../../src/model/link-kinds/bridge-vlans.ts';
import { LINK_KINDS } from '../../src/model/link-kinds/index.ts';
import type { Neighbor } from '../../src/model/neighbor.ts';
import type { Nexthop } from '../../src/model/nexthop.ts';
import type { Route, RouteHop } from '../../src/model/route.ts';
import type { Rule } from '../../src/model/rule.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { sameValue, type Value } from '../../src/model/value.ts';
import { exportState, renderYaml } from '../../src/report/export.ts';
import { encapOn } from './encap-values.ts';
import { optionValue } from './option-values.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const names = createNameTables({ rt_tables: [[100, 'blue']], group: [[7, 'uplinks']] });

const load = (text: string): Promise<Desired> =>
  loadDesired({ files: ['state.yaml'], names, readFile: async () => text, listDirectory: async () => undefined });

const throughFile = (state: State, all = true): Promise<Desired> =>
  load(renderYaml(exportState(state, { all, names })));

/** JSON with sorted keys, so that lists of objects can be compared as sets. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
const sorted = (items: readonly unknown[]): readonly string[] => items.map(canonicalJson).toSorted();

// --- arbitrary objects, as a kernel could report them ---

const inet = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => formatAddress(bytes));
const inet6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => formatAddress(bytes));
const addressOf = (family: Family) => (family === 'inet' ? inet : inet6);
const prefixOf = (family: Family) =>
  fc
    .tuple(addressOf(family), fc.integer({ min: 0, max: family === 'inet' ? 32 : 128 }))
    .map(([a, n]) => networkOf(a, n));
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const positive = fc.integer({ min: 1, max: 0xffffffff });
const devName = fc.constantFrom('eth0', 'br0', 'wan', 'v1');
const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((b) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(':'));
/** Every subset of optional fields. */
const partial = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
const yes = fc.constant(true as const);
const userProtocol = fc.constantFrom(110, 3, 4, 186, 16, 77);

const metrics = partial({
  mtu: positive,
  rtt: positive,
  hoplimit: fc.integer({ min: 1, max: 255 }),
  features: fc.integer({ min: 1, max: 15 }),
  quickack: fc.constant(1),
  cc_algo: fc.constantFrom('bbr', 'cubic'),
  fastopen_no_cookie: fc.constant(1),
}).chain((values) =>
  fc.subarray(Object.keys(values).toSorted()).map((lock) => ({ ...values, ...(lock.length > 0 && { lock }) })),
);

const hop = (family: Family): fc.Arbitrary<RouteHop> =>
  fc
    .tuple(
      fc.option(
        (family === 'inet' ? fc.oneof(inet, inet6) : inet6).filter((a) => a !== '0.0.0.0' && a !== '::'),
        { nil: undefined },
      ),
      fc.option(devName, { nil: undefined }),
      fc.boolean(),
      fc.option(encapOn(devName), { nil: undefined, freq: 2 }),
    )
    .filter(([via, dev]) => (via ?? dev) !== undefined)
    .map(([via, dev, onlink, encap]) => ({
      ...(via !== undefined && { via }),
      ...(dev !== undefined && { dev }),
      weight: 1,
      ...(onlink && via !== undefined && dev !== undefined && { onlink }),
      ...(encap !== undefined && { encap }),
    }));

const hops = (family: Family): fc.Arbitrary<readonly RouteHop[]> =>
  fc.oneof(
    hop(family).map((single) => [single]),
    fc.array(
      fc
        .tuple(hop(family), fc.integer({ min: 1, max: 256 }), fc.integer({ min: 0, max: 0xffffffff }))
        .map(([h, weight, realm]) => ({
          ...h,
          weight,
          ...(family === 'inet' && realm !== 0 && { realm }),
        })),
      { minLength: 2, maxLength: 4 },
    ),
  );

const routeOf = (family: Family): fc.Arbitrary<Route> =>
  fc
    .record({
      to: fc.oneof(prefixOf(family), fc.constant(family === 'inet' ? '0.0.0.0/0' : '::/0')),
      table: fc.constantFrom(254, 253, 100, 4_294_967_295),
      metric: family === 'inet' ? u32 : positive,
      tos: family === 'inet' ? fc.constantFrom(0, 16, 40) : fc.constant(0),
      type: fc.constantFrom(
        'unicast',
        'local',
        'anycast',
        'multicast',
        'broadcast',
        'blackhole',
        'unreachable',
        'prohibit',
        'throw',
      ) as fc.Arbitrary<Route['type']>,
      protocol: userProtocol,
      scope: family === 'inet' ? fc.constantFrom(0, 253, 254, 200) : fc.constant(0),
      hops: hops(family),
      src: fc.option(addressOf(family), { nil: undefined }),
      nhid: fc.option(positive, { nil: undefined, freq: 5 }),
      realm: family === 'inet' ? fc.option(positive, { nil: undefined }) : fc.constant(undefined),
      pref: family === 'inet6' ? fc.constantFrom(undefined, 'low' as const, 'high' as const) : fc.constant(undefined),
      from: family === 'inet6' ? fc.option(prefixOf('inet6'), { nil: undefined }) : fc.constant(undefined),
      metrics,
    })
    .map(({ src, nhid, realm, pref, from, metrics: values, hops: ways, ...rest }) => {
      const deadEnd = ['blackhole', 'unreachable', 'prohibit', 'throw'].includes(rest.type);
      const byId = !deadEnd && nhid !== undefined;
      return {
        family,
        ...rest,
        hops: deadEnd || byId ? [] : ways,
        ...(byId && { nhid }),
        ...(src !== undefined && { src }),
        ...(realm !== undefined && (deadEnd || byId || ways.length === 1) && { realm }),
        ...(pref !== undefined && { pref }),
        ...(from !== undefined && from !== '::/0' && { from }),
        ...(Object.keys(values).length > 0 && { metrics: values }),
      };
    });

const single = (family: Family): fc.Arbitrary<Partial<Nexthop>> =>
  fc.oneof(
    fc.constant({ family, blackhole: true }),
    fc.record({ family: fc.constant(family), dev: devName }),
    hop(family)
      .filter(({ via }) => via !== undefined && via.includes(':') === (family === 'inet6'))
      .map(({ weight: _, ...way }) => ({ family, ...way })),
    addressOf(family)
      .filter((via) => via !== '0.0.0.0' && via !== '::')
      .map((via) => ({ family, via, fdb: true })),
  );

const members = fc.uniqueArray(fc.record({ id: positive, weight: fc.integer({ min: 1, max: 65535 }) }), {
  minLength: 1,
  maxLength: 3,
  selector: ({ id }) => id,
});
const timer = fc.integer({ min: 0, max: 42_949_672 });
const groupOf: fc.Arbitrary<Partial<Nexthop>> = fc.oneof(
  fc.record({ group: members, fdb: yes }),
  fc.record({ group: members }),
  fc.record({
    group: members,
    type: fc.constant('resilient' as const),
    buckets: fc.integer({ min: 1, max: 65535 }),
    idle_timer: fc.oneof(timer, fc.constant(120)),
    unbalanced_timer: fc.oneof(timer, fc.constant(0)),
  }),
);

const nexthop: fc.Arbitrary<Nexthop> = fc
  .tuple(
    positive,
    userProtocol,
    fc.oneof(
      single('inet'),
      single('inet6'),
      groupOf.map((part) => ({ family: 'unspec' as const, ...part })),
    ),
  )
  .map(([id, protocol, part]) => ({ id, protocol, ...part }) as Nexthop)
  .filter(({ id, group }) => group?.some((member) => member.id === id) !== true);

const range = (max: number) =>
  fc
    .tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

const rule: fc.Arbitrary<Rule> = fc
  .constantFrom<Family>('inet', 'inet6')
  .chain((family) =>
    fc.tuple(
      fc.record({
        family: fc.constant(family),
        priority: fc.integer({ min: 1, max: 0xfffffff0 }),
        protocol: userProtocol,
      }),
      partial({
        not: yes,
        from: prefixOf(family),
        to: prefixOf(family),
        iif: devName,
        oif: devName,
        tos: fc.constantFrom(4, 16),
        ipproto: fc.constantFrom(6, 17, 58, 200),
        sport: range(0xffff),
        dport: range(0xffff),
        uidrange: range(0xfffffffe),
        tun_id: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }).map(String),
        suppress_prefixlength: fc.integer({ min: 0, max: 32 }),
        suppress_ifgroup: u32,
        realms: positive,
      }),
      partial({ fwmark: u32, fwmask: u32 }).map((m) =>
        m.fwmark === undefined ? {} : { fwmark: m.fwmark, fwmask: m.fwmask ?? 0xffffffff },
      ),
      fc.constantFrom('table', 'l3mdev', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit'),
      fc.constantFrom(254, 100, 5_000_000),
    ),
  )
  .map(([base, selectors, mark, what, table]) => ({
    ...base,
    ...selectors,
    ...mark,
    ...(what === 'l3mdev' ? { action: 'table' as const, l3mdev: true, table: 0 } : { action: what as Rule['action'] }),
    ...(what === 'table' && { table }),
    ...(what === 'goto' && { goto: base.priority + 5 }),
  }))
  .map(({ from, to, realms, ...rest }) => ({
    ...rest,
    // of IPv4 rules only
    ...(realms !== undefined && rest.family === 'inet' && { realms }),
    // a prefix of length 0 selects everything: the kernel does not report it
    ...(from !== undefined && !from.endsWith('/0') && { from }),
    ...(to !== undefined && !to.endsWith('/0') && { to }),
  }))
  .filter((r) => KINDS.rule.isKernels(r) === false);

const neighbor: fc.Arbitrary<Neighbor> = fc.oneof(
  fc
    .record({
      to: fc.oneof(inet, inet6),
      dev: devName,
      lladdr: mac,
      state: fc.constantFrom('permanent' as const, 'noarp' as const),
      protocol: userProtocol,
      router: fc.boolean(),
    })
    .map(({ router, ...rest }) => ({
      type: 'neighbor' as const,
      family: rest.to.includes(':') ? ('inet6' as const) : ('inet' as const),
      ...rest,
      ...(router && { router }),
    })),
  fc
    .record({ to: fc.oneof(inet, inet6), dev: fc.option(devName, { nil: undefined }), protocol: userProtocol })
    // a proxy entry of IPv6 always stands on a link
    .filter(({ dev, to }) => dev !== undefined || !to.includes(':'))
    .map(({ dev, ...rest }) => ({
      type: 'proxy' as const,
      family: rest.to.includes(':') ? ('inet6' as const) : ('inet' as const),
      ...rest,
      ...(dev !== undefined && { dev }),
    })),
  fc
    .record({
      dev: devName,
      lladdr: mac,
      where: fc.constantFrom('self' as const, 'master' as const),
      vlan: fc.option(fc.integer({ min: 1, max: 4094 }), { nil: undefined }),
      sticky: fc.boolean(),
    })
    .map(({ vlan, sticky, ...rest }) => ({
      type: 'fdb' as const,
      state: 'static' as const,
      ...rest,
      ...(vlan !== undefined && { vlan }),
      ...(sticky && { sticky }),
    })),
  fc
    .record({
      dev: devName,
      lladdr: mac,
      dst: fc.oneof(inet, inet6),
      vni: fc.integer({ min: 0, max: 16_777_215 }),
      state: fc.constantFrom('permanent' as const, 'static' as const),
    })
    .map((rest) => ({ type: 'fdb' as const, where: 'self' as const, ...rest })),
);

const address: fc.Arbitrary<Address> = fc
  .constantFrom<Family>('inet', 'inet6')
  .chain((family) =>
    fc.record({
      dev: devName,
      family: fc.constant(family),
      address: addressOf(family),
      prefixlen: fc.integer({ min: 1, max: family === 'inet' ? 32 : 128 }),
      peer: fc.option(addressOf(family), { nil: undefined }),
      broadcast: family === 'inet' ? fc.option(inet, { nil: null }) : fc.constant(undefined),
      scope: family === 'inet' ? fc.constantFrom(0, 253, 254) : fc.constant(0),
      metric: u32,
      noprefixroute: fc.boolean(),
      nodad: family === 'inet6' ? fc.boolean() : fc.constant(false),
      preferred_lft: fc.constantFrom(FOREVER, 0, 600),
      protocol: fc.constantFrom(0, 110, 4, 16),
    }),
  )
  .map(({ peer, broadcast, ...rest }) => ({
    ...rest,
    ...(peer !== undefined && peer !== rest.address && { peer }),
    ...(broadcast !== undefined && { broadcast }),
    valid_lft: FOREVER,
  }))
  .filter((a) => !isLinkLocal(a.address));

const virtualLink: fc.Arbitrary<Link> = fc.constantFrom(...Object.values(LINK_KINDS)).chain((spec) => {
  const writable = Object.entries(spec.options).filter(
    ([, option]) => option.readOnly !== true && option.writeOnly !== true,
  );
  // what is idle the kernel does not tell of
  const idle = ({ flag, options }: NonNullable<typeof spec.idleWith>, given: Readonly<Record<string, Value>>) =>
    given[flag] === true ? Object.fromEntries(options.map((name) => [name, null])) : {};
  const options = fc
    .record(
      Object.fromEntries(
        writable.map(([name, option]) => {
          const value = optionValue(option, fc.constant('eth9'));
          return [name, spec.required?.includes(name) === true ? value.filter((one) => one !== null) : value];
        }),
      ),
    )
    .map((given) => (spec.idleWith === undefined ? given : { ...given, ...idle(spec.idleWith, given) }));
  return fc
    .record({
      options,
      lladdr: mac,
      mtu: fc.integer({ min: 68, max: 65536 }),
      state: fc.constantFrom('up' as const, 'down' as const),
      txqlen: u32,
      group: fc.constantFrom(0, 7, 9),
      alias: fc.constantFrom('', '010', 'a: b # c'),
      promisc: fc.boolean(),
      arp: fc.boolean(),
    })
    .map(({ lladdr, ...rest }) => ({
      name: 'dut0',
      index: 3,
      kind: spec.kind,
      master: null,
      ...rest,
      ...(spec.noLladdr === true ? {} : { lladdr }),
      ...(spec.parent === 'required' ? { link: 'eth0' } : {}),
    }));
});

// --- properties ---

const uniqueSlots = <T>(items: readonly T[], slot: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [slot(item), item])).values(),
];

describe('export, then load', () => {
  test('gives every route back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(routeOf('inet'), routeOf('inet6')), { maxLength: 8 }), async (routes) => {
        const route = uniqueSlots(routes, KINDS.route.slot);
        const { objects } = await throughFile({ ...emptyState(), route });
        assert.deepEqual(sorted(objects.route.map((d) => d.object)), sorted(route));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('gives every nexthop object back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(nexthop, { maxLength: 6 }), async (nexthops) => {
        const wanted = uniqueSlots(nexthops, KINDS.nexthop.slot);
        const { objects } = await throughFile({ ...emptyState(), nexthop: wanted });
        assert.deepEqual(sorted(objects.nexthop.map((d) => d.object)), sorted(wanted));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('gives every rule back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 6 }), async (rules) => {
        const wanted = uniqueSlots(rules, KINDS.rule.slot);
        const { objects } = await throughFile({ ...emptyState(), rule: wanted });
        assert.deepEqual(sorted(objects.rule.map((d) => d.object)), sorted(wanted));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('gives every neighbor back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(neighbor, { maxLength: 6 }), async (neighbors) => {
        const wanted = uniqueSlots(neighbors, KINDS.neighbor.slot).filter((n) => !KINDS.neighbor.isKernels(n));
        const link: Link[] = [{ name: 'v1', index: 2, kind: 'dummy', master: 'br0', state: 'up' }];
        const { objects } = await throughFile({ ...emptyState(), link, neighbor: wanted });
        assert.deepEqual(sorted(objects.neighbor.map((d) => d.object)), sorted(wanted));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('gives every address back, but for what the kernel does by itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(address, { maxLength: 5 }), async (addresses) => {
        const wanted = uniqueSlots(addresses, KINDS.address.slot);
        const link = ['eth0', 'br0', 'wan', 'v1'].map((name, i): Link => ({ name, index: i + 1, state: 'up' }));
        const { objects } = await throughFile({ ...emptyState(), link, address: wanted });
        const kept = new Map(objects.address.map((d) => [KINDS.address.slot(d.object), d.object]));
        assert.equal(kept.size, wanted.length);
        for (const a of wanted) {
          const b = kept.get(KINDS.address.slot(a));
          assert.ok(b !== undefined);
          assert.deepEqual(
            {
              ...b,
              broadcast: b.broadcast ?? null,
              metric: b.metric ?? 0,
              noprefixroute: b.noprefixroute ?? false,
              nodad: b.nodad ?? false,
              preferred_lft: b.preferred_lft ?? FOREVER,
              valid_lft: b.valid_lft ?? FOREVER,
              protocol: a.protocol === 0 || a.protocol === 110 ? a.protocol : b.protocol,
              scope: b.scope ?? (a.family === 'inet6' ? 0 : a.address.startsWith('127.') ? 254 : 0),
            },
            { ...a, broadcast: a.broadcast ?? null },
          );
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test('gives every option of every link kind back', async () => {
    await fc.assert(
      fc.asyncProperty(virtualLink, async (link) => {
        const { objects } = await throughFile({ ...emptyState(), link: [link] });
        const [declared] = objects.link;
        assert.ok(declared !== undefined);
        const { options = {}, ...plain } = declared.object;
        for (const [field, value] of Object.entries(plain)) {
          if (field !== 'index') assert.deepEqual(value, link[field as keyof Link], field);
        }
        for (const [name, spec] of Object.entries(LINK_KINDS[link.kind as string]?.options ?? {})) {
          const observed = link.options?.[name];
          const written = options[name];
          if (written !== undefined) assert.deepEqual(spec.complete?.(written, observed) ?? written, observed, name);
          else if (observed !== undefined && name !== 'active_slave' && spec.ticks !== true) {
            // those of a new bridge follow from its pvid
            const own = name === 'vlans' ? defaultVlans(link.options?.vlan_default_pvid) : spec.default;
            assert.ok(sameValue(observed, own), `${name} is lost`);
          }
        }
      }),
      { seed, numRuns: 400 },
    );
  });
});

describe('export', () => {
  const routeWith = (fields: Partial<Route>): Route => ({
    family: 'inet',
    to: '10.0.0.0/8',
    table: 254,
    metric: 0,
    tos: 0,
    type: 'unicast',
    protocol: 110,
    scope: 0,
    hops: [{ via: '192.0.2.1', dev: 'eth0', weight: 1 }],
    ...fields,
  });

  test('leaves out what the kernel made and, without `all`, what daemons keep', () => {
    const state: State = {
      ...emptyState(),
      link: [
        { name: 'lo', index: 1, state: 'up' },
        { name: 'eth0', index: 2, state: 'up', mtu: 1500 },
      ],
      address: [
        { dev: 'lo', family: 'inet', address: '127.0.0.1', prefixlen: 8, protocol: 0 },
        { dev: 'eth0', family: 'inet6', address: 'fe80::1', prefixlen: 64, protocol: 3 },
        { dev: 'eth0', family: 'inet', address: '192.0.2.9', prefixlen: 24, dynamic: true },
        {
          dev: 'eth0',
          family: 'inet',
          address: '192.0.2.10',
          prefixlen: 24,
          protocol: 0,
          label: 'eth0',
          scope: 0,
          broadcast: '192.0.2.255',
        },
      ],
      route: [
        routeWith({ to: '192.0.2.0/24', protocol: 2, scope: 253, hops: [{ dev: 'eth0', weight: 1 }] }),
        routeWith({ to: '192.0.2.10/32', table: 255, type: 'local', protocol: 2 }),
        routeWith({ to: '0.0.0.0/0', protocol: 3 }),
        routeWith({ to: '10.1.0.0/16', protocol: 186 }),
        routeWith({ to: '10.2.0.0/16' }),
      ],
      rule: [{ family: 'inet', priority: 32766, action: 'table', table: 254, protocol: 2 }],
    };
    assert.equal(
      renderYaml(exportState(state, { all: false, names })),
      `version: 1
links:
  eth0:
    addresses: [{ address: 192.0.2.10/24, broadcast: + }]
routes:
  - { to: default, via: 192.0.2.1, dev: eth0, protocol: boot }
  - { to: 10.2.0.0/16, via: 192.0.2.1, dev: eth0 }
`,
    );
    const all = exportState(state, { all: true, names });
    assert.deepEqual(
      all.routes?.map((r) => r.protocol),
      ['boot', 'bgp', undefined],
    );
  });

  test('writes one entry a slot and nothing the file has no words for', () => {
    const route = [
      routeWith({}),
      routeWith({ hops: [{ via: '192.0.2.2', weight: 1 }] }),
      routeWith({ to: '10.9.0.0/16', hops: [{ dev: 'eth0', weight: 1, raw: [{ type: 22, hex: '00' }] }] }),
    ];
    assert.deepEqual(exportState({ ...emptyState(), route }, { all: false, names }).routes, [
      { to: '10.0.0.0/8', via: '192.0.2.1', dev: 'eth0' },
    ]);
  });

  test('tells the family of a default route where nothing else does', () => {
    const via6 = routeWith({ to: '0.0.0.0/0', hops: [{ via: 'fe80::1', dev: 'eth0', weight: 1 }] });
    const dev6 = routeWith({ family: 'inet6', to: '::/0', metric: 1024, hops: [{ dev: 'eth0', weight: 1 }] });
    const { routes } = exportState({ ...emptyState(), route: [via6, dev6] }, { all: false, names });
    assert.deepEqual(
      routes?.map((r) => r.family),
      ['inet', 'inet6'],
    );
  });

  test('a link whose parent lives elsewhere stands without kind', () => {
    const link: Link[] = [
      { name: 'v5', index: 9, kind: 'vlan', state: 'down', options: { id: 5 }, linkNetnsid: 0, linkIndex: 4 },
    ];
    assert.deepEqual(exportState({ ...emptyState(), link }, { all: false, names }).links, { v5: { state: 'down' } });
  });
});

test('the canonical text used by these properties is canonical', () => {
  fc.assert(
    fc.property(fc.oneof(inet, inet6), (text) => canonicalAddress(text) === text),
    { seed },
  );
});
