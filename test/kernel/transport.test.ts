import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import koffi from 'koffi';
import type { Link } from '../../src/model/link.ts';
import type { Op } from '../../src/model/op.ts';
import { emptyState } from '../../src/model/state.ts';
import { findRequester, readProc } from '../../src/netlink/attribution.ts';
import type { OpenChannel, TraceFrame } from '../../src/netlink/channel.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { createKernel } from '../../src/netlink/kernel.ts';
import { type OpenedKernel, type OpenKernelOptions, openKernel } from '../../src/netlink/open-kernel.ts';
import { openNamespace } from '../../src/netlink/socket/namespace-switch.ts';
import { openNetlinkSocket } from '../../src/netlink/socket/netlink-socket.ts';
import type { NetlinkEvent, NetlinkSubscription } from '../../src/netlink/subscription.ts';
import { AF, NLM_F, NLMSG } from '../../src/netlink/wire/constants.ts';
import { runCommand } from './run-command.ts';
import { ipJson, ipRun, nsExec, PATIENCE_MS, withNamespace } from './support.ts';

const withKernel = async <T>(options: OpenKernelOptions, use: (kernel: OpenedKernel) => Promise<T>): Promise<T> => {
  const kernel = openKernel(options);
  try {
    return await use(kernel);
  } finally {
    kernel.close();
  }
};

const vethUp = (ns: string): void =>
  ipRun(
    ns,
    'link add v0 type veth peer name v1',
    'link set v0 up',
    'link set v1 up',
    'addr add 10.0.0.1/24 dev v0',
    'addr add 2001:db8::1/64 dev v0 nodad',
  );

const routeTo = (i: number): Op => ({
  kind: 'route',
  action: 'create',
  object: {
    family: 'inet',
    to: `10.${100 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32`,
    table: 254,
    metric: 0,
    tos: 0,
    type: 'unicast',
    protocol: 110,
    scope: 0,
    hops: [{ via: '10.0.0.2', dev: 'v0', weight: 1 }],
  },
});

const link = (name: string, more: Partial<Link> = {}): Link => ({ name, index: 0, ...more });
const createLink = (object: Link): Op => ({ kind: 'link', action: 'create', object });
const addressOn = (dev: string, address: string, prefixlen: number): Op => ({
  kind: 'address',
  action: 'create',
  object: { dev, family: 'inet', address, prefixlen },
});

