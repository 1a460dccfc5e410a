import { Document, isMap, isSeq } from 'yaml';
import type { NameTables } from '../desired/names.ts';
import type { Link as LinkEntry, StateFile } from '../desired/schema.gen.ts';
import { inlineLength, LONGEST_FLOW, YAML_STYLE, YAML_TAGS } from '../desired/yaml-style.ts';
import type { Address } from '../model/address.ts';
import { isLinkLocal } from '../model/ip.ts';
import { NETRECON_PROTOCOL, type Ref } from '../model/kind.ts';
import { KINDS } from '../model/kinds.ts';
import type { KindName, KindTypes, State } from '../model/state.ts';
import { exportAddress } from './export-address.ts';
import { exportLink, isWorthDeclaring } from './export-link.ts';
import { exportMplsRoute } from './export-mpls-route.ts';
import { exportNeighbor } from './export-neighbor.ts';
import { exportNexthop } from './export-nexthop.ts';
import { exportRoute } from './export-route.ts';
import { exportRule } from './export-rule.ts';

export interface ExportOptions {
  /** also what daemons installed, with its protocol */
  readonly all: boolean;
  readonly names: NameTables;
  /** what netrecon made that carries no mark in the kernel (the record's `owned`): it belongs in the file */
  readonly owned?: readonly Ref[];
}

/** A state file as plain data, in canonical order. */
export type ExportDocument = StateFile;

/**
 * The state file that describes a state: what the file can express, in as few words as say it. Left out is what the
 * kernel made by itself, what a daemon keeps (unless `all`), and what the file has no words for: an
 * encapsulation of a rare type, a second route in the slot of a first. Pure; loading the result gives the objects of the state.
 */
export const exportState = (state: State, { all, names, owned = [] }: ExportOptions): ExportDocument => {
  const isOwned = createOwnership(owned);
  const links = exportLinks(state, all, names);
  const nexthops = choose('nexthop', state.nexthop, all, isOwned).flatMap(
    (nexthop) => exportNexthop(nexthop, names) ?? [],
  );
  const routes = choose('route', state.route, all, isOwned).flatMap((route) => exportRoute(route, names) ?? []);
  const mpls = choose('mpls', state.mpls, all, isOwned).flatMap((route) => exportMplsRoute(route, names) ?? []);
  const rules = choose('rule', state.rule, all, isOwned).flatMap((rule) => exportRule(rule, names) ?? []);
  const neighbors = choose('neighbor', inFileOrder(state.neighbor), all, isOwned).flatMap(
    (neighbor) => exportNeighbor(neighbor, { links, names }) ?? [],
  );
  return {
    version: 1,
    ...(Object.keys(links).length > 0 && { links }),
    ...(nexthops.length > 0 && { nexthops }),
    ...(routes.length + mpls.length > 0 && { routes: [...routes, ...mpls] }),
    ...(rules.length > 0 && { rules }),
    ...(neighbors.length > 0 && { neighbors }),
  };
};

/**
 * The state file that describes several namespaces.
 * @param states - by name; undefined is the namespace that the file itself is about
 */
export const exportWorld = (
  states: ReadonlyMap<string | undefined, State>,
  exportOne: (state: State) => ExportDocument,
): ExportDocument => {
  const root = states.get(undefined);
  const others = [...states].flatMap(([name, state]) => {
    if (name === undefined) return [];
    const { version: _, ...sections } = exportOne(state);
    return [[name, sections] as const];
  });
  return {
    ...(root === undefined ? { version: 1 } : exportOne(root)),
    ...(others.length > 0 && { namespaces: Object.fromEntries(others) }),
  };
};

const createOwnership = (owned: readonly Ref[]): ((kind: KindName, slot: string) => boolean) => {
  const refs = new Set(owned.map(({ kind, slot }) => `${kind} ${slot}`));
  return (kind, slot) => refs.has(`${kind} ${slot}`);
};

/** Forwarding entries are dumped in the order of a hash: by link and address they read the same every time. */
const inFileOrder = (neighbors: State['neighbor']): State['neighbor'] => {
  const isHashed = ({ type }: { readonly type: string }) => type === 'fdb' || type === 'mdb';
  const fdb = neighbors.filter(isHashed);
  const bySlot = new Map(fdb.map((entry) => [entry, KINDS.neighbor.slot(entry)]));
  fdb.sort((a, b) => ((bySlot.get(a) as string) < (bySlot.get(b) as string) ? -1 : 1));
  return [...neighbors.filter((entry) => !isHashed(entry)), ...fdb];
};

