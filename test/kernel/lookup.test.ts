import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KernelAnswer, Query } from '../../src/model/lookup.ts';
import { createHostLookup } from '../../src/reconcile/lookup/host-lookup.ts';
import type { Answer } from '../../src/reconcile/lookup/query.ts';
import { until } from './command.ts';
import { dumpSettled } from './dump-settled.ts';
import { openTestHost } from './harness.ts';
import { ipJson, ipRun, ipTry, lacksKind, nsExec, withNamespace } from './support.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** namespaces, and queries of each: LOOKUP_ROUNDS=40 LOOKUP_QUERIES=1000 is the large run */
const ROUNDS = Number(process.env.LOOKUP_ROUNDS ?? 12);
const QUERIES = Number(process.env.LOOKUP_QUERIES ?? 300);

const LINKS = ['v0', 'v1', 'v2'] as const;
type FamilyFlag = '-4' | '-6';

const gateway = (family: FamilyFlag, link: number): string =>
  family === '-4' ? `10.${link}.0.9` : `2001:db8:${link}::9`;

const setUp = (ns: string): void => {
  for (const key of ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']) nsExec(ns, 'sysctl', '-qw', key);
  for (const name of ['all', 'default']) nsExec(ns, 'sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=0`);
  for (const [i, link] of LINKS.entries()) {
    ipRun(
      ns,
      `link add ${link} type veth peer name p${i}`,
      `link set ${link} up group ${i}`,
      `link set p${i} up`,
      `addr add 10.${i}.0.1/24 dev ${link}`,
      `addr add 10.${i}.0.2/24 dev ${link}`,
      `-6 addr add 2001:db8:${i}::1/64 dev ${link} nodad`,
      `nexthop add id ${1 + i} via ${gateway('-4', i)} dev ${link}`,
      `nexthop add id ${11 + i} via ${gateway('-6', i)} dev ${link}`,
    );
  }
  ipRun(
    ns,
    'link set lo up',
    'nexthop add id 4 group 1/2',
    'nexthop add id 5 blackhole',
    '-6 nexthop add id 15 blackhole',
  );
};

const ignoring = (inet: string): string => `net.${inet}.conf.v1.ignore_routes_with_linkdown=1`;

const prefix4 = fc
  .tuple(fc.constantFrom(0, 8, 12, 16, 20, 24, 28, 32), fc.nat(3), fc.nat(3), fc.nat(3))
  .map(([length, a, b, c]) => {
    const value = ((20 << 24) | (a << 20) | (b << 12) | (c << 4)) >>> 0;
    const masked = length === 0 ? 0 : (value & (0xffffffff << (32 - length))) >>> 0;
    return `${[24, 16, 8, 0].map((shift) => (masked >>> shift) & 255).join('.')}/${length}`;
  });
const prefix6 = fc.tuple(fc.constantFrom(0, 16, 32, 48, 64), fc.nat(2), fc.nat(2)).map(([length, a, b]) => {
  const groups = ['2001', 'db9', String(a), String(b)].map((group, i) => (i * 16 < length ? group : '0'));
  return `${groups.join(':')}::/${length}`;
});
const prefixOf = (family: FamilyFlag) => (family === '-4' ? prefix4 : prefix6);
/** Nexthop objects of each family; without IPv6 groups, of which the kernel's answer can differ from processor to processor. */
const NHIDS = { '-4': [1, 2, 3, 4, 5], '-6': [11, 12, 13, 15] } as const;
const TABLES = [254, 100, 101] as const;

const routeLine = (family: FamilyFlag) =>
  fc
    .record({
      to: prefixOf(family),
      table: fc.constantFrom(...TABLES),
      metric: fc.constantFrom(10, 20),
      tos: fc.constantFrom(0, 0, 0, 4, 16),
      way: fc.oneof(
        fc.nat(2).map((i) => `via ${gateway(family, i)} dev v${i}`),
        fc.nat(2).map((i) => `dev v${i}`),
        fc.constantFrom(...NHIDS[family]).map((n) => `nhid ${n}`),
        fc
          .tuple(fc.nat(2), fc.nat(2))
          .map(([a, b]) => `nexthop via ${gateway(family, a)} nexthop via ${gateway(family, (a + 1 + (b % 2)) % 3)}`),
      ),
      dead: fc.constantFrom('', '', '', '', 'blackhole', 'unreachable', 'prohibit', 'throw'),
      src: fc.option(fc.nat(2)),
      source: fc.option(prefixOf(family)),
    })
    .map(({ to, table, metric, tos, way, dead, src, source }) =>
      [
        `route append ${dead} ${to}`,
        family === '-6' && source !== null && !source.endsWith('/0') ? `from ${source}` : '',
        family === '-4' && tos > 0 ? `tos 0x${tos.toString(16)}` : '',
        `table ${table} metric ${metric}`,
        family === '-4' && dead === '' && src !== null ? `src 10.${src}.0.1` : '',
        // the legs of a route are the last words that iproute2 reads
        dead === '' ? way : '',
      ].join(' '),
    );

/**
 * Routes without those whose past the kernel remembers: a refused duplicate of a route with a source prefix, or a deletion
 * beside one, can hide all such routes of the destination, for which no dump gives a sign. See the named test below.
 */
const settled = (lines: readonly string[], deletes: boolean): readonly string[] => {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const [, to, from] = /(\S+\/\d+) from (\S+)/.exec(line) ?? [];
    if (from === undefined) return true;
    const slot = `${to} ${from} ${/table.*metric \d+/.exec(line)}`;
    return !deletes && !seen.has(slot) && seen.add(slot);
  });
};

