import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, freemem } from 'node:os';
import { describe, it } from 'node:test';
import { isNetreconError } from '../../src/model/errors.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { createTestCommand, until } from './command.ts';
import { openTestHost, type TestHost } from './harness.ts';
import { isDecoy } from './lists-of-few.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const command = createTestCommand();
const { run, start } = command;

/** A hundred, unless the machine is too small for so many at the same time; CONCURRENT_APPLIES asks for a number. */
const CALLS = Number(process.env.CONCURRENT_APPLIES ?? Math.min(100, Math.floor(freemem() / (80 * 1024 * 1024))));

const ROUTES_A_FILE = 20;

const fileOf = (n: number): string =>
  command.file(
    `file${n}.yaml`,
    `version: 1\nroutes:\n${Array.from({ length: ROUTES_A_FILE }, (_, i) => `  - {to: 10.${n}.${i}.0/24, type: blackhole}\n`).join('')}`,
  );

const blackholes = (ns: string): readonly string[] =>
  ipJson<{ type: string; dst: string }>(ns, 'route show')
    .filter(({ type }) => type === 'blackhole')
    .map(({ dst }) => dst);

describe(`${CALLS} applies at the same time`, () => {
  it('are serialised or refused, and one of the files is what remains', () =>
    withNamespace(async (ns) => {
      const files = [1, 2, 3, 4].map(fileOf);
      const calls = Array.from({ length: CALLS }, (_, i) =>
        start(ns, 'apply', '--yes', '--allow-mass-delete', files[i % 4] as string),
      );
      const statuses = await Promise.all(calls.map((call) => call.ended()));
      for (const [i, status] of statuses.entries()) {
        assert.ok(status === 0 || status === 6, `status ${status}: ${calls[i]?.text()}`);
        if (status === 6) assert.match(calls[i]?.text() ?? '', /^error NR_LOCKED: .*netrecon.* is at work/);
      }
      assert.ok(statuses.includes(0));
      const left = blackholes(ns);
      assert.equal(left.length, ROUTES_A_FILE);
      assert.equal(new Set(left.map((dst) => dst.split('.')[1])).size, 1, left.join());
      assert.equal(run(ns, 'recover').stdout, 'Nothing to recover.\n');
      const refused = statuses.filter((status) => status === 6).length;
      console.log(
        `# ${CALLS} applies at the same time: ${CALLS - refused} done one after the other, ${refused} refused`,
      );
    }));
});

const PAIR = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
  v1: {kind: veth, veth: {peer: v0}}
`;

/** Two states that both hold what the flapper is after, and otherwise differ. */
const sideOf = (side: 0 | 1): string => `${PAIR}routes:
  - {to: 10.8${side}.0.0/16, via: 10.0.0.254}
  - {to: 10.50.0.0/16, via: 10.0.0.25${side}}
  - {to: 10.6${side}.0.0/16, via: 10.0.0.254}
neighbors:
  - {to: 10.0.0.77, lladdr: "02:00:00:00:00:0${side}", dev: v0}
  - {to: 10.0.0.7${side}, lladdr: "02:00:00:00:00:05", dev: v0}
