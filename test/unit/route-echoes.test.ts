import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelEvent, KernelPort } from '../../src/model/kernel-port.ts';
import type { Op, OpOf } from '../../src/model/op.ts';
import type { Route } from '../../src/model/route.ts';
import type { RouteBulk } from '../../src/model/route-bulk.ts';
import { KIND_NAMES, type State } from '../../src/model/state.ts';
import type { Channel, OpenChannel } from '../../src/netlink/channel.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { createKernel } from '../../src/netlink/kernel.ts';
import { NLM_F, RTM } from '../../src/netlink/wire/constants.ts';
import { ERRNO } from '../../src/netlink/wire/errno.ts';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';
import { MessageCursor } from '../../src/netlink/wire/framing.ts';
import type { Plan, PlanStep } from '../../src/reconcile/plan/plan-types.ts';
import { stakeOf } from '../../src/reconcile/plan/stake.ts';
import { beginProof, type EchoUse, isAsAsked } from '../../src/reconcile/transaction/echo-proof.ts';
import { watchRaces } from '../../src/reconcile/transaction/races.ts';
import { ack, message } from './netlink-messages.ts';

const route: Route = {
  family: 'inet',
  to: '20.0.0.0/24',
  table: 254,
  metric: 7,
  tos: 0,
  type: 'blackhole',
  protocol: 110,
  scope: 0,
  hops: [],
};
const create: OpOf<'route'> = { kind: 'route', action: 'create', object: route };
const update: OpOf<'route'> = { ...create, action: 'update', before: { ...route, type: 'prohibit' }, fields: ['type'] };
const remove: OpOf<'route'> = { ...create, action: 'delete' };

interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** what is behind the header */
  readonly body: Buffer;
}

/** A kernel that answers requests with what a test says. */
const openFake = (answer: (request: Request, n: number) => readonly (Buffer | 'overrun')[]) => {
  const requests: Request[] = [];
  const multicast: Buffer[] = [];
  const open: OpenChannel = ({ groups = [] } = {}): Channel => {
    const queue: (Buffer | 'overrun')[] = groups.length > 0 ? multicast : [];
    const receive = (): Buffer | undefined => {
      const next = queue.shift();
      if (next === 'overrun') throw new NetlinkError('NR_OVERRUN', 'overrun', { errno: ERRNO.ENOBUFS });
      return next;
    };
    return {
      portId: 101,
      receiveBuffer: 1 << 20,
      send: (bytes) => {
        const cursor = new MessageCursor(bytes);
        while (cursor.next()) {
          const { type, flags, sequence, start, end } = cursor;
          const request = { type, flags, sequence, body: Buffer.from(bytes.subarray(start + 16, end)) };
          queue.push(...answer(request, requests.length));
          requests.push(request);
        }
      },
      receive,
      receiveNow: receive,
      whenReadable: () => undefined,
      close: () => undefined,
    };
  };
  return { kernel: createKernel({ open, families: FAMILIES }), requests, multicast };
};

const echoOf = ({ type, sequence, body }: Request): Buffer => message({ type, sequence, portId: 101 }, body);
const isEchoWanted = ({ flags }: Request): boolean => (flags & NLM_F.ECHO) !== 0;

const bulk: RouteBulk = {
  like: create,
  words: 1,
  to: Uint32Array.from({ length: 8 }, (_, i) => 0x14000000 + (i << 8)),
  length: new Uint8Array(8).fill(24),
};
const ROWS = Uint32Array.of(7, 1, 2, 3, 4);