/** Waits for events until `enough`. */
const gather = async (
  subscription: NetlinkSubscription,
  enough: (seen: { events: readonly NetlinkEvent[]; overrun: boolean }) => boolean,
): Promise<{ events: NetlinkEvent[]; overrun: boolean }> => {
  const seen = { events: [] as NetlinkEvent[], overrun: false };
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no such event within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    subscription.onReadable(() => {
      const { events, overrun } = subscription.drain();
      seen.events.push(...events);
      seen.overrun ||= overrun;
      if (!enough(seen)) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return seen;
};

/** What the kernel makes of its own accord, routes of IPv6 addresses above all, comes when it has time: `ip` sees the same before and after. */
const atRest = async (kernel: OpenedKernel, ns: string) => {
  const read = () => ({
    addresses: ipJson<{ addr_info: readonly { local: string }[] }>(ns, 'addr').flatMap((of) => of.addr_info),
    routes: [...ipJson(ns, '-4 route show table all'), ...ipJson(ns, '-6 route show table all')],
  });
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    const before = read();
    const state = await kernel.dump();
    if (isDeepStrictEqual(before, read())) return { state, ...before };
    assert.ok(performance.now() < end, 'the namespace does not come to rest');
  }
};

describe('dump', () => {
  it('sees what ip sees', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        vethUp(ns);
        ipRun(
          ns,
          'link add br0 type bridge',
          'link set v1 master br0',
          'route add 192.0.2.0/24 via 10.0.0.2',
          'route add 192.0.2.0/24 via 10.0.0.2 table 70000',
          'route add blackhole 198.51.100.0/24',
          'route add 2001:db8:1::/48 via 2001:db8::2',
          'rule add from 10.0.0.0/8 table 100',
          '-6 rule add fwmark 7 table 100',
          'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0',
          'nexthop add id 7 via 10.0.0.2 dev v0',
        );
        const { state, addresses, routes } = await atRest(kernel, ns);
        const links = ipJson<{ ifname: string; ifindex: number }>(ns, 'link');
        assert.deepEqual(
          state.link.map(({ name, index }) => [name, index]),
          links.map(({ ifname, ifindex }) => [ifname, ifindex]),
        );
        assert.deepEqual(
          state.address.map(({ address }) => address).sort(),
          addresses.map(({ local }) => local).sort(),
        );
        assert.equal(state.route.length, routes.length);
        const rules = [...ipJson(ns, '-4 rule'), ...ipJson(ns, '-6 rule')];
        assert.equal(state.rule.length, rules.length);
        assert.equal(state.nexthop.length, ipJson(ns, 'nexthop').length);
        const to = state.neighbor.flatMap((entry) => (entry.type === 'neighbor' ? [entry.to] : []));
        assert.ok(to.includes('10.0.0.9'));
        const some = await kernel.dump({ kinds: ['rule'] });
        assert.deepEqual(some, { ...emptyState(), rule: state.rule });
      }),
    ));

  it('takes an interrupted dump again while links come and go', () =>
    withNamespace(async (ns) => {
      const lasting = Array.from({ length: 120 }, (_, i) => `keep${i}`);
      ipRun(ns, ...lasting.slice(0, 60).map((name, i) => `link add ${name} type veth peer name keep${i + 60}`));
      // on one processor the churn hardly ever gets its turn within a dump
      const needsOne = availableParallelism() > 1;
      let interrupted = 0;
      const trace = ({ flags, type }: TraceFrame): void => {
        if (type > NLMSG.OVERRUN && (flags & NLM_F.DUMP_INTR) !== 0) interrupted++;
      };
      const loop = 'while ip link add churn type veth peer name churn1 && ip link del churn; do :; done';
      const churn = spawn('ip', ['netns', 'exec', ns, 'sh', '-c', loop], { stdio: 'ignore' });
      try {
        await withKernel({ namespace: ns, trace }, async (kernel) => {
          const end = performance.now() + PATIENCE_MS;
          for (let dumps = 0; dumps < 20 || (needsOne && interrupted === 0 && performance.now() < end); dumps++) {
            const names = (await kernel.dump({ kinds: ['link'] })).link.map(({ name }) => name);
            assert.equal(new Set(names).size, names.length);
            assert.deepEqual(names.filter((name) => name.startsWith('keep')).length, lasting.length);
            await delay(1);
          }
        });
        if (needsOne) assert.ok(interrupted > 0, 'the churn interrupted no dump');
      } finally {
        await stop(churn);
      }
    }));
});

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
};