const ruleLine = (family: FamilyFlag) =>
  fc
    .record({
      priority: fc.integer({ min: 1, max: 60 }),
      not: fc.constantFrom('', '', 'not'),
      from: fc.option(prefixOf(family)),
      to: fc.option(prefixOf(family)),
      iif: fc.constantFrom('', '', '', 'iif lo', 'iif v0'),
      oif: fc.constantFrom('', '', '', 'oif v1'),
      mark: fc.constantFrom('', '', 'fwmark 1', 'fwmark 2/3'),
      tos: fc.constantFrom('', '', '', 'tos 0x04', 'tos 0x10'),
      ports: fc.constantFrom('', '', '', 'ipproto tcp', 'ipproto udp dport 50-60', 'sport 1000-2000'),
      uid: fc.constantFrom('', '', '', '', 'uidrange 0-0', 'uidrange 5-9'),
      action: fc.oneof(
        fc.constantFrom(...TABLES).map((table) => `table ${table}`),
        fc
          .tuple(fc.constantFrom(...TABLES), fc.constantFrom(0, 8, 16, 24))
          .map(([table, length]) => `table ${table} suppress_prefixlength ${length}`),
        fc
          .tuple(fc.constantFrom(...TABLES), fc.nat(2))
          .map(([table, group]) => `table ${table} suppress_ifgroup ${group}`),
        fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'nop'),
        fc.integer({ min: 61, max: 99 }).map((target) => `goto ${target}`),
      ),
    })
    .map(({ priority, not, from, to, iif, oif, mark, tos, ports, uid, action }) =>
      [
        `rule add ${not}`,
        `from ${from ?? 'all'}`,
        to === null ? '' : `to ${to}`,
        iif,
        oif,
        mark,
        tos,
        ports,
        uid,
        `priority ${action.startsWith('goto') ? priority : priority + (priority > 40 ? 30 : 0)}`,
        action,
      ].join(' '),
    );

/** iproute2 leaves a batch at the first line that it cannot read: this one says that it came to the end. */
const LAST_PRIORITY = 9999;
const LAST_RULE = `rule add priority ${LAST_PRIORITY} nop`;