describe('echoes of routes', () => {
  it('are asked for where they are wanted, and are of bounded length', async () => {
    const wanted = async (op: Op, echo: boolean): Promise<boolean> => {
      const { kernel, requests } = openFake((request) => [ack(request.sequence)]);
      await kernel.send([op], { echo });
      return isEchoWanted(requests[0] as Request);
    };
    assert.equal(await wanted(create, true), true);
    assert.equal(await wanted(remove, true), true);
    assert.equal(await wanted(create, false), false);
    assert.equal(await wanted({ ...create, object: { ...route, nhid: 5 } }, true), false);
    const six: Route = { ...route, family: 'inet6', to: '2001:db8::/64' };
    assert.equal(await wanted({ ...create, object: six }, true), true);
    const ways = ['2001:db8::1', '2001:db8::2'].map((via) => ({ via, weight: 1 }));
    assert.equal(await wanted({ ...create, object: { ...six, type: 'unicast', hops: ways } }, true), false);
    const hops = Array.from({ length: 40 }, (_, i) => ({ via: `10.0.0.${i + 1}`, weight: 1 }));
    assert.equal(await wanted({ ...create, object: { ...route, type: 'unicast', hops } }, true), false);
  });

  it('come with the results of single operations', async () => {
    const { kernel } = openFake((request, n) => (n === 1 ? [] : [echoOf(request)]).concat(ack(request.sequence)));
    const objects = ['20.0.0.0/24', '20.0.1.0/24', '20.0.2.0/24'].map((to) => ({ ...route, to }));
    const results = await kernel.send(
      objects.map((object): Op => ({ ...create, object })),
      { pipeline: true, echo: true },
    );
    assert.deepEqual(results, [
      { ok: true, echo: { action: 'new', route: objects[0] } },
      { ok: true },
      { ok: true, echo: { action: 'new', route: objects[2] } },
    ]);
  });

  it('of a bulk are counted by what they say; not those of other destinations, or that come twice', async () => {
    const { kernel } = openFake((request, n) => {
      const { sequence, body } = request;
      const other = Buffer.from(body);
      // rtm_type: prohibit instead of blackhole
      other[7] = 8;
      const elsewhere = Buffer.from(body);
      elsewhere[elsewhere.indexOf(Buffer.of(20, 0))] = 21;
      const echoes = [
        [echoOf(request), echoOf(request)],
        [echoOf(request)],
        [echoOf({ ...request, body: other })],
        [echoOf({ ...request, body: elsewhere })],
        [echoOf({ ...request, type: RTM.DELROUTE }), message({ type: RTM.NEWROUTE, sequence: 900 }, body)],
      ][n];
      return [...(echoes ?? []), ack(sequence)];
    });
    const answer = await kernel.sendRoutes?.(bulk, ROWS, { echo: true });
    assert.deepEqual(answer, {
      sent: 5,
      told: [],
      echoes: [
        { at: 0, echo: { action: 'new', route: { ...route, to: '20.0.7.0/24' } }, count: 2 },
        { at: 2, echo: { action: 'new', route: { ...route, to: '20.0.2.0/24', type: 'prohibit' } }, count: 1 },
        { at: 4, echo: { action: 'delete', route: { ...route, to: '20.0.4.0/24' } }, count: 1 },
      ],
    });
  });

  it('that do not fit into the receive buffer leave the operations in doubt', async () => {
    const { kernel } = openFake((request, n) => (n === 2 ? ['overrun'] : [echoOf(request), ack(request.sequence)]));
    await assert.rejects(
      async () => kernel.sendRoutes?.(bulk, ROWS, { echo: true }),
      (error: unknown) => error instanceof NetlinkError && error.code === 'NR_ACK_LOST',
    );
  });
});

const stepOf = (op: Op): PlanStep => ({ op, title: '', cascades: [] });
const planOf = (ops: readonly Op[], rest?: number): Plan => ({
  steps: ops.map(stepOf),
  changes: [],
  warnings: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
  ...(rest === undefined ? {} : { rest }),
});
const EMPTY: State = { link: [], address: [], nexthop: [], route: [], mpls: [], rule: [], neighbor: [] };
const withRoutes = (...routes: readonly Route[]): State => ({ ...EMPTY, route: routes });
const begins = (plan: Plan, before: State, routes = 0, use: EchoUse = 'always'): boolean =>
  beginProof(plan, { before, routes, use }) !== undefined;

