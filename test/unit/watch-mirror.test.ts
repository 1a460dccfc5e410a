import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelEvent, KernelPort, LastingSieve, Subscription } from '../../src/model/kernel-port.ts';
import type { Route } from '../../src/model/route.ts';
import { emptyState, KIND_NAMES, type KindName } from '../../src/model/state.ts';
import { createMirror, type MirrorOptions } from '../../src/reconcile/watch/mirror.ts';

const eventOf = (kind: KindName): KernelEvent => ({ kind, action: 'delete', portId: 0, sequence: 0 });

/** @param duringFirst - what happens while the first dump runs */
const fakeKernel = (
  duringFirst?: (tell: (kind: KindName, object?: Route) => void) => void,
  hears: Omit<MirrorOptions, 'sieve'> = { kinds: KIND_NAMES },
) => {
  const queue: KernelEvent[] = [];
  const dumps: (readonly KindName[])[] = [];
  const subscribed: (readonly KindName[])[] = [];
  let overrun = false;
  const subscription: Subscription = {
    drain: () => {
      const batch = { events: queue.splice(0), overrun };
      overrun = false;
      return batch;
    },
    onReadable: () => undefined,
    close: () => undefined,
  };
  const kernel: KernelPort = {
    portId: 7,
    dump: async ({ kinds = KIND_NAMES } = {}) => {
      if (dumps.push(kinds) === 1)
        duringFirst?.((kind, object) => queue.push({ ...eventOf(kind), object } as KernelEvent));
      return emptyState();
    },
    send: async (ops) => ops.map(() => ({ ok: true })),
    hasLinkKind: async () => true,
    hasNexthops: async () => true,
    labelSpace: async () => 'enough' as const,
    lookUp: async () => [],
    subscribe: (kinds) => {
      subscribed.push(kinds);
      return subscription;
    },
    close: () => undefined,
  };
  const listener = { heard: () => undefined, looking: () => undefined };
  const sieve: LastingSieve = {
    isCurrent: true,
    count: 5000,
    restart: () => undefined,
    takerOf: () => undefined,
    take: () => true,
    heldAt: (route) => route,
    release: () => undefined,
  };
  const mirror = createMirror(kernel, subscription, { ...hears, sieve }, listener);
  return {
    mirror,
    dumps,
    subscribed,
    sieve,
    tell: (kind: KindName, object?: Route, portId = 0) =>
      queue.push({ ...eventOf(kind), portId, ...(object === undefined ? {} : { object }) }),
    overrun: () => {
      overrun = true;
    },
  };
};

describe('watch: what is looked at again', () => {
  it('asks once for everything, and then for nothing until something is heard', async () => {
    const { mirror, dumps } = fakeKernel();
    const first = await mirror.dump();
    assert.equal(await mirror.dump(), first, 'the same state, not a copy');
    assert.deepEqual(dumps, [KIND_NAMES]);
  });

  it('asks for what the kernel drops in silence with what it tells of', async () => {
    const { mirror, dumps, tell } = fakeKernel();
    await mirror.dump();
    for (const [kind, asked] of [
      ['rule', ['rule']],
      ['address', ['address', 'route']],
      ['nexthop', ['nexthop', 'route']],
      ['link', ['link', 'address', 'nexthop', 'route', 'mpls', 'neighbor']],
    ] as const) {
      tell(kind);
      await mirror.dump();
      assert.deepEqual(dumps.at(-1), asked);
    }
  });

  it('asks for everything when messages were lost, and after a dump that failed', async () => {
    const { mirror, dumps, overrun } = fakeKernel();
    await mirror.dump();
    overrun();
    await mirror.dump();
    assert.deepEqual(dumps.at(-1), KIND_NAMES);
    mirror.forget();
    await mirror.dump();
    assert.equal(dumps.length, 3);
  });
});

