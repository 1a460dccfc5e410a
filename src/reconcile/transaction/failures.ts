import { isNetreconError } from '../../model/errors.ts';
import { isLinkLocal } from '../../model/ip.ts';
import type { KernelRefusal, Op } from '../../model/op.ts';
import type { PlanStep } from '../plan/plan-types.ts';
import type { Failure } from './outcome.ts';

/** One line for people: the step, the kernel's errno and words, the attribute. */
const refusalText = (title: string, { name, message, attribute }: KernelRefusal): string =>
  `${title}: ${name}${message === undefined ? '' : ` "${message}"`}${attribute === undefined ? '' : ` (${attribute})`}`;

const HINTS: Readonly<Record<string, string>> = {
  EPERM: 'changing the network needs CAP_NET_ADMIN in the namespace: run as root',
  EOPNOTSUPP:
    'this kernel does not support it (a kind of link or an option that it was not built with, or a change it does not allow)',
  EBUSY: 'something else holds the object',
  ENODEV: 'the link vanished after the plan was made',
  ENETDOWN: 'the kernel takes this only through a link that is up and has a carrier',
};

/** What makes room for the route of a label. */
export const labelHint = (label: number): string =>
  `sysctl -w net.mpls.platform_labels=${label + 1} (or more) in that namespace makes room for it`;

const hintOf = ({ op }: PlanStep, { name, message = '' }: KernelRefusal): string | undefined =>
  op.kind === 'mpls' && message.includes('platform_labels') ? labelHint(op.object.label) : HINTS[name];

/** The failure of a step that the kernel did not carry out. */
export const refused = (step: PlanStep, refusal: KernelRefusal): Failure => {
  const hint = hintOf(step, refusal);
  return {
    cause: 'refused',
    message: refusalText(step.title, refusal),
    step,
    refusal,
    ...(hint === undefined ? {} : { hint }),
  };
};

/**
 * A deletion of what is not there has nothing to do. That it went by itself can be a cascade no model predicts (a bridge
 * that loses its carrier forgets its proxy entries); that nothing else is amiss is for the verification to show.
 */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EADDRNOTAVAIL', 'ENODEV']);

/**
 * A forwarding entry without a VLAN goes into every VLAN of its port, and a tunnel that comes up gets a link-local address
 * for each IPv4 address of the host (addrconf_sit_config): those are there when their turn comes.
 */
const isMadeAlready = (op: Op, { name }: KernelRefusal): boolean => {
  if (op.action !== 'create' || name !== 'EEXIST') return false;
  if (op.kind === 'address') return isLinkLocal(op.object.address);
  return op.kind === 'neighbor' && op.object.type === 'fdb';
};

/** Whether a refusal says that there was nothing to do. */
export const isDoneAlready = (op: Op, refusal: KernelRefusal): boolean =>
  (op.action === 'delete' && GONE.has(refusal.name)) || isMadeAlready(op, refusal);

export const INTERRUPTED: Failure = { cause: 'interrupted', message: 'interrupted by a signal' };

/**
 * Runs something that talks to the kernel.
 * @returns the failure where the socket broke off: what became of the operations in flight is not known
 */
export const guardTransport = async (
  step: PlanStep,
  work: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (!isNetreconError(error)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { cause: 'transport', message: error.message, step, ...hint };
  }
};