`;

/** A lab kernel has one slow processor; FLAPPED_APPLIES asks for a number. */
const APPLIES = Number(process.env.FLAPPED_APPLIES ?? (availableParallelism() === 1 ? 60 : 200));

const FLAPPED = ['10.50.0.0/16', '10.0.0.77'];

/** Adds and deletes the same route and neighbor every 20 ms, without a pause, until it is stopped. */
const startFlapper = (ns: string) => {
  const script = `while :; do
    ip route replace 10.50.0.0/16 via 10.0.0.99 proto static; ip neigh replace 10.0.0.77 lladdr 02:00:00:00:00:99 dev v0
    sleep 0.02
    ip route del 10.50.0.0/16; ip neigh del 10.0.0.77 dev v0
    sleep 0.02
  done`;
  const child = spawn('ip', ['netns', 'exec', ns, 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  child.stdout.resume();
  // `close`: the last of the group has let go of the pipe, and sends nothing any more
  const end = once(child, 'close');
  return async (): Promise<void> => {
    process.kill(-(child.pid as number), 'SIGKILL');
    await end;
  };
};

/** Everything of the two states but what flaps. */
const steadyObjects = (ns: string): readonly string[] =>
  [
    ...ipJson<{ dst: string; gateway?: string }>(ns, 'route show proto 110').map((r) => `${r.dst} ${r.gateway}`),
    ...ipJson<{ dst: string; lladdr?: string }>(ns, 'neigh show nud permanent').map((n) => `${n.dst} ${n.lladdr}`),
  ]
    .filter((text) => !isDecoy(text) && !FLAPPED.some((flapped) => text.startsWith(`${flapped} `)))
    .sort();

const steadyOf = (side: 0 | 1): readonly string[] =>
  [`10.8${side}.0.0/16 10.0.0.254`, `10.6${side}.0.0/16 10.0.0.254`, `10.0.0.7${side} 02:00:00:00:00:05`].sort();

type Told = Outcome['status'] | 'unsettled';

const applyOnce = async (host: TestHost, side: 0 | 1): Promise<Told> => {
  try {
    const outcome = await host.apply(sideOf(side));
    if (outcome.status === 'incomplete') {
      const left = outcome.remaining.changes.map(({ title }) => title);
      assert.ok(
        left.every((title) => FLAPPED.some((flapped) => title.includes(flapped))),
        `only what flaps may be left: ${left.join('; ')}`,
      );
    }
    if (outcome.status === 'rolledBack') assert.match(outcome.failure.message, /10\.50\.0\.0\/16|10\.0\.0\.77/);
    return outcome.status;
  } catch (error) {
    if (isNetreconError(error) && error.code === 'NR_UNSETTLED') return 'unsettled';
    throw error;
  }
};

describe('another program at work on the same objects', () => {
  it('flapping them every 20 ms leaves every outcome true', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      assert.equal((await host.apply(sideOf(0))).status, 'applied');
      const stop = startFlapper(ns);
      const told = new Map<Told, number>();
      let standing: 0 | 1 = 0;
      try {
        // whether any of them gets through, and whether any does not, is a matter of chance and of the load
        const isOneSided = () => told.size < 2 || !told.has('applied');
        for (let i = 0; i < APPLIES || (isOneSided() && i < 20 * APPLIES); i++) {
          const side: 0 | 1 = standing === 0 ? 1 : 0;
          const status = await applyOnce(host, side);
          told.set(status, (told.get(status) ?? 0) + 1);
          if (status === 'applied') standing = side;
          assert.deepEqual(steadyObjects(ns), steadyOf(standing), `apply ${i} said ${status}`);
        }
      } finally {
        await stop();
      }
      assert.ok((told.get('applied') ?? 0) > 0, 'some got through');
      assert.ok(told.size > 1, 'some did not');
      console.log(
        `# ${APPLIES} applies against a flapper: ${[...told].map(([status, count]) => `${count} ${status}`).join(', ')}`,
      );
      const last = await host.apply(sideOf(1));
      assert.ok(last.status === 'applied' || last.status === 'unchanged');
      assert.equal((await host.plan(sideOf(1))).steps.length, 0);
      host.close();
    }));

  /** Lets somebody else act right after the route of side 0 has been sent. */
  const interloper =
    (act: () => void) =>
    (kernel: KernelPort): KernelPort => {
      let acted = false;
      return {
        ...kernel,
        send: async (ops, options) => {
          const results = await kernel.send(ops, options);
          if (!acted && ops.some(({ kind, object }) => kind === 'route' && object.to === '10.60.0.0/16')) {
            acted = true;
            act();
          }
          return results;
        },
      };
    };

  it('is named, and what it did stays while the rest goes back', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      await host.apply(PAIR);
      const outcome = await host.apply(sideOf(0), {
        wrap: interloper(() => ipRun(ns, 'route replace 10.60.0.0/16 via 10.0.0.66 proto static')),
      });
      assert.equal(outcome.status, 'rolledBack');
      assert.ok(outcome.status === 'rolledBack');
      assert.equal(outcome.failure.cause, 'foreign');
      assert.match(
        outcome.failure.message,
        /^route 10\.60\.0\.0\/16 was changed by another program \(netlink port \d+\)/,
      );
      const routes = ipJson<{ dst: string; gateway?: string; protocol: string }>(ns, 'route show');
      assert.deepEqual(
        routes.filter(({ gateway }) => gateway !== undefined).map(({ dst, gateway }) => `${dst} ${gateway}`),
        ['10.60.0.0/16 10.0.0.66'],
      );
      host.close();
    }));

  it('may change what the apply is not about, and that stays, be it committed or put back', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      await host.apply(PAIR);
      const others = ['route add 10.44.0.0/16 via 10.0.0.44', 'neigh add 10.0.0.45 lladdr 02:00:00:00:00:45 dev v0'];
      ipRun(ns, ...others);
      const changes = [
        'route replace 10.44.0.0/16 via 10.0.0.66',
        'neigh replace 10.0.0.45 lladdr 02:00:00:00:00:66 dev v0',
      ];
      const shown = (): readonly string[] => [
        ...ipJson<{ gateway: string }>(ns, 'route show 10.44.0.0/16').map(({ gateway }) => gateway),
        ...ipJson<{ lladdr: string }>(ns, 'neigh show 10.0.0.45').map(({ lladdr }) => lladdr),
      ];
      const changed = ['10.0.0.66', '02:00:00:00:00:66'];
      const wrap = interloper(() => ipRun(ns, ...changes));
      assert.equal((await host.apply(sideOf(0), { wrap })).status, 'applied');
      assert.deepEqual(shown(), changed, 'beside what was applied');
      await host.apply(PAIR);
      ipRun(ns, ...others.map((line) => line.replace('add', 'replace')));
      const outcome = await host.apply(sideOf(0), {
        wrap: (kernel) => ({
          ...kernel,
          send: async (ops, options) => {
            const results = await kernel.send(ops, options);
            if (!ops.some(({ kind, action }) => kind === 'route' && action === 'create')) return results;
            ipRun(ns, ...changes);
            return ops.map(() => ({ ok: false, error: { errno: 5, name: 'EIO', message: 'refused by the test' } }));
          },
        }),
      });
      assert.equal(outcome.status, 'rolledBack');
      assert.deepEqual(shown(), changed, 'beside what was put back');
      host.close();
    }));

  it('that takes a link away in between makes the apply go back, not go wrong', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      await host.apply(PAIR);
      const outcome = await host.apply(sideOf(0), { wrap: interloper(() => ipRun(ns, 'link del v0')) });
      assert.equal(outcome.status, 'rolledBack');
      assert.ok(outcome.status === 'rolledBack');
      assert.match(outcome.failure.message, /link v0 was deleted/);
      assert.equal(ipJson(ns, 'link').length, 1);
      host.close();
    }));

  it('that makes the link anew under its name (another index) is noticed between plan and send', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      await host.apply(PAIR);
      let shown = 0;
      const outcome = await host.apply(sideOf(1), {
        approve: async () => {
          shown++;
          if (shown === 1) ipRun(ns, 'link del v0', 'link add v0 type veth peer name v1');
          return true;
        },
      });
      assert.equal(outcome.status, 'applied');
      assert.equal(shown, 2, 'asked again: the address has gone with the link');
      assert.equal((await host.plan(sideOf(1))).steps.length, 0);
      host.close();
    }));
});