describe('a proof by echoes', () => {
  it('takes an echo for what was asked if a dump of the same would leave nothing to do', () => {
    assert.equal(isAsAsked(create, { action: 'new', route }), true);
    assert.equal(isAsAsked(update, { action: 'new', route }), true);
    assert.equal(isAsAsked(remove, { action: 'delete', route }), true);
    assert.equal(isAsAsked(create, { action: 'delete', route }), false);
    assert.equal(isAsAsked(remove, { action: 'new', route }), false);
    const others: readonly Partial<Route>[] = [
      { to: '20.0.1.0/24' },
      { table: 7 },
      { metric: 8 },
      { type: 'prohibit' },
      { protocol: 4 },
      { metrics: { mtu: 1400 } },
    ];
    for (const other of others)
      assert.equal(isAsAsked(create, { action: 'new', route: { ...route, ...other } }), false, JSON.stringify(other));
    for (const other of others.slice(0, 5))
      assert.equal(isAsAsked(remove, { action: 'delete', route: { ...route, ...other } }), false);
  });

  it('is whole when each operation, of steps and bulks, has come back as it was asked', () => {
    const proof = beginProof(planOf([create], 10), { before: EMPTY, routes: 0, use: 'always' });
    assert.ok(proof !== undefined);
    proof.note(create, { action: 'new', route });
    proof.note(create, { action: 'new', route }, 9);
    assert.equal(proof.isWhole, false);
    proof.note(create, { action: 'new', route: { ...route, metric: 8 } });
    assert.equal(proof.isWhole, false);
    proof.note(create, { action: 'new', route });
    assert.equal(proof.isWhole, true);
  });

  it('waits for nexthop objects to be seen as they were asked for', () => {
    const nexthop = { id: 7, family: 'inet', via: '10.0.0.9', dev: 'u0', protocol: 110 } as const;
    const before = { ...nexthop, via: '10.0.0.2' };
    const change: Op = { kind: 'nexthop', action: 'update', object: nexthop, before, fields: ['via'] };
    const made: Op = { kind: 'nexthop', action: 'create', object: { ...nexthop, id: 8 } };
    const proof = beginProof(planOf([change, made, create]), { before: EMPTY, routes: 0, use: 'always' });
    assert.ok(proof !== undefined);
    assert.equal(proof.needsNexthops, false, 'as long as a route is open');
    proof.note(create, { action: 'new', route });
    assert.deepEqual([proof.isWhole, proof.needsNexthops], [false, true]);
    for (const other of [{ id: 9 }, { via: '10.0.0.2' }, { dev: 'u1' }, { protocol: 4 }, { blackhole: true }])
      proof.noteNexthops([{ ...nexthop, ...other }, made.object]);
    assert.deepEqual([proof.isWhole, proof.needsNexthops], [false, true]);
    proof.noteNexthops([{ ...nexthop, scope: 253 }]);
    assert.deepEqual([proof.isWhole, proof.needsNexthops], [true, false]);
    assert.equal(begins(planOf([{ ...change, action: 'delete' }]), EMPTY), false);
  });

  it('is not begun where a place may hold several entries, or something else than a route changes', () => {
    assert.equal(begins(planOf([create]), EMPTY), true);
    assert.equal(begins(planOf([create]), withRoutes({ ...route, metric: 8 })), true);
    assert.equal(begins(planOf([create]), withRoutes({ ...route, protocol: 4 })), false);
    assert.equal(begins(planOf([update]), withRoutes(update.before as Route)), true);
    assert.equal(begins(planOf([update]), withRoutes(route, { ...route, protocol: 4 })), false);
    assert.equal(begins(planOf([update]), EMPTY), false);
    assert.equal(begins(planOf([remove]), withRoutes(route)), true);
    assert.equal(begins(planOf([remove, create]), withRoutes(route)), false);
    assert.equal(begins(planOf([{ ...create, append: true }]), EMPTY), false);
    const six: Route = { ...route, family: 'inet6', to: '2001:db8::/64', type: 'unicast' };
    const ways = ['2001:db8::1', '2001:db8::2'].map((via) => ({ via, weight: 1 }));
    assert.equal(begins(planOf([{ ...create, object: six }]), EMPTY), true);
    assert.equal(begins(planOf([{ ...create, object: { ...six, hops: ways } }]), EMPTY), false);
    assert.equal(begins(planOf([{ ...remove, object: six }]), withRoutes(six)), true);
    assert.equal(begins(planOf([{ ...remove, object: six }]), withRoutes({ ...six, hops: ways })), false);
    const object = { name: 'u0', index: 2 };
    assert.equal(begins(planOf([create, { kind: 'link', action: 'update', stage: 'down', object }]), EMPTY), false);
    const cascade = { kind: 'route', key: '', title: '', why: '', effect: 'removed', foreign: false } as const;
    const plan = { ...planOf([create]), steps: [{ ...stepOf(create), cascades: [cascade] }] };
    assert.equal(begins(plan, EMPTY), false);
  });

  it('is begun of itself only for small changes of long tables', () => {
    assert.equal(begins(planOf([create]), EMPTY, 1_000_000, 'never'), false);
    assert.equal(begins(planOf([create]), EMPTY, 1_000_000, 'cheaper'), true);
    assert.equal(begins(planOf([create], 249_999), EMPTY, 1_000_000, 'cheaper'), true);
    assert.equal(begins(planOf([create], 250_000), EMPTY, 1_000_000, 'cheaper'), false);
    assert.equal(begins(planOf([create]), EMPTY, 100, 'cheaper'), false);
  });
});