describe('send', () => {
  it('tells the words of the kernel and the attribute at fault', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        const [address] = await kernel.send([addressOn('lo', '10.0.0.1', 33)]);
        assert.ok(address?.ok === false);
        assert.equal(address.error.name, 'EINVAL');
        const [vxlan] = await kernel.send([createLink(link('vx0', { kind: 'vxlan', options: { id: 0xffffffff } }))]);
        assert.ok(vxlan?.ok === false);
        assert.equal(vxlan.error.attribute, 'IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VXLAN_ID');
        assert.match(vxlan.error.message ?? '', /VXLAN ID/);
        const gone = await kernel.send([addressOn('nowhere', '10.0.0.1', 24), addressOn('lo', '10.0.0.1', 24)]);
        assert.deepEqual(gone, [
          { ok: false, error: { errno: 22, name: 'NR_ENCODE', message: 'there is no link "nowhere"' } },
        ]);
      }),
    ));

  it('finds a link that was made meanwhile by its name, an altname, and one that is longer than a name', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        await kernel.dump();
        const altnames = ['fifteen-octets-', 'twenty-four-octets-of-it'];
        vethUp(ns);
        ipRun(ns, ...altnames.map((name) => `link property add dev v1 altname ${name}`));
        for (const [i, name] of ['v1', ...altnames].entries()) {
          const [result] = await kernel.send([addressOn(name, `10.9.${i}.1`, 24)]);
          assert.deepEqual(result, { ok: true }, name);
        }
        const [found] = ipJson<{ readonly addr_info: readonly { readonly local: string }[] }>(
          ns,
          '-4 addr show dev v1',
        );
        assert.deepEqual(
          found?.addr_info.map(({ local }) => local),
          ['10.9.0.1', '10.9.1.1', '10.9.2.1'],
        );
        for (const name of ['nosuch', 'v2', 'no-such-name-however-long']) {
          const [result] = await kernel.send([addressOn(name, '10.9.9.1', 24)]);
          assert.equal(result?.ok === false && result.error.name, 'NR_ENCODE', name);
        }
      }),
    ));

  it('knows links by name that it has just made, both ends of a veth, and again after a deletion', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        const veth = link('a0', { kind: 'veth', options: { peer: 'b0' } });
        const make = [createLink(veth), addressOn('b0', '10.1.0.1', 24), addressOn('a0', '10.2.0.1', 24)];
        for (let round = 0; round < 2; round++) {
          assert.deepEqual(await kernel.send(make), [{ ok: true }, { ok: true }, { ok: true }]);
          const { address } = await kernel.dump({ kinds: ['address'] });
          assert.deepEqual(
            address
              .filter(({ family, dev }) => family === 'inet' && dev !== 'lo')
              .map(({ dev }) => dev)
              .sort(),
            ['a0', 'b0'],
          );
          assert.deepEqual(await kernel.send([{ kind: 'link', action: 'delete', object: veth }]), [{ ok: true }]);
        }
      }),
    ));

  it('matches 5,000 acknowledgements in flight, refusals among them', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        vethUp(ns);
        ipRun(ns, 'route add 10.100.1.7/32 via 10.0.0.2', 'route add 10.100.2.9/32 via 10.0.0.2');
        const ops = Array.from({ length: 5000 }, (_, i) => routeTo(i));
        const results = await kernel.send(ops, { pipeline: true });
        const refused = results.flatMap((result, i) => (result.ok ? [] : [[i, result.error.name]]));
        assert.deepEqual(refused, [
          [256 + 7, 'EEXIST'],
          [512 + 9, 'EEXIST'],
        ]);
        assert.ok(results.length > 521 && results.length < 5000, 'it stopped behind the window of the refusal');

        ipRun(ns, 'route flush scope global');
        assert.deepEqual(
          await kernel.send(ops, { pipeline: true }),
          ops.map(() => ({ ok: true })),
        );
        assert.equal(ipJson(ns, 'route show proto 110').length, 5000);
        const again = await kernel.send(ops, { pipeline: true });
        assert.ok(again.length >= 100 && again.every((result) => !result.ok && result.error.name === 'EEXIST'));
      }),
    ));

  it('stops and waits unless told otherwise', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        vethUp(ns);
        const results = await kernel.send([routeTo(1), routeTo(1), routeTo(2)]);
        assert.deepEqual(
          results.map(({ ok }) => ok),
          [true, false],
        );
        assert.equal(ipJson(ns, 'route show proto 110').length, 1);
      }),
    ));

  it('is refused as data without privilege', () =>
    withNamespace((ns) => {
      const { stdout, stderr } = nsExec(
        ns,
        'setpriv',
        '--bounding-set=-all',
        process.execPath,
        '--input-type=module',
        '-e',
        `
        const { openKernel } = await import(${JSON.stringify(moduleUrl('open-kernel.js'))});
        const kernel = openKernel();
        const object = { dev: 'lo', family: 'inet', address: '10.0.0.1', prefixlen: 24 };
        const results = await kernel.send([{ kind: 'address', action: 'create', object }]);
        const { link } = await kernel.dump();
        console.log(JSON.stringify({ results, links: link.map(({ name }) => name) }));
      `,
      );
      assert.equal(stderr, '');
      const { results, links } = JSON.parse(stdout);
      assert.equal(results[0].error.name, 'EPERM');
      assert.deepEqual(links, ['lo']);
    }));
});

/** The compiled module of that name in src/netlink, for child processes. */
const moduleUrl = (name: string): string => new URL(`../../src/netlink/${name}`, import.meta.url).href;

