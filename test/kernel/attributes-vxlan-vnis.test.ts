import { describe } from 'node:test';
import type { Value } from '../../src/model/value.ts';
import { testCases } from './cases/run-case.ts';
import type { Expected, StateCase } from './cases/state-case.ts';
import { lacksKind } from './support.ts';

const fileOf = (vnis: Value, more: Readonly<Record<string, Value>> = {}): string =>
  `links: ${JSON.stringify({
    vx0: { kind: 'vxlan', vxlan: { external: true, vnifilter: true, dstport: 4789, vnis, ...more } },
  })}`;

const shows = (...vnis: readonly Expected[]) => ({
  'bridge vni show dev vx0': vnis.length === 0 ? [] : [{ ifname: 'vx0', vnis }],
});

const vni = (first: number, last?: number, more: Readonly<Record<string, Expected>> = {}): Expected => ({
  vni: first,
  vniEnd: last,
  ...more,
});

const change = (
  name: string,
  a: Value,
  shownA: readonly Expected[],
  b: Value,
  shownB: readonly Expected[],
): StateCase => ({
  name,
  yaml: fileOf(a),
  shows: shows(...shownA),
  next: { yaml: fileOf(b), shows: shows(...shownB), actions: ['update'] },
});

const CASES: readonly StateCase[] = [
  change('one, and another beside it', [10], [vni(10)], [10, 20], [vni(10), vni(20)]),
  // the kernel keeps a record of each: all sixteen million would take gigabytes
  change('none, and many', [], [], ['1-1000', 16777215], [vni(1, 1000), vni(16777215)]),
  change('a range with a hole', ['100-200'], [vni(100, 200)], ['100-149', '152-200'], [vni(100, 149), vni(152, 200)]),
  change('all others', ['10-12', 30], [vni(10, 12), vni(30)], [], []),
  {
    name: 'VNIs that go to a remote',
    yaml: fileOf([{ vni: '10-12', group: '192.0.2.1' }, 20]),
    shows: shows(vni(10, 12, { remote: '192.0.2.1' }), vni(20)),
    next: {
      yaml: fileOf([{ vni: 10, group: '192.0.2.2' }, '11-12', { vni: 20, group: '192.0.2.1' }]),
      shows: shows(
        vni(10, undefined, { remote: '192.0.2.2' }),
        vni(11, 12),
        vni(20, undefined, { remote: '192.0.2.1' }),
      ),
      actions: ['update'],
    },
  },
  {
    name: 'VNIs of a VXLAN that is made anew',
    yaml: fileOf(['10-12']),
    shows: shows(vni(10, 12)),
    next: {
      yaml: fileOf(['10-12'], { udpcsum: true, dstport: 4790 }),
      shows: shows(vni(10, 12)),
      actions: ['replace'],
    },
  },
  {
    name: 'VNIs that go with vnifilter',
    yaml: fileOf([10]),
    shows: shows(vni(10)),
    next: {
      yaml: 'links: {vx0: {kind: vxlan, vxlan: {external: true, vnifilter: false, dstport: 4789}}}',
      shows: {},
      actions: ['replace'],
    },
  },
];

const lacking = await lacksKind('vxlan');

describe('VNIs of a VXLAN', { skip: lacking }, () => testCases(CASES));
