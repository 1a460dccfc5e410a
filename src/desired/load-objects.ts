import { type Declared, type Desired, type Source, withLists } from '../model/desired.ts';
import { formatSource } from '../model/errors.ts';
import { KINDS } from '../model/kinds.ts';
import { joinRoutes, type ListedRoutes, type RouteList } from '../model/route-list.ts';
import type { KindName, KindTypes } from '../model/state.ts';
import { normalizeAddress } from './address.ts';
import type { Entry, LinkOutline, Surroundings } from './entry.ts';
import { canStayColumns } from './keep-lists.ts';
import { readKeyFiles } from './key-files.ts';
import { normalizeLink } from './link.ts';
import { checkLinkGraph } from './link-graph.ts';
import { mergeSettings } from './merge-settings.ts';
import type { NameTables } from './names.ts';
import { normalizeNeighbor } from './neighbor.ts';
import { normalizeNexthop } from './nexthop.ts';
import type { Problems } from './problems.ts';
import type { FileReader } from './read-inputs.ts';
import { normalizeRouteEntry } from './route-entry.ts';
import { shareHops } from './route-hops.ts';
import { normalizeRule } from './rule.ts';
import type { ObjectSections } from './sections.ts';

export type DeclaredObjects = { [K in KindName]: Declared<KindTypes[K]>[] };

/** What the files say of one network namespace. */
export interface LoadedObjects {
  readonly objects: Omit<DeclaredObjects, 'route'> & Pick<Desired['objects'], 'route'>;
  /** see Desired; absent where the routes are all in `objects` */
  readonly listed?: ListedRoutes;
  readonly exactAddresses: ReadonlyMap<string, Source>;
  /** see Desired */
  readonly nexthopObjects?: 'auto';
}

/** What other objects ask of declared links, before anything is normalised; bad names are reported later. */
const outlineLinks = (sections: readonly ObjectSections[], names: NameTables): ReadonlyMap<string, LinkOutline> => {
  const outlines = new Map<string, LinkOutline>();
  for (const { links } of sections) {
    for (const [name, { value }] of links) {
      const table = value.vrf?.table;
      outlines.set(name, {
        kind: value.kind,
        absent: value.state === 'absent',
        master: value.master,
        table: typeof table === 'string' ? names.tables.toNumber(table) : table,
      });
    }
  }
  return outlines;
};

type Objects = DeclaredObjects & { lists: RouteList[]; exactAddresses: Map<string, Source> };

const normalize = async (
  sections: readonly ObjectSections[],
  surroundings: Surroundings,
  reader: FileReader,
): Promise<Objects> => {
  const objects: Objects = {
    link: [],
    address: [],
    nexthop: [],
    route: [],
    mpls: [],
    rule: [],
    neighbor: [],
    lists: [],
    exactAddresses: new Map(),
  };
  const keep = <T>(list: T[], entry: Entry<unknown>, item: T | undefined): void => {
    if (item !== undefined && entry.partial !== true) list.push(item);
  };
  for (const section of sections) {
    for (const [name, entry] of section.links) {
      const keys = entry.value.wireguard === undefined ? undefined : await readKeyFiles(entry, reader);
      const normalized = normalizeLink(entry, name, keys === undefined ? surroundings : { ...surroundings, keys });
      if (normalized === undefined || entry.partial) continue;
      objects.link.push(normalized.link);
      for (const address of normalized.addresses) objects.address.push(address);
      if (normalized.exact !== undefined) objects.exactAddresses.set(name, normalized.exact);
    }
    for (const entry of section.addresses)
      keep(objects.address, entry, normalizeAddress(entry, entry.value.dev, surroundings));
    for (const entry of section.nexthops) keep(objects.nexthop, entry, normalizeNexthop(entry, surroundings));
    for (const entry of section.routes) {
      const run = section.runs.get(entry.place.start);
      await normalizeRouteEntry(entry, run, objects, surroundings, reader);
    }
    for (const entry of section.rules) keep(objects.rule, entry, normalizeRule(entry, surroundings));
    for (const entry of section.neighbors) keep(objects.neighbor, entry, normalizeNeighbor(entry, surroundings));
  }
  return { ...objects, route: shareHops(objects.route) };
};

/** Nothing can stand on a link that the same files declare absent. */
const checkDevices = (objects: DeclaredObjects, { links }: Surroundings, problems: Problems): void => {
  for (const kind of ['address', 'nexthop', 'route', 'mpls', 'neighbor'] as const) {
    for (const declared of objects[kind] as readonly Declared<KindTypes[typeof kind]>[]) {
      if (declared.absent) continue;
      for (const dev of KINDS[kind].devs(declared.object as never)) {
        if (links.get(dev)?.absent !== true) continue;
        const what = KINDS[kind].describe(declared.object as never);
        problems.add(
          'NR_CONTRADICTION',
          `${what} needs ${dev}, which must not exist`,
          declared.fields.dev ?? declared.source,
        );
      }
    }
  }
};

/** The kernel has one place for each slot; what is declared twice names both lines. */
const checkDuplicates = <K extends KindName>(
  kind: K,
  list: readonly Declared<KindTypes[K]>[],
  problems: Problems,
): void => {
  const first = new Map<string, Declared<KindTypes[K]>>();
  for (const declared of list) {
    const slot = KINDS[kind].slot(declared.object);
    const earlier = first.get(slot);
    if (earlier === undefined) first.set(slot, declared);
    else {
      const message = `${KINDS[kind].describe(declared.object)} is declared twice (first at ${formatSource(earlier.source)})`;
      problems.add('NR_DUPLICATE', message, declared.source);
    }
  }
};

/** Brings the entries about one namespace, of all files, into the model's form, and checks them against each other. */
export const loadObjects = async (
  sections: readonly ObjectSections[],
  { names, ...reader }: FileReader & { readonly names: NameTables },
  problems: Problems,
): Promise<LoadedObjects> => {
  const surroundings = { names, links: outlineLinks(sections, names) };
  const { exactAddresses, lists, ...single } = await normalize(sections, surroundings, reader);
  const listed: ListedRoutes = { single: single.route, lists };
  const keepsLists = canStayColumns(listed, surroundings.links);
  const declared = keepsLists ? single : { ...single, route: joinRoutes(listed) };
  checkLinkGraph(declared.link, problems);
  checkDevices(declared, surroundings, problems);
  for (const kind of Object.keys(KINDS) as KindName[]) checkDuplicates(kind, declared[kind], problems);
  const asked = sections.flatMap(({ nexthopObjects }) => nexthopObjects ?? []);
  const isShared = mergeSettings('nexthop_objects', asked, problems) === 'auto';
  const rest = { exactAddresses, ...(isShared ? { nexthopObjects: 'auto' as const } : {}) };
  return keepsLists && lists.length > 0
    ? { objects: withLists(declared, listed), listed, ...rest }
    : { objects: declared, ...rest };
};
