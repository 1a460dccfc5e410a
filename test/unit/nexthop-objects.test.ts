import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import { NETRECON_PROTOCOL } from '../../src/model/kind.ts';
import type { Link } from '../../src/model/link.ts';
import type { Nexthop } from '../../src/model/nexthop.ts';
import { rowsOfPrefix } from '../../src/model/prefix-columns.ts';
import { ROUTE, type Route } from '../../src/model/route.ts';
import { emptyState, KIND_NAMES, type State } from '../../src/model/state.ts';
import { leavesRoutesAlone } from '../../src/reconcile/lists/list-bulks.ts';
import { Surveyor } from '../../src/reconcile/lists/survey.ts';
import { FIRST_NUMBER } from '../../src/reconcile/nexthops/numbers.ts';
import { shareNexthops } from '../../src/reconcile/nexthops/share.ts';
import { planDesired, predictState } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';

const NAMES = createNameTables();
const OPTIONS = { owned: [], protocolName: String, allowMassDelete: true };

const load = (files: Readonly<Record<string, string>>): Promise<Desired> =>
  loadDesired({
    files: Object.keys(files).filter((name) => name.endsWith('.yaml')),
    names: NAMES,
    readFile: async (path) => files[path] as string,
    listDirectory: async () => undefined,
    readKey: async () => ({ text: '', mode: 0o100600 }),
  });

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const CASES = Number(process.env.NEXTHOP_CASES ?? 100);

