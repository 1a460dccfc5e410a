import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MPLS_CASES, SEG6_CASES, TUNNEL_CASES } from './cases/encap.ts';
import {
  applyWithEveryFault,
  assertExportIsNoChange,
  assertIdempotent,
  testCases,
  withQuietNamespace,
} from './cases/run-case.ts';
import { ADDRESSED_PAIR } from './ground.ts';
import { openTestHost } from './harness.ts';
import { ipRun, ipTry, lacksKind, nsExec, withNamespace } from './support.ts';

const GROUND = [
  'link set lo up',
  ...ADDRESSED_PAIR,
  'link add vx0 type vxlan external dstport 4789',
  'link set vx0 up',
];

/** For the `skip` option of a test: encapsulations are built in, modules, or not there. */
const lacksEncap = (what: string, encap: string): Promise<string | false> =>
  withNamespace(async (ns) => {
    ipRun(ns, 'link set lo up');
    const { status, stderr } = ipTry(ns, `route add 10.9.0.0/16 encap ${encap} dev lo`);
    if (status === 0) return false;
    if (/not supported/.test(stderr)) return `kernel lacks ${what}`;
    throw new Error(`probe of ${what}: ${stderr.trim()}`);
  });
const lacksMpls = await lacksEncap('MPLS', 'mpls 100');
const lacksSeg6 = await lacksEncap('SRv6', 'seg6 mode encap segs 2001:db8::1');

const VRF_CASES = [
  { action: 'End.DT4', vrftable: 500, shown: 'encap seg6local action End.DT4 vrftable 500' },
  { action: 'End.DT6', vrftable: 500, shown: 'encap seg6local action End.DT6 vrftable 500' },
  { action: 'End.DT46', vrftable: 500, shown: 'encap seg6local action End.DT46 vrftable 500' },
];

describe('tunnel metadata on routes', () => testCases(TUNNEL_CASES, GROUND));
describe('segment routing on routes', () => testCases(SEG6_CASES(lacksSeg6), GROUND));
/** Such actions want the tables of VRFs to be one to one (net.vrf.strict_mode). */
describe('segments that end in a VRF', async () => {
  const skip = lacksSeg6 === false ? await lacksKind('vrf') : lacksSeg6;
  it('one of each action', { skip }, () =>
    withQuietNamespace(async (ns) => {
      ipRun(ns, ...GROUND, 'link add red type vrf table 500', 'link set red up');
      assert.equal(nsExec(ns, 'sysctl', '-qw', 'net.vrf.strict_mode=1').status, 0);
      const routes = VRF_CASES.map(
        ({ action, vrftable }, i) =>
          `{to: "2001:db8:a::${i + 1}", dev: red, encap: {type: seg6local, action: ${action}, vrftable: ${vrftable}}}`,
      );
      const yaml = `version: 1\nroutes: [${routes.join(', ')}]\n`;
      const host = openTestHost(ns);
      try {
        assert.equal((await applyWithEveryFault(ns, host, yaml)).status, 'applied');
        const { stdout } = ipTry(ns, '-6 -d route show dev red');
        for (const { shown } of VRF_CASES) assert.ok(stdout.includes(shown), stdout);
        await assertIdempotent(host, yaml);
        await assertExportIsNoChange(host);
      } finally {
        host.close();
      }
    }),
  );
});

describe('label stacks on routes', () => testCases(MPLS_CASES(lacksMpls), GROUND));
