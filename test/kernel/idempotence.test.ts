import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  applyWithEveryFault,
  assertExportIsNoChange,
  assertIdempotent,
  assertView,
  settledView,
  withQuietNamespace,
} from './cases/run-case.ts';
import { openTestHost } from './harness.ts';
import { ipRun, lacksKind } from './support.ts';

const EXAMPLES = join(process.cwd(), 'examples');

/** Hardware that an example takes for granted, and kinds that it makes and some kernels lack. */
const NEEDS: Readonly<Record<string, { readonly hardware?: readonly string[]; readonly kinds?: readonly string[] }>> = {
  'bridge-vlans.yaml': { kinds: ['vlan'] },
  'bridge.yaml': {},
  'nexthops.yaml': {},
  'router.yaml': {},
  'two-uplinks.yaml': { hardware: ['uplink0', 'uplink1'] },
  'vlan-trunk.yaml': { hardware: ['trunk0'], kinds: ['vlan'] },
  'vrf.yaml': { kinds: ['vrf'] },
  'vxlan.yaml': {},
};

/** Applied by cli.test.ts and several-namespaces.test.ts: of several namespaces, or of more steps than these tests refuse. */
const ELSEWHERE = ['namespaces.yaml', 'shared-nexthops.yaml'];
const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml') && !ELSEWHERE.includes(name));
const lists = Object.fromEntries(
  readdirSync(join(EXAMPLES, 'lists')).map((name) => [
    `lists/${name}`,
    readFileSync(join(EXAMPLES, 'lists', name), 'utf8'),
  ]),
);

describe('every example', () => {
  it('is known to this test', () => assert.deepEqual(examples.sort(), Object.keys(NEEDS).sort()));

  for (const name of examples) {
    const { hardware = [], kinds = [] } = NEEDS[name] ?? {};
    it(`${name}: applies, survives a refusal of each operation, changes nothing again, is exported, and goes`, async (t) => {
      const lacking = await lacksKind(...kinds);
      if (lacking !== false) {
        t.skip(lacking);
        return;
      }
      await withQuietNamespace(async (ns) => {
        for (const dev of hardware) {
          ipRun(ns, `link add ${dev} type veth peer name far-${dev}`, `link set ${dev} up`, `link set far-${dev} up`);
        }
        const yaml = readFileSync(join(EXAMPLES, name), 'utf8');
        const host = openTestHost(ns);
        try {
          const before = await settledView(ns);
          const outcome = await applyWithEveryFault(ns, host, yaml, { lists, settled: before });
          assert.equal(outcome.status, 'applied');
          await assertIdempotent(host, yaml, lists);
          await assertExportIsNoChange(host);
          const gone = await host.apply('version: 1\n');
          assert.equal(gone.status, 'applied');
          if (kinds.length === 0) await assertView(ns, before, 'dropped from the file');
        } finally {
          host.close();
        }
      });
    });
  }
});