describe('an IPv6 address that another host has', () => {
  it('is waited for, and fails the apply', () =>
    withNamespace((ns) =>
      withNamespace(async (far) => {
        ipRun(ns, `link add w0 type veth peer name w1 netns ${far}`, 'link set w0 up');
        ipRun(far, 'link set w1 up', 'addr add 2001:db8::7/64 dev w1 nodad');
        // whoever has no carrier yet, or tries out an address of its own, answers no question
        const isReady = (where: string, dev: string) =>
          ipJson<{ operstate: string; addr_info: readonly { tentative?: boolean }[] }>(
            where,
            `addr show dev ${dev}`,
          ).some(
            ({ operstate, addr_info }) => operstate === 'UP' && !addr_info.some(({ tentative }) => tentative === true),
          );
        await until(() => isReady(ns, 'w0') && isReady(far, 'w1'), 'both ends are up');
        const taken = command.file('taken.yaml', 'version: 1\nlinks:\n  w0: {addresses: [2001:db8::7/64]}\n');
        const failed = run(ns, 'apply', '--yes', taken);
        assert.equal(failed.status, 3, failed.stderr);
        assert.match(failed.stderr, /taken\.yaml:3:\d+: error NR_DUPLICATE_ADDRESS: step 1 of 1: .*dadfailed/);
        assert.doesNotMatch(JSON.stringify(ipJson(ns, 'addr')), /2001:db8::7/);
        const free = command.file('free.yaml', 'version: 1\nlinks:\n  w0: {addresses: [2001:db8::8/64]}\n');
        const { status, stderr } = run(ns, 'apply', '--yes', free);
        assert.equal(status, 0, stderr);
        assert.doesNotMatch(stderr, /tentative/, 'it does not wait in vain');
        assert.doesNotMatch(JSON.stringify(ipJson(ns, 'addr')), /"tentative":true/);
      }),
    ));
});