describe('watch: who else listens', () => {
  it('hears from then on what the mirror hears, without a socket of its own', () => {
    const { mirror, tell, overrun, subscribed } = fakeKernel();
    tell('rule');
    const tee = mirror.subscribe(['rule', 'route'], { othersOnly: true });
    assert.deepEqual(tee.drain(), { events: [], overrun: false }, 'what came before is no news');
    tell('rule');
    tell('link');
    overrun();
    mirror.absorb();
    assert.deepEqual(tee.drain(), { events: [eventOf('rule')], overrun: true });
    assert.deepEqual(tee.drain(), { events: [], overrun: false });
    tee.close();
    tell('route');
    mirror.absorb();
    assert.deepEqual(tee.drain().events, []);
    assert.deepEqual(subscribed, []);
  });

  it('has a socket where the mirror hears less', () => {
    const { mirror, subscribed } = fakeKernel(undefined, { kinds: ['link', 'route'] });
    mirror.subscribe(['link', 'rule']);
    assert.deepEqual(subscribed, [['link', 'rule']]);
    const deaf = fakeKernel(undefined, { kinds: KIND_NAMES, othersOnly: true });
    deaf.mirror.subscribe(['rule']);
    assert.deepEqual(deaf.subscribed, [['rule']]);
  });
});

describe('watch: routes of long lists', () => {
  const route: Route = {
    family: 'inet',
    to: '10.0.0.0/8',
    table: 254,
    metric: 0,
    tos: 0,
    type: 'unicast',
    protocol: 110,
    scope: 0,
    hops: [],
  };
  const asked = async (
    act: (fake: ReturnType<typeof fakeKernel>) => unknown,
  ): Promise<readonly (readonly KindName[])[]> => {
    const fake = fakeKernel();
    const { mirror, dumps, sieve } = fake;
    await mirror.dump({ sieve });
    await act(fake);
    await mirror.dump({ sieve });
    return dumps.slice(1);
  };

  it('are followed without another dump, those that it sends itself too', async () => {
    assert.deepEqual(await asked(() => undefined), []);
    assert.deepEqual(await asked(({ tell }) => tell('route', route)), []);
    const send = async ({ mirror, tell }: ReturnType<typeof fakeKernel>, told: number) => {
      for (let i = 0; i < told; i++) tell('route', route, 7);
      await mirror.send([{ kind: 'route', action: 'delete', object: route }]);
    };
    assert.deepEqual(await asked((fake) => send(fake, 1)), []);
    assert.deepEqual(await asked((fake) => send(fake, 0)), [['route']], 'the kernel has told of nothing');
  });

  it('are dumped again where what is heard tells too little', async () => {
    assert.deepEqual(await asked(({ tell }) => tell('route')), [['route']]);
    const way = { via: '2001:db8::2', dev: 'u0', weight: 1 };
    const inet6: Route = { ...route, family: 'inet6', hops: [way] };
    assert.deepEqual(await asked(({ tell }) => tell('route', inet6)), []);
    assert.deepEqual(await asked(({ tell }) => tell('route', { ...inet6, hops: [way, way] })), [['route']]);
    assert.deepEqual(await asked(({ tell }) => tell('address')), [['address', 'route']]);
    assert.deepEqual(await asked(({ overrun }) => overrun()), [KIND_NAMES]);
    const other = { restart: () => undefined, takerOf: () => undefined };
    assert.deepEqual(await asked(({ mirror }) => mirror.dump({ sieve: other })), [['route'], ['route']]);
  });

  it('are dumped again where something came during the dump', async () => {
    const { mirror, dumps, sieve, tell } = fakeKernel((told) => told('route', route));
    await mirror.dump({ sieve });
    await mirror.dump({ sieve });
    assert.deepEqual(dumps.slice(1), [['route']]);
    tell('route', route);
    await mirror.dump({ sieve });
    assert.equal(dumps.length, 2, 'nothing came during the second');
  });
});
