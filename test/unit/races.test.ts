import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelEvent, KernelPort } from '../../src/model/kernel-port.ts';
import { ROUTE, type Route } from '../../src/model/route.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { planLost } from '../../src/reconcile/transaction/lost.ts';
import { watchRaces } from '../../src/reconcile/transaction/races.ts';
import { route } from './sample-plans.ts';

const OWN = 7;
const OTHER = 9;

/** What a watch has heard of these events. */
const heard = (events: readonly KernelEvent[]) => {
  const subscription = {
    drain: () => ({ events, overrun: false }),
    onReadable: () => undefined,
    close: () => undefined,
  };
  const watch = watchRaces({ portId: OWN, subscribe: () => subscription } as unknown as KernelPort);
  watch.look({ slots: new Set(), doomedLinks: new Set() });
  return watch;
};

const eventOf = (object: Route, action: 'new' | 'delete', portId: number, replaces = false): KernelEvent => ({
  ...{ kind: 'route', action, object, portId, sequence: 0 },
  ...(replaces ? { replaces } : {}),
});

const worked = route('10.1.0.0/24', '10.0.0.254');
const beside = route('10.2.0.0/24', '10.0.0.254');
const theirs = route('10.2.0.0/24', '10.0.0.254', { protocol: 3 });
const stateOf = (...routes: readonly Route[]): State => ({
  ...emptyState(),
  link: [{ name: 'eth0', index: 2, state: 'up' }],
  address: [{ dev: 'eth0', family: 'inet', address: '10.0.0.1', prefixlen: 16 } as State['address'][number]],
  route: routes,
});
const before = stateOf(worked, beside);
const touched = [{ kind: 'route', slot: ROUTE.slot(worked) }] as const;
const lost = (events: readonly KernelEvent[], now: State): readonly string[] =>
  planLost(heard(events).withoutDeleted(before), now, touched).steps.map(({ title }) => title);

describe('what others do beside a transaction', () => {
  it('is no loss of the transaction: not what they delete, nor what they replace', () => {
    assert.deepEqual(lost([], stateOf(worked)), ['create route 10.2.0.0/24'], 'nobody else took it');
    assert.deepEqual(lost([eventOf(beside, 'delete', OTHER)], stateOf(worked)), []);
    assert.deepEqual(lost([eventOf(theirs, 'new', OTHER, true)], stateOf(worked, theirs)), []);
    assert.deepEqual(lost([eventOf(theirs, 'new', OWN, true)], stateOf(worked, theirs)), ['create route 10.2.0.0/24']);
  });

  it('is forgotten once it is as it was', () => {
    const back = [eventOf(beside, 'delete', OTHER), eventOf(beside, 'new', OTHER)];
    assert.deepEqual(heard(back).withoutDeleted(before).route, before.route);
    const same = [eventOf(theirs, 'new', OTHER, true), eventOf(beside, 'new', OTHER, true)];
    assert.deepEqual(heard(same).withoutDeleted(before).route, before.route);
  });
});