const addressOf = (family: FamilyFlag): fc.Arbitrary<string> => {
  if (family === '-4') {
    return fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map(([a, b, c]) => `20.${a << 4}.${b << 4}.${c << 4}`),
      },
      { weight: 2, arbitrary: fc.tuple(fc.nat(2), fc.constantFrom(0, 1, 2, 9, 255)).map(([i, h]) => `10.${i}.0.${h}`) },
      { weight: 1, arbitrary: fc.constantFrom('127.0.0.1', '8.8.8.8', '255.255.255.255', '224.0.0.5', '239.1.1.1') },
    );
  }
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.nat(2), fc.nat(2)).map(([a, b]) => `2001:db9:${a}:${b}::5`) },
    { weight: 2, arbitrary: fc.tuple(fc.nat(2), fc.constantFrom('1', '9')).map(([i, h]) => `2001:db8:${i}::${h}`) },
    { weight: 1, arbitrary: fc.constantFrom('::1', '2002::1', 'fd00::1') },
  );
};

const query = (family: FamilyFlag): fc.Arbitrary<Query> =>
  fc
    .record({
      to: addressOf(family),
      stranger: fc.option(addressOf(family), { nil: undefined, freq: 8 }),
      // what this host sends comes from an address of its own, or the kernel looks no further
      own: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: fc.nat(2).map((i) => (family === '-4' ? `10.${i}.0.1` : `2001:db8:${i}::1`)) },
        { weight: 1, arbitrary: addressOf(family) },
      ),
      side: fc.constantFrom('', '', '', 'iif', 'iif', 'oif'),
      link: fc.constantFrom(...LINKS, 'lo'),
      mark: fc.option(fc.nat(3), { nil: undefined }),
      tos: fc.constantFrom(undefined, undefined, 4, 16, 32),
      ipproto: fc.constantFrom(undefined, undefined, 6, 17),
      dport: fc.constantFrom(undefined, undefined, 53, 80),
      sport: fc.constantFrom(undefined, undefined, 1500),
    })
    .map(({ side, link, own, stranger, ...rest }) => {
      const from = side === 'iif' ? stranger : own;
      const chosen = side === '' ? {} : { [side]: side === 'iif' && link === 'lo' ? 'v0' : link };
      return Object.fromEntries(
        Object.entries({ ...rest, from, ...chosen }).filter(([, value]) => value !== undefined),
      ) as unknown as Query;
    });

/** Whether the kernel's answer is among those of the model. */
const agrees = (model: Answer, kernel: KernelAnswer, query: Query): boolean => {
  if ('error' in model) return 'error' in kernel && model.error === kernel.error;
  if (model.otherwise !== undefined && agrees(model.otherwise, kernel, query)) return true;
  if ('error' in kernel || model.type !== kernel.type) return false;
  return model.paths.some(
    ({ dev, via, src }) =>
      dev === kernel.dev && via === kernel.via && (src === undefined || src === (kernel.src ?? query.from)),
  );
};

/** One of the links in a VRF, whose table is one of those that the random routes are in. */
const addVrf = (ns: string): void =>
  ipRun(
    ns,
    'link add red type vrf table 100',
    'link set red up',
    'link set v0 master red',
    'addr add 10.9.9.1/32 dev red',
    '-6 addr add 2001:db8:0::1/64 dev v0 nodad',
  );

const lacksVrf = await lacksKind('vrf');
const WORLDS = (['-4', '-6'] as const).flatMap((family) => [
  { family, vrf: false, rounds: ROUNDS },
  { family, vrf: true, rounds: Math.ceil(ROUNDS / 4) },
]);

