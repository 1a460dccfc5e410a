import type { Desired } from '../../model/desired.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { State } from '../../model/state.ts';
import type { ListSieve } from '../lists/list-sieve.ts';
import { isSameChoice, SHARING_KINDS, type Shared, Sharing, type SharingOptions } from './share.ts';

/** A choice, and what was looked at for it. */
export interface SharedOnHost extends Shared {
  /** a dump through a sieve of the files as chosen, where it took one; it may serve as the next */
  readonly look?: { readonly observed: State; readonly sieve: ListSieve | undefined };
}

/**
 * Chooses the nexthop objects that files leave to netrecon, by looking at as little of a host as tells: its routes only where
 * an object may become another way in its place.
 * @param sieveFor - what leaves routes of lists out of that look
 */
export const shareOnHost = async (
  desired: Desired,
  kernel: KernelPort,
  sieveFor: (desired: Desired) => ListSieve | undefined,
  options: Pick<SharingOptions, 'barred'> = {},
): Promise<SharedOnHost> => {
  const view = await kernel.dump({ kinds: SHARING_KINDS });
  const able = new Sharing(desired, view, options);
  const hasNexthops = !able.isWanted || (await kernel.hasNexthops());
  const sharing = hasNexthops ? able : new Sharing(desired, view, { ...options, hasNexthops });
  const guess = sharing.guess();
  if (!sharing.isOpen) return guess;
  const sieve = sieveFor(guess.desired);
  const observed = await kernel.dump(sieve === undefined ? {} : { sieve });
  const shared = sharing.settle(observed.route, sieve?.byNexthop() ?? []);
  return isSameChoice(guess.numbers, shared.numbers) ? { ...guess, look: { observed, sieve } } : shared;
};