/** What belongs in the file, the first of each slot: the file has one entry a slot. */
const choose = <K extends KindName>(
  kind: K,
  objects: readonly KindTypes[K][],
  all: boolean,
  isOwned: (kind: KindName, slot: string) => boolean,
): readonly KindTypes[K][] => {
  const { isKernels, isHandMade, owner, slot } = KINDS[kind];
  const taken = new Set<string>();
  return objects.filter((object) => {
    const key = slot(object);
    if (!isOwned(kind, key)) {
      if (isKernels(object)) return false;
      if (!all && !isHandMade(object) && owner(object) !== NETRECON_PROTOCOL) return false;
    }
    if (taken.has(key)) return false;
    taken.add(key);
    return true;
  });
};

/** Hardware first, then virtual links, each by name. */
const exportLinks = (state: State, all: boolean, names: NameTables): Record<string, LinkEntry> => {
  const byName = new Map(state.link.map((link) => [link.name, link]));
  const addresses = addressesByDev(state.address, all);
  const sorted = state.link.toSorted(
    (a, b) => Number(a.kind !== undefined) - Number(b.kind !== undefined) || (a.name < b.name ? -1 : 1),
  );
  const entries: Record<string, LinkEntry> = {};
  for (const link of sorted) {
    const own = addresses.get(link.name) ?? [];
    if (KINDS.link.isKernels(link) || !isWorthDeclaring(link, own.length)) continue;
    entries[link.name] = {
      ...exportLink(link, byName, names),
      ...(own.length > 0 && { addresses: own.map((address) => exportAddress(address, names)) }),
    };
  }
  return entries;
};

/**
 * IPv4 addresses stay in the order of the dump, in which the first of a subnet is the primary one; IPv6 addresses are
 * dumped in the reverse of the order in which they were made.
 */
const addressesByDev = (addresses: readonly Address[], all: boolean): ReadonlyMap<string, readonly Address[]> => {
  const lasting = addresses.filter((address) => isConfigured(address) && !isLinkLocal(address.address));
  const byDev = new Map<string, Address[]>();
  const chosen = choose('address', lasting, all, () => false);
  for (const address of [
    ...chosen.filter(({ family }) => family === 'inet'),
    ...chosen.filter(({ family }) => family === 'inet6').toReversed(),
  ]) {
    const list = byDev.get(address.dev);
    if (list === undefined) byDev.set(address.dev, [address]);
    else list.push(address);
  }
  return byDev;
};

/** An address that ends by itself is the work of DHCP or a router, unless it carries our mark. */
const isConfigured = ({ dynamic, protocol }: Address): boolean => dynamic !== true || protocol === NETRECON_PROTOCOL;

/** A document as YAML: one line for each entry that fits, a block for each link. */
export const renderYaml = (document: ExportDocument): string => {
  const yaml = new Document(document, { version: '1.2', aliasDuplicateObjects: false, ...YAML_TAGS });
  layOutSections(yaml.contents);
  const namespaces = yaml.get('namespaces');
  if (isMap(namespaces)) for (const { value } of namespaces.items) layOutSections(value);
  return yaml.toString(YAML_STYLE);
};

const layOutSections = (file: unknown): void => {
  if (!isMap(file)) return;
  for (const section of ['nexthops', 'routes', 'rules', 'neighbors']) layOutMembers(file.get(section));
  const links = file.get('links');
  if (isMap(links)) for (const { value } of links.items) layOutMembers(value);
};

/** On one line what fits there; of what does not, its members. */
const layOut = (node: unknown): void => {
  if (!isMap(node) && !isSeq(node)) return;
  node.flow = true;
  if (inlineLength(node, 'core') <= LONGEST_FLOW) return;
  node.flow = false;
  layOutMembers(node);
};

const layOutMembers = (node: unknown): void => {
  if (isMap(node)) for (const { value } of node.items) layOut(value);
  if (isSeq(node)) for (const item of node.items) layOut(item);
};
