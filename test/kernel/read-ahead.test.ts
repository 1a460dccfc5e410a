import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Channel, OpenChannel } from '../../src/netlink/channel.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { createKernel } from '../../src/netlink/kernel.ts';
import { openNamespace } from '../../src/netlink/socket/namespace-switch.ts';
import { openNetlinkSocket } from '../../src/netlink/socket/netlink-socket.ts';
import { sleep } from './harness.ts';
import { ipBatch, ipRun, PATIENCE_MS, withNamespace } from './support.ts';

/** Their dump is some 60 datagrams long. */
const COUNT = 40_000;

const withRoutes = (fn: (open: OpenChannel) => Promise<void>): Promise<void> =>
  withNamespace(async (ns) => {
    ipRun(
      ns,
      'link add u0 type veth peer name u1',
      'link set u1 up',
      'link set u0 up',
      'address add 10.0.0.1/24 dev u0',
    );
    ipBatch(
      ns,
      Array.from(
        { length: COUNT },
        (_, i) => `route add 20.${i >> 8}.${i & 255}.0/24 via 10.0.0.${2 + (i % 3)} dev u0`,
      ),
    );
    const namespace = openNamespace(`/run/netns/${ns}`);
    try {
      await fn((options) => namespace.run(() => openNetlinkSocket(options)));
    } finally {
      namespace.close();
    }
  });

const sockets = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

/** The sockets of a kernel port, as they are closed and as they are read. */
const observed = (open: OpenChannel, wrap: (channel: Channel) => Channel) => {
  const kernel = createKernel({ open: (options) => wrap(open(options)), families: FAMILIES });
  return { kernel, dump: () => kernel.dump({ kinds: ['route'] }) };
};

describe('long dumps', () => {
  it('are the same where another thread reads ahead, and the socket is good for more', () =>
    withRoutes(async (open) => {
      let ahead = 0;
      const alone = observed(open, ({ receiveAhead: _, endAhead: __, ...channel }) => channel);
      const together = observed(open, (channel) => ({
        ...channel,
        receiveAhead: async (visit) => {
          const count = await (channel.receiveAhead as NonNullable<Channel['receiveAhead']>)(visit);
          ahead += count;
          return count;
        },
      }));
      try {
        const [one, two, again] = [await alone.dump(), await together.dump(), await together.dump()];
        assert.equal(one.route.filter(({ to }) => to.startsWith('20.')).length, COUNT);
        assert.deepEqual(two, one);
        assert.deepEqual(again, one);
        assert.ok(ahead > 40, `${ahead} datagrams were read ahead`);
      } finally {
        alone.kernel.close();
        together.kernel.close();
      }
    }));

  it('that are broken off leave no descriptor behind, and the next one is whole', () =>
    withRoutes(async (open) => {
      const before = sockets();
      let most = 3;
      const { kernel, dump } = observed(open, (channel) => ({
        ...channel,
        receiveAhead: async (visit) => {
          if (--most < 0) return (channel.receiveAhead as NonNullable<Channel['receiveAhead']>)(visit);
          if (most === 0) throw new Error('enough');
          return (channel.receiveAhead as NonNullable<Channel['receiveAhead']>)(visit);
        },
      }));
      await assert.rejects(dump(), /enough/);
      assert.equal((await dump()).route.filter(({ to }) => to.startsWith('20.')).length, COUNT);
      kernel.close();
      const end = Date.now() + PATIENCE_MS;
      while (sockets() > before && Date.now() < end) await sleep(10);
      assert.equal(sockets(), before);
    }));
});
