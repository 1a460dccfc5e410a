import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { openKernel } from '../../src/netlink/open-kernel.ts';
import { rehearse } from '../../src/reconcile/rehearse/rehearse.ts';
import type { RehearsalSubject, Scene } from '../../src/reconcile/rehearse/rehearse-types.ts';
import type { rehearsalJson } from '../../src/report/rehearse-json.ts';
import { createTestCommand } from './command.ts';
import { desiredOf, ipView, NAMES, openTestHost, sleep } from './harness.ts';
import { arbitraryTransition, findExtraKinds } from './random-state.ts';
import { type HostScript, runPlan, snapshotOf } from './rehearse-host.ts';
import { ipRun, nsExec, withNamespace } from './support.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** Transitions that are rehearsed; FC_RUNS asks for more. */
const RUNS = Number(process.env.FC_RUNS ?? 2);

const isPlan = new Ajv({ strict: true }).compile(
  JSON.parse(readFileSync(new URL('../../../schemas/plan.schema.json', import.meta.url), 'utf8')),
);

type RehearsalJson = ReturnType<typeof rehearsalJson> & {
  readonly result: string;
  readonly step?: number;
  readonly refusal?: { readonly name: string };
  readonly source?: { readonly line: number };
};

/** A mistake that the files do not show, and that the kernel does not let pass. */
interface Mistake extends HostScript {
  readonly errno: string;
  /** what is wrong */
  readonly why: string;
  /** behind `version: 1` */
  readonly yaml: readonly string[];
  /** where the file asks for what is refused */
  readonly line: number;
}

const MISTAKES: readonly Mistake[] = [
  {
    errno: 'EINVAL',
    why: 'an MTU larger than the driver can',
    yaml: ['links:', '  v0: {kind: veth, veth: {peer: v1}, mtu: 70000}'],
    line: 3,
  },
  {
    errno: 'EEXIST',
    why: 'two tunnels with one number',
    yaml: [
      'links:',
      '  x0: {kind: vxlan, vxlan: {id: 5, dev: eth0, dstport: 4789}}',
      '  x1: {kind: vxlan, vxlan: {id: 5, dev: eth0, dstport: 4789}}',
    ],
    line: 4,
  },
  {
    errno: 'EADDRINUSE',
    why: 'two links with one address on one card',
    yaml: [
      'links:',
      '  m0: {kind: macvlan, link: eth0, lladdr: "02:00:00:00:00:11", macvlan: {mode: bridge}}',
      '  m1: {kind: macvlan, link: eth0, lladdr: "02:00:00:00:00:11", macvlan: {mode: bridge}}',
    ],
    line: 4,
  },
  {
    errno: 'EBUSY',
    why: 'a card that is a port and a parent',
    yaml: [
      'links:',
      '  br0: {kind: bridge}',
      '  m0: {kind: macvlan, link: eth0, macvlan: {mode: bridge}}',
      '  eth0: {master: br0}',
    ],
    line: 4,
  },
  {
    errno: 'ELOOP',
    why: 'a bridge as port of a bridge',
    yaml: ['links:', '  br0: {kind: bridge}', '  br1: {kind: bridge, master: br0}'],
    line: 4,
  },
  {
    errno: 'EACCES',
    why: 'IPv6 on a card where it is switched off',
    settings: ['net.ipv6.conf.eth0.disable_ipv6=1'],
    yaml: ['links:', '  eth0:', '    addresses: ["2001:db8::1/64"]'],
    line: 4,
  },
  {
    errno: 'EPERM',
    why: 'a tunnel by IPv6 over such a card',
    settings: ['net.ipv6.conf.eth0.disable_ipv6=1'],
    yaml: ['links:', '  x0: {kind: vxlan, vxlan: {id: 5, dev: eth0, remote: "2001:db8::9", dstport: 4789}}'],
    line: 3,
  },
  {
    errno: 'ENETUNREACH',
    why: 'a gateway that a rule keeps from being found',
    lines: ['addr add 10.0.0.1/24 dev eth0', 'rule add priority 5 from all unreachable'],
    yaml: ['routes:', '  - {to: 10.5.0.0/16, via: 10.0.0.2, dev: eth0}'],
    line: 3,
  },
  {
    errno: 'ENODEV',
    why: 'an IPv6 route over a card with an MTU too small for it',
    lines: ['link set eth0 mtu 1000'],
    yaml: ['routes:', '  - {to: "2001:db8:9::/48", dev: eth0}'],
    line: 3,
  },
  {
    errno: 'ERANGE',
    why: 'a timer that no bridge has',
    yaml: ['links:', '  br0: {kind: bridge, bridge: {stp_state: 1, forward_delay: 100}}'],
    line: 3,
  },
  {
    errno: 'EADDRNOTAVAIL',
    why: 'a group address for a card',
    yaml: ['links:', '  eth0:', '    lladdr: "01:00:5e:00:00:01"'],
    line: 4,
  },
];

