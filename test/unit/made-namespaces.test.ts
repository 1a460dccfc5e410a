import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isStrangers, type WorldPort } from '../../src/reconcile/world/world-port.ts';

it('a namespace is the one that was made if the record says so, and by nothing less', () => {
  const world = { identityOf: (name: string) => (name === 'red' ? 'net-5' : undefined) } as WorldPort;
  assert.equal(isStrangers(world, { name: 'red', identity: 'net-5' }), false);
  assert.equal(isStrangers(world, { name: 'red', identity: 'net-4' }), true);
  assert.equal(isStrangers(world, { name: 'red' }), true, 'killed before ours had a name');
  assert.equal(isStrangers(world, { name: 'blue', identity: 'net-4' }), false, 'it has gone');
});