describe('a watch for races is quiet', () => {
  const watched = (batch: ReturnType<ReturnType<KernelPort['subscribe']>['drain']>): boolean => {
    const batches = [batch];
    const port = {
      portId: 5,
      subscribe: () => ({
        drain: () => batches.shift() ?? { events: [], overrun: false },
        onReadable: () => undefined,
        close: () => undefined,
      }),
    } as unknown as KernelPort;
    const watch = watchRaces(port);
    for (let look = 0; look < 2; look++) watch.look(stakeOf(planOf([create])));
    return watch.isQuiet;
  };

  it('as long as nothing at all has been heard', () => {
    const event: KernelEvent = { kind: 'route', action: 'new', portId: 9, sequence: 1 };
    assert.equal(watched({ events: [], overrun: false }), true);
    assert.equal(watched({ events: [], overrun: false, unclaimed: false }), true);
    assert.equal(watched({ events: [], overrun: true }), false);
    assert.equal(watched({ events: [], overrun: false, unclaimed: true }), false);
    assert.equal(watched({ events: [event], overrun: false }), false, 'a change of something else');
  });

  it('while the kernel learns neighbors, and not when anything else happens of its own accord', () => {
    const unclaimedBy = (type: number, portId = 0): boolean | undefined => {
      const { kernel, multicast } = openFake(() => []);
      const subscription = kernel.subscribe(KIND_NAMES, { othersOnly: true });
      multicast.push(message({ type, portId }, Buffer.alloc(16)));
      return subscription.drain().unclaimed;
    };
    assert.equal(unclaimedBy(RTM.NEWNEIGH), false);
    assert.equal(unclaimedBy(RTM.DELNEIGH), false);
    for (const type of [RTM.NEWLINK, RTM.NEWADDR, RTM.DELADDR, RTM.NEWROUTE, RTM.DELROUTE, RTM.NEWNEXTHOP])
      assert.equal(unclaimedBy(type), true, `type ${type}`);
    assert.equal(unclaimedBy(RTM.NEWROUTE, 101), false, 'our own');
  });
});
