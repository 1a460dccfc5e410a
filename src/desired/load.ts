import type { Declared, Desired, OnDrift, Source } from '../model/desired.ts';
import { ConfigError, formatSource } from '../model/errors.ts';
import { KINDS } from '../model/kinds.ts';
import { joinRoutes, type ListedRoutes, type RouteList } from '../model/route-list.ts';
import type { KindName, KindTypes } from '../model/state.ts';
import { normalizeAddress } from './address.ts';
import type { Entry, LinkOutline, Surroundings } from './entry.ts';
import { normalizeExpectation } from './expectation.ts';
import { fitEntry } from './fit-entries.ts';
import { canStayColumns } from './keep-lists.ts';
import { normalizeLink } from './link.ts';
import { checkLinkGraph } from './link-graph.ts';
import type { NameTables } from './names.ts';
import { normalizeNeighbor } from './neighbor.ts';
import { normalizeNexthop } from './nexthop.ts';
import { createProblems, type Problems } from './problems.ts';
import { type FileReader, type Input, readInputs } from './read-inputs.ts';
import { normalizeRouteEntry } from './route-entry.ts';
import { shareHops } from './route-hops.ts';
import { normalizeRule } from './rule.ts';
import type { Address, Expectation, Link, Neighbor, Nexthop, Route, Rule, StateFile } from './schema.gen.ts';
import { checkSchema } from './schema-problems.ts';
import { type Place, sourceAt } from './source-file.ts';

export interface LoadOptions extends FileReader {
  /** files, folders, or `-` for standard input */
  readonly files: readonly string[];
  readonly names: NameTables;
}

/**
 * Reads state files, checks them and brings them into the model's form. Several files count as one.
 * @throws {ConfigError} with every problem of every file at once, in the order of the files' text
 */
export const loadDesired = async (options: LoadOptions): Promise<Desired> => {
  const reader = { ...options, readFile: readOnce(options) };
  const { desired, problems, folded } = await load(reader, true);
  if (desired !== undefined) return desired;
  // problems are told of each route where it stands
  const plain = folded ? await load(reader, false) : undefined;
  if (plain?.desired !== undefined) return plain.desired;
  throw new ConfigError((plain?.problems ?? problems).list());
};

/** Standard input can be read only once. */
const readOnce = ({ readFile }: FileReader): FileReader['readFile'] => {
  const texts = new Map<string, Promise<string>>();
  return (path) => {
    const text = texts.get(path) ?? readFile(path);
    texts.set(path, text);
    return text;
  };
};

interface Loaded {
  /** absent where there are problems, or where a run of like routes turned out to be something else */
  readonly desired?: Desired;
  readonly problems: Problems;
  /** some routes stood for many */
  readonly folded: boolean;
}

const load = async (options: LoadOptions, folds: boolean): Promise<Loaded> => {
  const problems = createProblems();
  const { inputs, files, folded } = await readInputs(options.files, options, problems, folds);
  const sections = inputs.map((input) => readSections(input, problems));
  const surroundings = { names: options.names, links: outlineLinks(sections, options.names) };
  const objects = await normalize(sections, surroundings, options);
  const { exactAddresses, lists, ...single } = objects;
  const listed: ListedRoutes = { single: objects.route, lists };
  const keepsLists = canStayColumns(listed, surroundings.links);
  const declared = keepsLists ? single : { ...single, route: joinRoutes(listed) };
  checkLinkGraph(declared.link, problems);
  checkDevices(declared, surroundings, problems);
  for (const kind of Object.keys(KINDS) as KindName[]) checkDuplicates(kind, declared[kind], problems);
  const expectations = sections
    .flatMap(({ expect }) => expect)
    .flatMap((entry) => (entry.partial === true ? [] : (normalizeExpectation(entry) ?? [])));
  const prune = mergePrune(sections, problems);
  if (problems.count > 0 || !inputs.every(areRunsRoutes)) return { problems, folded };
  const rest = { exactAddresses, prune, onDrift: mergeOnDrift(sections), expectations, files };
  const desired =
    keepsLists && lists.length > 0
      ? { ...rest, listed, objects: withLists(declared, listed) }
      : { ...rest, objects: declared };
  return { desired, problems, folded };
};

/** Whether each item that stands for a run is one of the routes, with the prefix that was seen there. */
const areRunsRoutes = ({ content, runs }: Input): boolean => {
  if (runs.size === 0) return true;
  const items = content.place.members?.get('routes')?.items ?? [];
  const { routes } = content.value as { routes?: readonly Route[] };
  const found = items.filter(({ start }, i) => {
    const run = runs.get(start);
    return run !== undefined && routes?.[i]?.to === run.prefix && routes[i].state !== 'absent';
  });
  return found.length === runs.size;
};

