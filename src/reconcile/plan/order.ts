import type { Address } from '../../model/address.ts';
import { encapDev } from '../../model/encap.ts';
import { NetreconError } from '../../model/errors.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { LINK_KINDS, lowerLinks } from '../../model/link-kinds/index.ts';
import type { MplsRoute } from '../../model/mpls-route.ts';
import type { Neighbor } from '../../model/neighbor.ts';
import { memberIds } from '../../model/nexthop.ts';
import type { Op, OpOf } from '../../model/op.ts';
import type { Route } from '../../model/route.ts';
import type { Rule } from '../../model/rule.ts';
import { createBundler } from './bundle.ts';
import { DependencyGraph } from './graph.ts';
import type { WorkingState } from './working-state.ts';

/** An operation and what has to be known of it for the order. */
interface Node {
  readonly op: Op;
  readonly index: number;
  readonly group: number;
  /** operations that the order treats like this one, and their groups */
  readonly alike?: { readonly op: Op; readonly group: number }[];
}

/** An operation in its place. */
export interface OrderedOp {
  readonly op: Op;
  readonly group: number;
  /** operations next to each other with the same number may be sent in any order among themselves */
  readonly bundle?: number;
}

/**
 * Among operations that are all possible, additions go before removals, lower layers are added first and removed last:
 * a changed default route never leaves a gap.
 */
const rank = ({ op }: Node): number => {
  if (op.action === 'delete')
    return { rule: 10, neighbor: 11, route: 12, mpls: 12, nexthop: 13, address: 14, link: 15 }[op.kind];
  const adding = { link: 0, address: 2, nexthop: 3, route: 4, mpls: 4, rule: 5, neighbor: 6 }[op.kind];
  return op.kind === 'link' && op.action === 'update' ? 1 : adding;
};

/** Deletions that something to be added waits for come before those that nothing waits for. */
const NEEDED_DELETION = 7;

const parentsOf = (link: Link): string[] => [
  ...(typeof link.link === 'string' ? [link.link] : []),
  ...lowerLinks(link.kind, link.options).map(({ name }) => name),
];

/** What must be there before the operation, as names of facts that other operations of the same batch establish. */
const addLink = (graph: DependencyGraph<Node>, node: Node, op: OpOf<'link'>): void => {
  const { name } = op.object;
  graph.provides(node, `ready ${name}`);
  if (op.action === 'create') {
    graph.provides(node, `exists ${name}`);
    if (typeof op.object.options?.peer === 'string') graph.provides(node, `exists ${op.object.options.peer}`);
    graph.needs(node, `free link ${name}`);
    // a macvlan is refused on a port (EBUSY) and wants no larger MTU than its parent has: the parent is finished first
    for (const parent of parentsOf(op.object)) graph.needs(node, `ready ${parent}`);
    return;
  }
  graph.needs(node, `exists ${name}`);
  // a bridge that is down lets go of no group (br_mdb.c, EINVAL)
  if (op.stage === 'down') graph.needs(node, `ungrouped ${name}`);
  if (op.stage === 'master') {
    if (typeof op.object.master === 'string') {
      graph.needs(node, `exists ${op.object.master}`);
      graph.provides(node, `ports ${op.object.master}`);
      // options of a bond or bridge that forbid ports are set first
      graph.needs(node, `options ${op.object.master}`);
      // one receive handler a device: a macvlan on the port has to go before (netdev_rx_handler_register, EBUSY)
      graph.needs(node, `uncovered ${name}`);
    }
  }
  // vlan_filtering and vlan_default_pvid come before what the VLANs of the ports are
  if (op.stage === 'vlans' && typeof op.object.master === 'string') graph.needs(node, `options ${op.object.master}`);
  if (op.stage === 'options') {
    const late = op.fields?.some(
      (field) => LINK_KINDS[op.object.kind ?? '']?.options[field.slice('options.'.length)]?.afterPorts === true,
    );
    if (late === true) graph.needs(node, `ports ${name}`);
    else graph.provides(node, `options ${name}`);
  }
  // a VLAN cannot come up before its parent (ENETDOWN), nor be larger than it (vlan_dev_change_mtu)
  if (op.stage === 'up') {
    graph.provides(node, `up ${name}`);
    for (const parent of parentsOf(op.object)) graph.needs(node, `up ${parent}`);
  }
  if (op.stage === 'base') {
    graph.provides(node, `base ${name}`);
    for (const parent of parentsOf(op.object)) graph.needs(node, `base ${parent}`);
  }
};

