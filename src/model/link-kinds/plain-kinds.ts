import type { LinkKindSpec } from './spec.ts';

/** Kinds that have nothing to set by rtnetlink. */
const plain = (kind: string): LinkKindSpec => ({ kind, parent: 'none', options: {} });

export const dummy: LinkKindSpec = plain('dummy');
/** Takes packets that tc redirects to it. */
export const ifb: LinkKindSpec = plain('ifb');
/** Shows netlink messages as packets. */
export const nlmon: LinkKindSpec = plain('nlmon');
/** A CAN bus without hardware. */
export const vcan: LinkKindSpec = plain('vcan');
/** The device and its ports; the runner of the team speaks generic netlink to it (teamd). */
export const team: LinkKindSpec = { ...plain('team'), takesPorts: true, attachDown: true };