/** mulberry32 */
const createRandom = (from: number): ((below: number) => number) => {
  let state = from;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const ZEBRA = 11;
const GATEWAYS = ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.1.2', '10.0.1.3'] as const;
const devOf = (via: string): string => (via.startsWith('10.0.0.') ? 'u0' : 'u1');

const link = (name: string, index: number, carrier: boolean): Link => ({
  name,
  index,
  kind: 'veth',
  state: 'up',
  mtu: 1500,
  master: null,
  carrier,
  options: {},
});

const route = (to: string, more: Partial<Route>): Route => ({
  family: 'inet',
  to,
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: NETRECON_PROTOCOL,
  scope: 0,
  hops: [],
  ...more,
});

const prefix = (list: number, i: number): string => `172.${16 + list}.${i}.0/24`;

/** Objects of ours and of others, and routes by them and by themselves. */
const randomState = (random: (below: number) => number): State => {
  const nexthop: Nexthop[] = Array.from({ length: random(6) }, (_, i) => {
    const via = GATEWAYS[random(GATEWAYS.length)] as string;
    const protocol = random(4) === 0 ? ZEBRA : NETRECON_PROTOCOL;
    return {
      id: random(3) === 0 ? i + 1 : FIRST_NUMBER + i,
      family: 'inet',
      via,
      dev: devOf(via),
      protocol,
      scope: 253,
    };
  });
  const singles = nexthop.slice(0, 2);
  if (singles.length === 2 && random(2) === 0) {
    const group = singles.map(({ id }) => ({ id, weight: 1 }));
    nexthop.push({ id: FIRST_NUMBER + 9, family: 'unspec', protocol: NETRECON_PROTOCOL, group });
  }
  const routes: Route[] = [];
  for (let list = 0; list < 3; list++) {
    const by = nexthop[random(nexthop.length + 1)];
    const via = GATEWAYS[random(GATEWAYS.length)] as string;
    const way: Partial<Route> = by === undefined ? { hops: [{ via, dev: devOf(via), weight: 1 }] } : { nhid: by.id };
    for (let i = 0; i < random(90); i++) routes.push(route(prefix(list, i), way));
  }
  const [used] = nexthop;
  if (used !== undefined && used.id >= FIRST_NUMBER && random(3) === 0)
    routes.push(route('198.51.100.0/24', { nhid: used.id, protocol: ZEBRA }));
  const address = ['10.0.0.1', '10.0.1.1'].map((one) => ({
    family: 'inet' as const,
    address: one,
    prefixlen: 24,
    dev: devOf(one),
    protocol: 4,
  }));
  return {
    ...emptyState(),
    link: [link('u0', 2, true), link('u1', 3, random(4) !== 0)],
    address: address as unknown as State['address'],
    nexthop,
    route: routes,
  };
};

/** A kernel that is looked at, and leaves out what a sieve takes. */
const portOf = (state: State): KernelPort => {
  const dump: KernelPort['dump'] = async ({ kinds = KIND_NAMES, sieve } = {}) => {
    const part = Object.fromEntries(KIND_NAMES.map((kind) => [kind, kinds.includes(kind) ? state[kind] : []]));
    if (sieve === undefined) return part as unknown as State;
    for (const family of ['inet', 'inet6'] as const) sieve.restart(family);
    const left = state.route.filter((one) => sieve.takerOf(one)?.(rowsOfPrefix(one.to)) !== true);
    return { ...part, route: left } as unknown as State;
  };
  return { dump, hasNexthops: async () => true } as KernelPort;
};

/** What a plan does about nexthop objects, and how much else. */
const gistOf = ({ changes, summary }: Plan) => ({
  summary,
  nexthops: changes.filter(({ kind }) => kind === 'nexthop').map(({ steps: _, ...change }) => change),
});

/** Lists of one way, or of two, or of few. */
const randomFile = (random: (below: number) => number): string => {
  const entries = [0, 1, 2].flatMap((list) => {
    const [a, b] = [0, 1].map(() => GATEWAYS[random(GATEWAYS.length)] as string) as [string, string];
    const way =
      random(4) === 0 && a !== b
        ? `nexthops: [{via: ${a}, dev: ${devOf(a)}}, {via: ${b}, dev: ${devOf(b)}, weight: ${1 + random(3)}}]`
        : `via: ${a}${random(2) === 0 ? '' : `, dev: ${devOf(a)}`}`;
    const count = random(5) === 0 ? random(64) : 60 + random(30);
    return Array.from({ length: count }, (_, i) => `  - {to: ${prefix(list, i)}, ${way}}\n`);
  });
  const named = random(4) === 0 ? `nexthops: [{id: ${FIRST_NUMBER}, via: 10.0.0.9, dev: u0}]\n` : '';
  return `version: 1\nnexthop_objects: auto\n${named}${entries.length === 0 ? '' : `routes:\n${entries.join('')}`}`;
};

describe('nexthop objects that are left to netrecon', () => {
  it(`are chosen again once they are there, and are nobody else's (${CASES} cases, SEED=${seed})`, async () => {
    let shared = 0;
    let moved = 0;
    let narrow = 0;
    for (let n = 0; n < CASES; n++) {
      const random = createRandom(seed + n);
      const state = randomState(random);
      const file = randomFile(random);
      const what = `SEED=${seed + n} NEXTHOP_CASES=1\n${file.slice(0, 400)}`;
      const desired = await load({ 'state.yaml': file });
      let plan: ReturnType<typeof planDesired>;
      try {
        plan = planDesired(desired, state, OPTIONS);
      } catch (error) {
        // the number that the file names is another program's
        assert.ok(error instanceof ConfigError, what);
        const [first] = error.diagnostics;
        assert.match(`${first?.code} ${first?.message}`, /^NR_CONFLICT nexthop id 110000/, what);
        continue;
      }
      assert.ok(leavesRoutesAlone(plan), what);
      assert.deepEqual(
        plan.steps.flatMap(({ cascades }) => cascades),
        [],
        what,
      );
      const seen = await new Surveyor(desired, portOf(state), { sample: 1 + random(8) }).look(
        (wanted, observed, aside) => planDesired(wanted, observed, { ...OPTIONS, aside }),
      );
      assert.deepEqual(gistOf(seen.plan), gistOf(plan), what);
      if (seen.settled !== undefined) narrow++;
      const after = predictState(state, plan);
      assert.deepEqual(planDesired(desired, after, OPTIONS).changes, [], what);
      const theirs = ({ nexthop, route: routes }: State) =>
        [...nexthop, ...routes].filter(({ protocol }) => protocol !== NETRECON_PROTOCOL);
      assert.deepEqual(theirs(after), theirs(state), what);
      // whatever others let go by our objects goes where it went
      const named = new Set(desired.objects.nexthop.map(({ object }) => object.id));
      for (const { nhid } of state.route.filter(({ protocol }) => protocol !== NETRECON_PROTOCOL))
        if (nhid === undefined || !named.has(nhid))
          assert.deepEqual(
            after.nexthop.find(({ id }) => id === nhid),
            state.nexthop.find(({ id }) => id === nhid),
            what,
          );
      // an object that is led elsewhere is one whose routes stay with it, or go
      for (const { op } of plan.steps) {
        if (op.kind !== 'nexthop' || op.action !== 'update' || named.has(op.object.id)) continue;
        moved++;
        const before = state.route.filter(({ nhid }) => nhid === op.object.id);
        const kept = new Set(after.route.filter(({ nhid }) => nhid === op.object.id).map(ROUTE.slot));
        const left = new Set(after.route.map(ROUTE.slot));
        assert.ok(
          before.every((one) => kept.has(ROUTE.slot(one)) || !left.has(ROUTE.slot(one))),
          what,
        );
      }
      const wanted = shareNexthops(desired, state).objects.nexthop.filter((one) => one.shared === true);
      shared += wanted.length;
      const taken = new Set(theirs(state).flatMap((one) => ('id' in one ? one.id : [])));
      assert.ok(
        wanted.every(({ object }) => !taken.has(object.id)),
        what,
      );
    }
    assert.ok(shared > CASES, `only ${shared} objects`);
    assert.ok(CASES < 100 || (moved > 0 && narrow > CASES / 4), `${moved} led elsewhere, ${narrow} looked at in part`);
  });

  it('are asked for by a word that all files agree on', async () => {
    const none = 'version: 1\nnexthop_objects: none\n';
    const auto = 'version: 1\nnexthop_objects: auto\nnamespaces: {red: {nexthop_objects: none}}\n';
    assert.equal((await load({ 'a.yaml': none })).nexthopObjects, undefined);
    const agreed = await load({ 'a.yaml': auto, 'b.yaml': 'version: 1\nnamespaces: {red: {}}\n' });
    assert.equal(agreed.nexthopObjects, 'auto');
    assert.equal(agreed.namespaces?.[0]?.desired.nexthopObjects, undefined);
    await assert.rejects(load({ 'a.yaml': auto, 'b.yaml': none }), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      const [first] = error.diagnostics;
      assert.equal(first?.code, 'NR_CONTRADICTION');
      assert.equal(first?.message, 'nexthop_objects is none here and auto at a.yaml:2:18');
      assert.deepEqual(first?.source, { file: 'b.yaml', line: 2, column: 18 });
      return true;
    });
  });

  it('say which routes they are for', async () => {
    const desired = await load({
      'state.yaml': `version: 1\nnexthop_objects: auto\nroutes:\n  - {to_file: list, via: 10.0.0.2}\n`,
      list: Array.from({ length: 64 }, (_, i) => prefix(0, i)).join('\n'),
    });
    const state = { ...randomState(createRandom(1)), nexthop: [], route: [] };
    const [change] = planDesired(desired, state, OPTIONS).changes;
    assert.equal(change?.title, 'nexthop id 110000');
    assert.equal(change?.reason, 'shared');
    assert.deepEqual(change?.source, { file: 'state.yaml', line: 4, column: 21 });
  });

  it('are no reason to remove what others made by hand, and stay where nothing is to be removed', async () => {
    const foreign: Nexthop = { id: 7, family: 'inet', via: '10.0.0.9', dev: 'u0', protocol: 4, scope: 253 };
    const old: Nexthop = { ...foreign, id: FIRST_NUMBER, protocol: NETRECON_PROTOCOL };
    const state = { ...randomState(createRandom(1)), nexthop: [foreign, old], route: [] };
    const list = Array.from({ length: 64 }, (_, i) => prefix(0, i)).join('\n');
    const deleted = async (prune: string): Promise<readonly string[]> => {
      const text = `version: 1\nprune: ${prune}\nnexthop_objects: auto\nroutes:\n  - {to_file: list, via: 10.0.0.2}\n`;
      const { changes } = planDesired(await load({ 'state.yaml': text, list }), state, OPTIONS);
      return changes.filter(({ action }) => action === 'delete').map(({ title }) => title);
    };
    assert.deepEqual(await deleted('all'), ['nexthop id 110000']);
    assert.deepEqual(await deleted('none'), []);
  });
});