/** A gateway whose network has gone since: the kernel asks for it only when the route is added. */
const STALE_GATEWAY = [
  'addr add 10.0.0.1/24 dev eth0',
  'addr add 10.1.0.2/24 dev eth0',
  'route add 10.9.0.0/16 via 10.1.0.1 dev eth0',
  'addr del 10.1.0.2/24 dev eth0',
];

const GOOD = [
  'links:',
  '  eth0: {addresses: [10.0.0.1/24, "2001:db8::1/64"]}',
  '  br0: {kind: bridge, addresses: [10.9.0.1/24]}',
  '  v0: {kind: veth, veth: {peer: v1}, master: br0}',
  'routes:',
  '  - {to: 10.20.0.0/16, via: 10.0.0.254}',
  '  - {to: "2001:db8:5::/48", via: "2001:db8::2", src: "2001:db8::1"}',
  'rules:',
  '  - {priority: 100, from: 10.9.0.0/24, table: 100}',
  'expect:',
  '  - {to: 10.20.0.1, via: 10.0.0.254, dev: eth0}',
];

describe('plan --rehearse', () => {
  const command = createTestCommand();
  // an ordinary user has to read what the tests write
  chmodSync(command.path('.'), 0o755);

  const state = (lines: readonly string[]): string =>
    command.file('state.yaml', `${['version: 1', ...lines].join('\n')}\n`);
  const rehearseJson = (args: readonly string[], status: number): RehearsalJson => {
    const result = runPlan(['--format', 'json', '--rehearse', ...args]);
    assert.equal(result.status, status, `${result.stdout}${result.stderr}`);
    assert.ok(isPlan(JSON.parse(result.stdout)), JSON.stringify(isPlan.errors));
    return (JSON.parse(result.stdout) as { readonly rehearsal: RehearsalJson }).rehearsal;
  };

  describe('finds what only a kernel can tell, as nobody', () => {
    const found = new Set<string>();
    after(() => console.log(`# ${found.size} different errnos: ${[...found].join(', ')}`));

    for (const { errno, why, yaml, line, ...host } of MISTAKES) {
      it(`${errno}: ${why}`, async () => {
        const against = ['--against', await snapshotOf(command, host), state(yaml)];
        // it is rehearsed: so the files are valid, and the plan could be made
        const rehearsal = rehearseJson(against, 3);
        assert.equal(rehearsal.result, 'refused');
        assert.equal(rehearsal.refusal?.name, errno);
        assert.equal(rehearsal.source?.line, line);
        assert.deepEqual(rehearsal.copy.discrepancies, []);
        assert.ok(rehearsal.rollback.proven);
        found.add(errno);
      });
    }

    it('with ten different errnos or more', () => assert.ok(new Set(MISTAKES.map(({ errno }) => errno)).size >= 10));
  });

  it('finds a state that the kernel accepts and ignores', async () => {
    const snapshot = await snapshotOf(command, { lines: ['addr add 10.0.0.1/24 dev eth0'] });
    // fib_semantics.c fib_convert_metrics: no more than 65535 - 15
    const text = state(['routes:', '  - {to: 10.5.0.0/16, via: 10.0.0.2, mtu: 65530}']);
    assert.equal(runPlan(['--against', snapshot, text]).status, 0);
    const { status, stdout, stderr } = runPlan(['--rehearse', '--against', snapshot, text]);
    assert.equal(status, 3);
    assert.match(stdout, /accepted and ignored: after 1 step\n/);
    assert.match(stderr, /state\.yaml:3:5: error NR_IGNORED: .*"mtu":65520.*"mtu":65530/);
    const github = runPlan(['--rehearse', '--format', 'github', '--against', snapshot, text]);
    assert.match(github.stdout, /^::error .*line=3,.*NR_IGNORED/m);
    const markdown = runPlan(['--rehearse', '--format', 'markdown', '--against', snapshot, text]);
    assert.match(
      markdown.stdout,
      /^### netrecon: refused[\s\S]*```text\nRehearsal on Linux .*[\s\S]*accepted and ignored/,
    );
  });

  it('finds a rollback that would be incomplete, and what would remain', async () => {
    const snapshot = await snapshotOf(command, { lines: STALE_GATEWAY });
    const text = state(['links:', '  eth0: {state: down}']);
    assert.equal(runPlan(['--against', snapshot, text]).status, 0);
    const rehearsal = rehearseJson(['--against', snapshot, text], 4);
    assert.equal(rehearsal.result, 'accepted');
    assert.deepEqual(rehearsal.copy.discrepancies, [], 'the copy has that route');
    assert.equal(rehearsal.rollback.proven, false);
    const [trial] = rehearsal.rollback.trials.filter(({ proven }) => !proven);
    assert.deepEqual(
      trial?.leftovers.map(({ title, how }) => [title, how]),
      [['route 10.9.0.0/16', 'missing']],
    );
    assert.match(trial?.leftovers[0]?.refusal ?? '', /ENETUNREACH/);
    const { stderr } = runPlan(['--rehearse', '--against', snapshot, text]);
    assert.match(stderr, /error NR_ROLLBACK_INCOMPLETE: after the last step, .*route 10\.9\.0\.0\/16 is missing/);
  });

  it('proves a good plan: accepted, and every rollback exact', async () => {
    const snapshot = await snapshotOf(command, {
      cards: ['eth0', 'eth1'],
      lines: [
        'addr add 10.1.0.1/24 dev eth1',
        'route add 10.8.0.0/16 via 10.1.0.9 proto bird',
        'neigh add 10.1.0.9 lladdr 02:00:00:00:00:99 dev eth1',
        'tuntap add mode tun name tun0',
        'link set tun0 up',
        'addr add 10.3.0.1/30 dev tun0',
      ],
    });
    const args = ['--against', snapshot, state(GOOD)];
    const rehearsal = rehearseJson(args, 0);
    assert.equal(rehearsal.result, 'accepted');
    assert.deepEqual(rehearsal.copy.discrepancies, []);
    assert.ok(rehearsal.asPlanned);
    assert.deepEqual(
      rehearsal.stoodIn.map(({ name, why }) => `${name} ${why}`),
      ['eth0 hardware', 'eth1 hardware'],
    );
    assert.ok(rehearsal.steps > 5);
    assert.equal(rehearsal.rollback.trials.length, rehearsal.steps + 1, 'each step, and after the last');
    const sample = runPlan(['--rehearse', '--rehearse-steps', '2', '--detailed-exitcode', ...args]);
    assert.equal(sample.status, 2, sample.stderr);
    assert.match(sample.stdout, /proven: 3 of 3 times everything was as before \(2 of \d+ steps, a sample\)/);
  });

  it('says what it could not do where a host allows no namespaces', async () => {
    const snapshot = await snapshotOf(command, {});
    const forbid = ['unshare', '--user', '--map-root-user', 'sh', '-c'];
    const drop = 'echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --inh-caps=-all --bounding-set=-all "$@"';
    const { status, stderr } = runPlan(['--rehearse', '--against', snapshot, state(GOOD)], [...forbid, drop, 'sh']);
    assert.equal(status, 1);
    assert.match(stderr, /error NR_NO_PRIVILEGE: this host gives ordinary users no private network namespace/);
    assert.match(stderr, /hint: .*user\.max_user_namespaces is 0/);
  });

  it('leaves the namespace that it plans for alone', () =>
    withNamespace((ns) => {
      ipRun(ns, 'link add eth0 type veth peer name far0', 'link set eth0 up', 'link set far0 up');
      ipRun(ns, 'addr add 10.0.0.1/24 dev eth0', 'route add 10.9.0.0/16 via 10.0.0.9');
      const before = ipView(ns, 'asked');
      const text = state(['routes:', '  - {to: 10.5.0.0/16, via: 10.0.0.2}']);
      const { status, stdout } = command.run(ns, 'plan', '--rehearse', text);
      assert.equal(status, 0);
      assert.match(stdout, /Rehearsal on Linux .*\n {2}copy .*\n {2}plan {6}accepted: 1 step/);
      assert.deepEqual(ipView(ns, 'asked'), before);
    }));

  /** In this process, in namespaces that are made for it. */
  const rehearseIn = async (
    scenes: readonly string[],
    subject: Omit<RehearsalSubject, 'renamesUp' | 'allowMassDelete'>,
    lacks: readonly string[] = [],
  ) => {
    const rest = [...scenes];
    const openScene = (): Scene => {
      const ns = rest.shift();
      assert.ok(ns !== undefined, 'no scene has to be made anew');
      const kernel = openKernel({ namespace: ns });
      return {
        kernel: {
          ...kernel,
          get portId() {
            return kernel.portId;
          },
          hasLinkKind: async (kind) => !lacks.includes(kind) && kernel.hasLinkKind(kind),
        },
        configure: (link, setting, on) => {
          for (const family of ['ipv4', 'ipv6'])
            nsExec(ns, 'sysctl', '-qew', `net/${family}/conf/${link}/${setting}=${on ? 1 : 0}`);
        },
        close: kernel.close,
      };
    };
    return rehearse(
      { ...subject, renamesUp: true, allowMassDelete: true },
      { openScene, sleep, now: Date.now, protocolName: NAMES.protocols.toName },
    );
  };

  it('leaves out what stands on links that the kernel does not have, and says so', () =>
    withNamespace(async (ns) => {
      const desired = await desiredOf(
        `{version: 1, links: {br0: {kind: bridge, addresses: [10.4.0.1/24]}, v0: {kind: veth, veth: {peer: v1}, master: br0},
          m0: {kind: ifb}}, routes: [{to: 10.5.0.0/16, via: 10.4.0.9}, {to: 10.6.0.0/16, type: blackhole}]}`,
      );
      const empty = await withNamespace((other) => openTestHost(other).dump());
      const subject = { observed: empty, owned: [], desired, mostFailures: 9 };
      const { leftOut, played, plan } = await rehearseIn([ns], subject, ['bridge']);
      assert.equal(played.result, 'accepted');
      assert.deepEqual(
        leftOut.map(({ link, planned }) => [link, planned]),
        [
          ['br0', true],
          ['v0', true],
          ['v1', false],
        ],
      );
      assert.deepEqual(
        plan.changes.map(({ title }) => title),
        ['link m0', 'route 10.6.0.0/16'],
      );
    }));

  it('copies any state, and takes any transition from it back at every step', async () => {
    const extra = await findExtraKinds();
    let steps = 0;
    let trials = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryTransition(extra), ([a, b]) =>
        withNamespace(async (ns) => {
          const host = openTestHost(ns);
          try {
            await host.apply(JSON.stringify(a));
            const desired = await desiredOf(JSON.stringify(b));
            const observed = await host.dump();
            const owned = host.records.read()?.owned ?? [];
            const subject = { observed, owned, desired, mostFailures: 6 };
            const told = await withNamespace((scene) => rehearseIn([scene], subject));
            assert.deepEqual(told.copy.discrepancies, []);
            assert.ok(told.asPlanned, 'it is the plan for the host');
            assert.match(told.played.result, /accepted|empty/, JSON.stringify(told.played));
            steps += told.plan.steps.length;
            trials += told.rollbacks.length;
            for (const { step, title, leftovers } of told.rollbacks)
              assert.deepEqual(leftovers, [], `${step} ${title}`);
          } finally {
            host.close();
          }
        }),
      ),
      { seed: SEED, numRuns: RUNS, includeErrorInReport: true, endOnFailure: true },
    );
    console.log(`# seed ${SEED}: ${RUNS} transitions of ${steps} steps, taken back ${trials} times`);
  });
});