const addAddress = (graph: DependencyGraph<Node>, node: Node, address: Address): void => {
  graph.provides(node, `addresses ${address.dev}`);
  graph.provides(node, `address ${address.address}`);
  graph.needs(node, `ready ${address.dev}`);
};

const addRoute = (graph: DependencyGraph<Node>, node: Node, route: Route): void => {
  graph.provides(node, `table ${route.table}`);
  for (const hop of route.hops) {
    if (hop.encap !== undefined) for (const dev of encapDev(hop.encap)) graph.needs(node, `ready ${dev}`);
    if (hop.dev !== undefined) {
      graph.needs(node, `ready ${hop.dev}`);
      graph.needs(node, `addresses ${hop.dev}`);
      if (hop.via === undefined) graph.provides(node, `onlink ${hop.dev}`);
      else graph.needs(node, `onlink ${hop.dev}`);
    }
  }
  if (route.src !== undefined) graph.needs(node, `address ${route.src}`);
  if (route.nhid !== undefined) graph.needs(node, `nexthop ${route.nhid}`);
};

const addNexthop = (graph: DependencyGraph<Node>, node: Node, { object, before }: OpOf<'nexthop'>): void => {
  const members = memberIds(object);
  for (const id of members) graph.needs(node, `nexthop ${id}`);
  if (before !== undefined)
    for (const id of memberIds(before)) if (!members.includes(id)) graph.provides(node, `unshared nexthop ${id}`);
  // a blackhole stands on lo, which must be up (nexthop_create)
  if (object.blackhole === true) graph.needs(node, 'ready lo');
  // and it is alone in a group (replace_nexthop): whoever waits for a usable member does not wait for this
  if (object.blackhole === true && before !== undefined) graph.needs(node, `unshared nexthop ${object.id}`);
  else graph.provides(node, `nexthop ${object.id}`);
  if (object.dev === undefined) return;
  for (const dev of encapDev(object.encap)) graph.needs(node, `ready ${dev}`);
  graph.needs(node, `ready ${object.dev}`);
  graph.needs(node, `addresses ${object.dev}`);
  if (object.via !== undefined) graph.needs(node, `onlink ${object.dev}`);
};

const addMplsRoute = (graph: DependencyGraph<Node>, node: Node, route: MplsRoute): void => {
  for (const dev of kindOf('mpls').devs(route)) {
    graph.needs(node, `ready ${dev}`);
    // its neighbors are asked for from an address of the link
    graph.needs(node, `addresses ${dev}`);
  }
};

const addRule = (graph: DependencyGraph<Node>, node: Node, rule: Rule): void => {
  graph.provides(node, `priority ${rule.family} ${rule.priority}`);
  if (rule.action === 'goto') graph.needs(node, `priority ${rule.family} ${rule.goto}`);
  // a rule that points at a table goes in once the table is filled
  if (rule.table !== undefined) graph.needs(node, `table ${rule.table}`);
};

const addNeighbor = (graph: DependencyGraph<Node>, node: Node, neighbor: Neighbor): void => {
  for (const dev of kindOf('neighbor').devs(neighbor)) graph.needs(node, `ready ${dev}`);
  if (neighbor.type === 'fdb' && neighbor.nhid !== undefined) graph.needs(node, `nexthop ${neighbor.nhid}`);
};