describe('subscribe', () => {
  it('tells who changed what, also in another namespace', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        vethUp(ns);
        await kernel.dump({ kinds: ['link'] });
        const subscription = kernel.subscribe(['route']);
        try {
          // the kernel makes routes of its own as addresses of the links are tried out
          const isByOne = ({ portId }: NetlinkEvent) => portId !== 0;
          const own = gather(subscription, ({ events }) => events.some(isByOne));
          await kernel.send([routeTo(1)]);
          const event = (await own).events.find(isByOne);
          assert.equal(event?.portId, kernel.portId);
          assert.equal(event?.action, 'new');
          assert.deepEqual(event?.object, routeTo(1).object);
          const requester = findRequester(kernel.portId, readProc(kernel.inNamespace));
          assert.equal(requester?.pid, process.pid);
          assert.equal(requester?.cmdline[0], process.argv0);
          assert.equal(findRequester(kernel.portId, readProc()), undefined, 'the other namespace has no such port');
        } finally {
          subscription.close();
        }
      }),
    ));

  it('reports an overrun and hears what comes after it', () =>
    withNamespace(async (ns) => {
      vethUp(ns);
      const namespace = openNamespace(`/run/netns/${ns}`);
      const tiny = { receiveBuffer: 4096 };
      const open: OpenChannel = (options) =>
        namespace.run(() => openNetlinkSocket({ ...options, ...(options?.groups === undefined ? {} : tiny) }));
      const kernel = createKernel({ open, families: FAMILIES });
      await kernel.dump({ kinds: ['link'] });
      const subscription = kernel.subscribe(['route']);
      try {
        const batch = Array.from(
          { length: 500 },
          (_, i) => `route add 10.7.${i >> 8}.${i & 255}/32 via 10.0.0.2\n`,
        ).join('');
        const storm = gather(subscription, ({ overrun }) => overrun);
        assert.equal(runCommand('ip', ['-n', ns, '-batch', '-'], { input: batch }).status, 0);
        assert.ok((await storm).events.length < 500);
        for (const to of ['192.0.2.1/32', '192.0.2.2/32']) {
          const later = gather(subscription, ({ events }) =>
            events.some(({ object }) => (object as { to?: string })?.to === to),
          );
          ipRun(ns, `route add ${to} via 10.0.0.2`);
          await later;
        }
      } finally {
        subscription.close();
        kernel.close();
        namespace.close();
      }
    }));

  it('does not take a released port for a deleted link', () =>
    withNamespace((ns) =>
      withKernel({ namespace: ns }, async (kernel) => {
        vethUp(ns);
        ipRun(ns, 'link add br0 type bridge', 'link set v1 master br0');
        await kernel.dump({ kinds: ['link'] });
        const subscription = kernel.subscribe(['link']);
        ipRun(ns, 'link set v1 nomaster', 'link del br0');
        const { events, overrun } = subscription.drain();
        subscription.close();
        assert.equal(overrun, false);
        const gone = events.filter(({ action }) => action === 'delete').map(({ object }) => (object as Link).name);
        assert.deepEqual(gone, ['br0']);
        assert.ok(events.length > 2);
      }),
    ));
});

it('hears only the kernel, whoever else writes to its port', () =>
  withNamespace((ns) => {
    const namespace = openNamespace(`/run/netns/${ns}`);
    const libc = koffi.load(null);
    const socket = libc.func('socket', 'int', ['int', 'int', 'int']);
    const sendto = libc.func('sendto', 'intptr', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32']);
    const close = libc.func('close', 'int', ['int']);
    const channel = namespace.run(() => openNetlinkSocket());
    const stranger: number = namespace.run(() => socket(AF.NETLINK, 3, 0));
    try {
      // struct sockaddr_nl with the port of the channel; the message is an acknowledgement that nobody is to believe
      const address = Buffer.alloc(12);
      address.writeUInt16LE(AF.NETLINK, 0);
      address.writeUInt32LE(channel.portId, 4);
      const forged = Buffer.alloc(36);
      forged.writeUInt32LE(36, 0);
      forged.writeUInt16LE(NLMSG.ERROR, 4);
      assert.equal(sendto(stranger, forged, forged.length, 0, address, address.length), 36);
      assert.equal(channel.receiveNow(), undefined);
    } finally {
      close(stranger);
      channel.close();
      namespace.close();
    }
  }));