describe('the model of route look-ups agrees with RTM_GETROUTE', () => {
  for (const { family, vrf, rounds } of WORLDS) {
    const title = `${family === '-4' ? 'IPv4' : 'IPv6'}${vrf ? ' with a VRF' : ''}: random rules and tables, seed ${SEED}`;
    it(title, { skip: vrf && lacksVrf }, async (t) => {
      const world = fc.record({
        routes: fc.array(routeLine(family), { minLength: 20, maxLength: 60 }),
        rules: fc.array(ruleLine(family), { maxLength: 10 }),
        queries: fc.array(query(family), { minLength: QUERIES, maxLength: QUERIES }),
      });
      let asked = 0;
      const wrong: string[] = [];
      const seen = new Map<string, number>();
      for (const [i, { routes, rules, queries }] of fc.sample(world, { seed: SEED, numRuns: rounds }).entries()) {
        await withNamespace(async (ns) => {
          setUp(ns);
          if (vrf) addVrf(ns);
          // a line that the kernel refuses (a duplicate, a source that is not ours) is left out of both sides
          // routes go with a link that goes down, and by nexthop objects with a carrier that is lost
          spawnSync('ip', [family, '-n', ns, '-force', '-batch', '-'], {
            input: [...settled(routes, i % 3 > 0), ...rules, LAST_RULE].map((line) => line.trim()).join('\n'),
            stdio: ['pipe', 'ignore', 'ignore'],
          });
          // ways that are there and lead nowhere: no carrier, and a link that is down
          if (i % 3 === 1) {
            // told later, the kernel counts the lost leg of a multipath route until something makes it count anew
            if (i % 2 === 0) for (const inet of ['ipv4', 'ipv6']) nsExec(ns, 'sysctl', '-qw', ignoring(inet));
            ipRun(ns, 'link set p1 down');
            await until(
              () => ipJson<{ operstate: string }>(ns, 'link show v1')[0]?.operstate !== 'UP',
              'v1 loses its carrier',
            );
          }
          if (i % 3 === 2) ipRun(ns, 'link set v2 down');
          const host = openTestHost(ns);
          try {
            const state = await dumpSettled(host);
            assert.ok(
              state.rule.some(({ priority }) => priority === LAST_PRIORITY),
              'iproute2 gave the batch up',
            );
            const lookUp = createHostLookup(state);
            const answers = await host.kernel.lookUp(queries);
            for (const [at, kernel] of answers.entries()) {
              const asking = queries[at] as Query;
              const model = lookUp(asking);
              asked++;
              const kind = 'error' in kernel ? kernel.error : kernel.type;
              seen.set(kind, (seen.get(kind) ?? 0) + 1);
              if (!agrees(model, kernel, asking)) {
                wrong.push(
                  `round ${i}: ${JSON.stringify(asking)}\n  kernel ${JSON.stringify(kernel)}\n  model  ${JSON.stringify(model)}`,
                );
              }
            }
          } finally {
            host.close();
          }
        });
      }
      t.diagnostic(
        `${asked} queries, seed ${SEED}: ${[...seen].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
      );
      // worlds in which everything fails alike would prove nothing
      for (const kind of vrf ? ['unicast', 'local'] : ['unicast', 'local', 'EACCES', 'EHOSTUNREACH', 'ENETUNREACH']) {
        assert.ok((seen.get(kind) ?? 0) > 0, `no query was answered ${kind}`);
      }
      assert.equal(wrong.length, 0, `${wrong.length} of ${asked}:\n${wrong.slice(0, 12).join('\n')}`);
    });
  }
});

/** Each was a disagreement once: lines for `ip`, a packet, and what is known of the answer. */
const CASES: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly query: Query;
  readonly expected: RegExp;
}[] = [
  {
    name: 'a destination with source prefixes, none of which matches, hides its own routes (seed 1, round 48)',
    lines: [
      '-6 route add 2001:db9::/32 from 2001:db9:1::/48 via 2001:db8:0::9 dev v0',
      '-6 route add 2001:db9::/32 via 2001:db8:1::9 dev v1',
      '-6 route add 2001::/16 via 2001:db8:2::9 dev v2',
    ],
    query: { to: '2001:db9::5', from: '2001:db9:2::5', iif: 'v0' },
    expected: /"dev":"v2"/,
  },
  {
    name: 'one source prefix that matches has the other routes of its destination tried after it',
    lines: [
      '-6 route add unreachable 2001:db9::/32 from 2001:db9::/32 metric 10',
      '-6 route add throw 2001:db9::/32 from 2001:db9:2::/48 metric 10',
      '-6 route add 2001::/16 via 2001:db8:2::9 dev v2',
    ],
    query: { to: '2001:db9::5', from: '2001:db9:1::5', iif: 'v0' },
    expected: /EHOSTUNREACH/,
  },
  {
    name: 'IPv6 picks the leg before suppress_ifgroup looks at it (seed 4, round 7; seed 6, round 9)',
    lines: [
      '-6 route add 2001:db9::/32 table 100 nexthop via 2001:db8:1::9 nexthop via 2001:db8:2::9',
      '-6 rule add priority 10 table 100 suppress_ifgroup 2',
      '-6 rule add priority 20 unreachable',
    ],
    query: { to: '2001:db9::5' },
    expected: /"dev":"v1"|ENETUNREACH/,
  },
  {
    name: 'IPv4 suppresses by the first leg, whichever is taken',
    lines: [
      'route add 20.0.0.0/8 table 100 nexthop via 10.1.0.9 nexthop via 10.2.0.9',
      'rule add priority 10 table 100 suppress_ifgroup 1',
      'rule add priority 20 prohibit',
    ],
    query: { to: '20.0.0.1' },
    expected: /EACCES/,
  },
];

describe('look-ups that were once foretold wrongly', () => {
  const ask = async (ns: string, query: Query): Promise<{ readonly model: Answer; readonly kernel: KernelAnswer }> => {
    const host = openTestHost(ns);
    try {
      const model = createHostLookup(await host.dump())(query);
      const [kernel] = await host.kernel.lookUp([query]);
      return { model, kernel: kernel as KernelAnswer };
    } finally {
      host.close();
    }
  };
  for (const { name, lines, query, expected } of CASES) {
    it(name, () =>
      withNamespace(async (ns) => {
        setUp(ns);
        ipRun(ns, ...lines);
        const { model, kernel } = await ask(ns, query);
        assert.match(JSON.stringify(kernel), expected);
        assert.ok(agrees(model, kernel, query), JSON.stringify({ model, kernel }));
      }),
    );
  }

  it('an IPv6 address whose local route has not come yet is not local (seed 13, round 3)', () =>
    withNamespace(async (ns) => {
      setUp(ns);
      const query: Query = { to: '2001:db8:2::1' };
      const host = openTestHost(ns);
      try {
        await dumpSettled(host);
      } finally {
        host.close();
      }
      ipRun(ns, '-6 route del local 2001:db8:2::1 dev v2 table local');
      const early = await ask(ns, query);
      assert.match(JSON.stringify(early.kernel), /"type":"unicast"/);
      assert.ok(agrees(early.model, early.kernel, query), JSON.stringify(early));
      ipRun(ns, '-6 route add local 2001:db8:2::1 dev v2 table local metric 0 proto kernel');
      const late = await ask(ns, query);
      assert.match(JSON.stringify(late.kernel), /"type":"local"/);
      assert.ok(agrees(late.model, late.kernel, query), JSON.stringify(late));
    }));

  it('a refused duplicate leaves the kernel unlike a fresh one with the same routes (seed 5, round 15)', (t) =>
    withNamespace(async (ns) => {
      setUp(ns);
      ipRun(
        ns,
        '-6 route add unreachable 2001:db9:1:2::/64',
        '-6 route add prohibit 2001:db9::/32 from 2001:db9::/32 metric 10',
      );
      const query: Query = { to: '2001:db9:1:1::5', from: '2001:db9:1::5', iif: 'v1' };
      const fresh = await ask(ns, query);
      assert.deepEqual(fresh.kernel, { error: 'EACCES' });
      assert.ok(agrees(fresh.model, fresh.kernel, query));
      // fib6_add takes the address that the destination is found by from another route, and does not put it back
      assert.notEqual(ipTry(ns, '-6 route append blackhole 2001:db9::/32 from 2001:db9::/32 metric 10').status, 0);
      const later = await ask(ns, query);
      assert.deepEqual(later.model, fresh.model, 'no dump shows it');
      t.diagnostic(`the kernel then answers ${JSON.stringify(later.kernel)}`);
    }));
});
