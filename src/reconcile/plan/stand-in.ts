import type { Address } from '../../model/address.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Op } from '../../model/op.ts';
import { sameSubnet } from '../effects/address.ts';
import type { Change } from './diff.ts';
import type { Goal } from './goal.ts';
import type { WorkingState } from './working-state.ts';

/** Whether anything but the kernel's own routes depends on IPv4 being on at the link. */
const isInUse = (state: WorkingState, dev: string): boolean =>
  state.on('route', dev).some((route) => route.family === 'inet' && !kindOf('route').isKernels(route)) ||
  state
    .on('neighbor', dev)
    .some((entry) => 'family' in entry && entry.family === 'inet' && !kindOf('neighbor').isKernels(entry));

/** Whether the deletion leaves the link without IPv4 addresses: secondaries go along unless they are promoted. */
const takesLast = (state: WorkingState, gone: Address): boolean => {
  const promote = state.link(gone.dev)?.conf?.promote_secondaries === true;
  return state
    .on('address', gone.dev)
    .every(
      (other) =>
        other.family !== 'inet' || other === gone || (!promote && gone.secondary !== true && sameSubnet(other, gone)),
    );
};

const isOn = (dev: string, object: unknown): object is Address =>
  (object as Address).dev === dev && (object as Address).family === 'inet';

/** An IPv4 address that the link has when all is done. */
const lastingAddress = (goal: Goal, dev: string): Address | undefined => {
  for (const { kind, object } of goal.wanted) if (kind === 'address' && isOn(dev, object)) return object;
  for (const { kind, object } of goal.preserved) if (kind === 'address' && isOn(dev, object)) return object;
  return undefined;
};

/**
 * With the last IPv4 address of a link the kernel drops every IPv4 route through it (fib_disable_ip), also where an
 * address of the same subnet is to stay but is a secondary without promote_secondaries, or is only made anew. An address
 * that lasts is then put beside it as a /32, which is a primary of a subnet of its own, until the deletion is done.
 * @param state - before the deletion
 * @returns the address to add before `op` and to delete in the end; undefined where `op` needs none
 */
export const standInFor = (op: Op, goal: Goal, state: WorkingState): Address | undefined => {
  if (op.kind !== 'address' || op.action !== 'delete' || op.object.family !== 'inet') return undefined;
  // the record of a transaction does not name what its rollback makes: cut short, it would leave that behind
  if (goal.fidelity === 'exact') return undefined;
  const gone = state.find('address', op.object);
  if (gone === undefined || !takesLast(state, gone) || !isInUse(state, gone.dev)) return undefined;
  const lasting = lastingAddress(goal, gone.dev);
  if (lasting === undefined || state.link(gone.dev)?.state !== 'up') return undefined;
  const { dev, address } = lasting;
  const standIn: Address = { dev, family: 'inet', address, prefixlen: 32, protocol: NETRECON_PROTOCOL };
  const isTaken = [...goal.wanted, ...goal.preserved].some(
    ({ kind, object }) =>
      kind === 'address' && isOn(dev, object) && object.address === address && object.prefixlen === 32,
  );
  return isTaken ? undefined : standIn;
};

/** The change that adds a stand-in, or takes it away again. */
export const standInChange = (address: Address, action: 'create' | 'delete'): Change => ({
  kind: 'address',
  slot: kindOf('address').slot(address),
  action,
  reason: 'interim',
  ...(action === 'create' ? { after: address } : { before: address }),
  differences: [],
});