describe('what others delete from a link while it is worked on', () => {
  const LINKS = PAIR.replace(', addresses: [10.0.0.1/24]', '');
  const neighbor = (lladdr: string): string => `neighbors: [{to: 10.0.0.77, lladdr: "${lladdr}", dev: v0}]\n`;

  /** Behind the first operation, others delete what they made; `refused`: the second operation is. */
  const disturbed =
    (ns: string, refused: boolean) =>
    (kernel: KernelPort): KernelPort => {
      let sends = 0;
      return {
        ...kernel,
        get portId() {
          return kernel.portId as number;
        },
        send: async (ops, options) => {
          if (refused && sends === 1) {
            sends++;
            return [{ ok: false, error: { errno: 5, name: 'EIO', message: 'refused by the test' } }];
          }
          const results = await kernel.send(sends === 0 ? ops.slice(0, 1) : ops, options);
          if (sends++ === 0)
            ipRun(ns, 'neigh del 10.0.0.99 dev v0', 'addr del 10.4.0.1/24 dev v0', 'route del 10.66.0.0/16');
          return results;
        },
      };
    };

  for (const refused of [false, true]) {
    it(`stays deleted, where the plan is ${refused ? 'rolled back' : 'carried out'}`, () =>
      withNamespace(async (ns) => {
        const host = openTestHost(ns);
        try {
          await host.apply(`${LINKS}${neighbor('02:00:00:00:00:01')}`);
          ipRun(
            ns,
            'addr add 10.0.0.1/24 dev v0',
            'addr add 10.4.0.1/24 dev v0',
            'neigh add 10.0.0.99 lladdr 02:00:00:00:00:99 dev v0',
            'route add 10.66.0.0/16 via 10.0.0.9',
          );
          const yaml = `${LINKS}${neighbor('02:00:00:00:00:02')}routes: [{to: 10.81.0.0/16, via: 10.0.0.254}]\n`;
          const outcome = await host.apply(yaml, { wrap: disturbed(ns, refused) });
          assert.equal(outcome.status, refused ? 'rolledBack' : 'applied', JSON.stringify(outcome).slice(0, 400));
          assert.equal(ipJson(ns, 'neigh show 10.0.0.99').length, 0);
          assert.equal(ipJson(ns, 'route show 10.66.0.0/16').length, 0);
          assert.equal(ipJson(ns, 'addr show to 10.4.0.0/24').length, 0);
          assert.equal(ipJson(ns, 'route show 10.81.0.0/16').length, refused ? 0 : 1);
        } finally {
          host.close();
        }
      }));
  }
});
