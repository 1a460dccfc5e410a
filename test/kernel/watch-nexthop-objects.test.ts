import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ipJson, ipRun } from './support.ts';
import { eventually, withWatch } from './watch-support.ts';

const COUNT = 100;
const FIRST = 110_000;

/** The far end of the link, and with it the carrier, is the test's affair. */
const STATE = `version: 1
nexthop_objects: auto
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
routes:
${Array.from({ length: COUNT }, (_, i) => `  - {to: 172.16.${i}.0/24, via: 10.0.0.2, dev: v0}\n`).join('')}`;

interface Shown {
  readonly nhid?: number;
  readonly gateway?: string;
}

/** How many routes go by each number; `none`: by themselves. */
const counted = (ns: string): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { nhid = 'none' } of ipJson(ns, 'route show proto 110') as readonly Shown[])
    counts[nhid] = (counts[nhid] ?? 0) + 1;
  return counts;
};

const allBy = (ns: string, nhid: number | 'none'): Promise<boolean> =>
  eventually(`all routes by ${nhid}`, () => counted(ns)[nhid] === COUNT && Object.keys(counted(ns)).length === 1);

/** A link that never had a carrier may get its object; one that has lost it does not. */
const gainCarrier = async (ns: string): Promise<void> => {
  assert.deepEqual(counted(ns), { none: COUNT });
  ipRun(ns, 'link set v1 up');
  await allBy(ns, FIRST);
};

describe('watch and the nexthop objects that it makes', () => {
  it('puts the object and its routes back when somebody deletes it', () =>
    withWatch(STATE, async (ns, watch) => {
      await gainCarrier(ns);
      ipRun(ns, `nexthop del id ${FIRST}`);
      assert.deepEqual(counted(ns), {}, 'the routes go with it');
      await allBy(ns, FIRST);
      const told = await eventually('the drift', () => watch.drift(/nexthop id 110000/));
      assert.equal(told.was, 'deleted');
    }));

  it('lets the routes go by themselves once the carrier has gone, and leaves them so when it comes back', () =>
    withWatch(STATE, async (ns, watch) => {
      await gainCarrier(ns);
      ipRun(ns, 'link set v1 down');
      await allBy(ns, 'none');
      ipRun(ns, 'link set v1 up');
      ipRun(ns, 'route del 172.16.7.0/24');
      await allBy(ns, 'none');
      const plan = watch.run('plan', watch.path).stdout;
      assert.match(plan, /\+ nexthop id 110000/);
      assert.match(plan, /1 to create, 100 to update, 0 to replace, 0 to delete/);
    }));
});
