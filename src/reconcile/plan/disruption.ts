import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import type { Op, OpOf } from '../../model/op.ts';
import type { WorkingState } from './working-state.ts';

const masterOf = (state: WorkingState, link: Link | undefined): Link | undefined =>
  typeof link?.master === 'string' ? state.link(link.master) : undefined;

const portsOf = (state: WorkingState, name: string): readonly Link[] =>
  state.on('link', name).filter(({ master }) => master === name);

/** A bridge that was given no MAC address has the lowest of its ports (br_stp_if.c br_stp_recalculate_bridge_id). */
const isFromPort = (state: WorkingState, bridge: Link): boolean =>
  portsOf(state, bridge.name).some(({ lladdr }) => lladdr === bridge.lladdr);

const isIdle = (state: WorkingState, bridge: Link, port: Link): boolean =>
  bridge.state !== 'up' || portsOf(state, bridge.name).every(({ name }) => name === port.name);

const attachment = (state: WorkingState, op: OpOf<'link'>): string[] => {
  const port = state.link(op.object.name);
  if (port === undefined || port.state !== 'up') return [];
  const [old, next] = [masterOf(state, port), masterOf(state, op.object)];
  const out: string[] = [];
  for (const [master, verb] of [[old, 'leaves'] as const, [next, 'joins'] as const]) {
    if (master?.kind === 'vrf') out.push(`it goes down and up again as it ${verb} VRF ${master.name}`);
  }
  if (LINK_KINDS[old?.kind ?? '']?.attachDown === true) out.push(`it goes down as it leaves ${old?.kind} ${old?.name}`);
  if (old?.kind === 'bridge' && old.lladdr === port.lladdr && !isIdle(state, old, port)) {
    out.push(`bridge ${old.name} loses the MAC address that it has from it, and takes another`);
  }
  if (next?.kind !== 'bridge') return out;
  if (isFromPort(state, next) && (port.lladdr ?? '') < (next.lladdr ?? '') && !isIdle(state, next, port)) {
    out.push(`bridge ${next.name} takes its MAC address, which is lower than its own`);
  }
  if (old === undefined && state.on('address', port.name).some(({ address }) => !address.startsWith('fe80')))
    out.push(`its addresses are no longer reached, as it becomes a port of bridge ${next.name}`);
  return out;
};

/**
 * What an operation on a link does to traffic beside what it takes along: one sentence each, about the link. Pure.
 * @param state - before the operation
 */
export const disruptionsOfOperation = (op: Op, state: WorkingState): readonly string[] => {
  if (op.kind !== 'link' || op.action !== 'update') return [];
  const link = state.link(op.object.name);
  if (link?.state !== 'up') return [];
  switch (op.stage) {
    case 'master':
      return attachment(state, op);
    case 'base':
      return op.fields?.includes('lladdr') === true && link.lladdr !== undefined
        ? ['its MAC address changes; others reach it again once they have learned the new one']
        : [];
    default:
      return [];
  }
};