const addDeletion = (graph: DependencyGraph<Node>, node: Node, op: Op): void => {
  const { kind } = op;
  switch (kind) {
    case 'rule':
      if (op.object.table !== undefined) graph.provides(node, `unruled ${op.object.table}`);
      break;
    case 'route':
      graph.needs(node, `unruled ${op.object.table}`);
      for (const dev of kindOf(kind).devs(op.object)) graph.provides(node, `unused ${dev}`);
      if (op.object.nhid !== undefined) graph.provides(node, `unused nexthop ${op.object.nhid}`);
      break;
    case 'mpls':
      for (const dev of kindOf(kind).devs(op.object)) graph.provides(node, `unused ${dev}`);
      break;
    case 'nexthop':
      graph.needs(node, `unused nexthop ${op.object.id}`);
      for (const id of memberIds(op.object)) {
        graph.provides(node, `unused nexthop ${id}`);
        graph.provides(node, `unshared nexthop ${id}`);
      }
      for (const dev of kindOf(kind).devs(op.object)) graph.provides(node, `unused ${dev}`);
      break;
    case 'neighbor':
      for (const dev of kindOf(kind).devs(op.object)) graph.provides(node, `bare ${dev}`);
      if (op.object.type === 'fdb' && op.object.nhid !== undefined)
        graph.provides(node, `unused nexthop ${op.object.nhid}`);
      if (op.object.type === 'mdb') graph.provides(node, `ungrouped ${op.object.dev}`);
      break;
    case 'address':
      graph.needs(node, `unused ${op.object.dev}`);
      graph.provides(node, `bare ${op.object.dev}`);
      break;
    case 'link':
      graph.needs(node, `bare ${op.object.name}`);
      graph.needs(node, `unused ${op.object.name}`);
      for (const below of kindOf(kind).devs(op.object)) graph.provides(node, `bare ${below}`);
      for (const parent of parentsOf(op.object)) graph.provides(node, `uncovered ${parent}`);
      break;
  }
};

const addNode = (graph: DependencyGraph<Node>, node: Node, state: WorkingState): void => {
  const { op } = node;
  const slot = kindOf(op.kind).slot(op.object);
  graph.add(node);
  if (op.action === 'delete') {
    graph.provides(node, `free ${op.kind} ${slot}`);
    addDeletion(graph, node, op);
    return;
  }
  if (op.action === 'create' && op.kind !== 'link') {
    const collides = state.inSlot(op.kind, slot).some((entry) => !kindOf(op.kind).coexists(op.object, entry));
    if (collides) graph.needs(node, `free ${op.kind} ${slot}`);
  }
  switch (op.kind) {
    case 'link':
      addLink(graph, node, op);
      return;
    case 'address':
      addAddress(graph, node, op.object);
      return;
    case 'nexthop':
      addNexthop(graph, node, op);
      return;
    case 'route':
      addRoute(graph, node, op.object);
      if (op.before?.nhid !== undefined && op.before.nhid !== op.object.nhid)
        graph.provides(node, `unused nexthop ${op.before.nhid}`);
      return;
    case 'mpls':
      addMplsRoute(graph, node, op.object);
      return;
    case 'rule':
      addRule(graph, node, op.object);
      return;
    case 'neighbor':
      addNeighbor(graph, node, op.object);
      return;
  }
};

/**
 * Sorts operations so that each finds what it needs. Pure; the result depends on nothing but the arguments.
 * @param groups - the operations of each change, in their own order, which is kept where they concern one link
 * @param state - the state before the first of them
 * @returns the operations in order
 * @throws {NetreconError} NR_PLAN_CYCLE when they need each other in a circle
 */
export const orderOperations = (groups: readonly (readonly Op[])[], state: WorkingState): OrderedOp[] => {
  const graph = new DependencyGraph<Node>();
  const bundleOf = createBundler(groups, state);
  const bundles = new Map<string, Node>();
  let index = 0;
  for (const [group, ops] of groups.entries()) {
    let previous: Node | undefined;
    const key = bundleOf(ops);
    const bundle = key === undefined ? undefined : bundles.get(key);
    if (bundle !== undefined) {
      bundle.alike?.push({ op: ops[0] as Op, group });
      continue;
    }
    for (const op of ops) {
      const node: Node = { op, index: index++, group, ...(key === undefined ? {} : { alike: [{ op, group }] }) };
      if (key !== undefined) bundles.set(key, node);
      addNode(graph, node, state);
      if (previous !== undefined && op.kind === 'link') graph.after(node, previous);
      previous = node;
    }
  }
  const needed = graph.ancestorsOf((node) => node.op.action !== 'delete');
  const order = graph.sort((node) => {
    const base = rank(node);
    return [node.op.action === 'delete' && needed.has(node) ? NEEDED_DELETION : base, node.index];
  });
  if (order.cycle !== undefined) {
    const names = order.cycle.map(({ op }) => `${op.action} ${kindOf(op.kind).describe(op.object)}`);
    throw new NetreconError('NR_PLAN_CYCLE', `these operations need each other: ${names.join(' -> ')}`);
  }
  const out: OrderedOp[] = [];
  for (const [bundle, { op, group, alike }] of order.sorted.entries()) {
    if (alike === undefined) out.push({ op, group });
    else for (const one of alike) out.push({ ...one, bundle });
  }
  return out;
};