type DeclaredObjects = { [K in KindName]: Declared<KindTypes[K]>[] };

/** The routes of lists become objects when somebody asks for all of them. */
const withLists = (objects: DeclaredObjects, listed: ListedRoutes): Desired['objects'] => {
  let all: Desired['objects']['route'] | undefined;
  return {
    ...objects,
    get route() {
      all ??= joinRoutes(listed);
      return all;
    },
  };
};

/** The entries of one file that fit the schema. */
interface Sections {
  readonly links: readonly (readonly [string, Entry<Link>])[];
  readonly addresses: readonly Entry<Address>[];
  readonly nexthops: readonly Entry<Nexthop>[];
  readonly routes: readonly Entry<Route>[];
  readonly runs: Input['runs'];
  readonly rules: readonly Entry<Rule>[];
  readonly neighbors: readonly Entry<Neighbor>[];
  readonly expect: readonly Entry<Expectation>[];
  readonly prune: { readonly value: Desired['prune']; readonly source: Source } | undefined;
  readonly onDrift: Readonly<Record<string, OnDrift>>;
}

const readSections = ({ file, content, runs }: Input, problems: Problems): Sections => {
  const unfit = checkSchema(content, file, problems);
  const root = content.place;
  const value: Partial<StateFile> = isMapping(content.value) ? (content.value as StateFile) : {};
  const fit = <T extends object>(written: T, place: Place | undefined, path: string): readonly Entry<T>[] => {
    const entry = place === undefined ? undefined : fitEntry(written, place, file, problems, unfit.get(path));
    return entry === undefined ? [] : [entry];
  };
  const list = <T extends object>(section: string, written: readonly T[] | undefined): readonly Entry<T>[] => {
    const places = root.members?.get(section)?.items ?? [];
    return unfit.has(section) ? [] : (written ?? []).flatMap((item, i) => fit(item, places[i], `${section}/${i}`));
  };
  const links = Object.entries(unfit.has('links') ? {} : (value.links ?? {})) as readonly (readonly [string, Link])[];
  const linkPlaces = root.members?.get('links')?.members;
  return {
    links: links.flatMap(([name, link]) =>
      fit(link, linkPlaces?.get(name), `links/${name}`).map((entry) => [name, entry] as const),
    ),
    addresses: list('addresses', value.addresses).filter(
      ({ value: { address, dev } }) => address !== undefined && dev !== undefined,
    ),
    nexthops: list('nexthops', value.nexthops),
    routes: list('routes', value.routes),
    runs,
    rules: list('rules', value.rules),
    neighbors: list('neighbors', value.neighbors),
    expect: list('expect', value.expect),
    prune:
      value.prune === undefined || unfit.has('prune')
        ? undefined
        : { value: value.prune, source: sourceAt(file, root.members?.get('prune')?.start ?? 0) },
    onDrift: unfit.has('on_drift') ? {} : ((value.on_drift ?? {}) as Readonly<Record<string, OnDrift>>),
  };
};

const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What other objects ask of declared links, before anything is normalised; bad names are reported later. */
const outlineLinks = (sections: readonly Sections[], names: NameTables): ReadonlyMap<string, LinkOutline> => {
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
  sections: readonly Sections[],
  surroundings: Surroundings,
  reader: FileReader,
): Promise<Objects> => {
  const objects: Objects = {
    link: [],
    address: [],
    nexthop: [],
    route: [],
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
      const normalized = normalizeLink(entry, name, surroundings);
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
  for (const kind of ['address', 'nexthop', 'route', 'neighbor'] as const) {
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

/** Of several files, the later one has its way. */
const mergeOnDrift = (sections: readonly Sections[]): Desired['onDrift'] => {
  const bySection = Object.assign({}, ...sections.map(({ onDrift }) => onDrift)) as Readonly<Record<string, OnDrift>>;
  return Object.fromEntries(
    Object.values(KINDS).flatMap(({ name, section }) => {
      const policy = bySection[section];
      return policy === undefined ? [] : [[name, policy]];
    }),
  );
};

const mergePrune = (sections: readonly Sections[], problems: Problems): Desired['prune'] => {
  let found: Sections['prune'];
  for (const { prune } of sections) {
    if (found !== undefined && prune !== undefined && prune.value !== found.value) {
      problems.add(
        'NR_CONTRADICTION',
        `prune is ${prune.value} here and ${found.value} at ${formatSource(found.source)}`,
        prune.source,
      );
    }
    found ??= prune;
  }
  return found?.value ?? 'own';
};
