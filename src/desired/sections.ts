import type { Desired, OnDrift, Source } from '../model/desired.ts';
import type { Entry } from './entry.ts';
import { fitEntry } from './fit-entries.ts';
import type { Problems } from './problems.ts';
import type { Input } from './read-inputs.ts';
import type { Address, Expectation, Link, Namespace, Neighbor, Nexthop, Route, Rule, StateFile } from './schema.gen.ts';
import { checkSchema, type Unfit } from './schema-problems.ts';
import { type Place, type SourceFile, sourceAt } from './source-file.ts';

/** The entries about one network namespace, of one file, that fit the schema. */
export interface ObjectSections {
  readonly links: readonly (readonly [string, Entry<Link>])[];
  readonly addresses: readonly Entry<Address>[];
  readonly nexthops: readonly Entry<Nexthop>[];
  readonly routes: readonly Entry<Route>[];
  readonly runs: Input['runs'];
  readonly rules: readonly Entry<Rule>[];
  readonly neighbors: readonly Entry<Neighbor>[];
  readonly nexthopObjects?: Setting<'auto' | 'none'>;
}

/** A word that is about all of a namespace, and where it stands. */
export interface Setting<T> {
  readonly value: T;
  readonly source: Source;
}

/** A namespace of `namespaces`, as one file has it. */
export interface NamespaceSection {
  readonly name: string;
  readonly absent: boolean;
  readonly source: Source;
  readonly sections: ObjectSections;
}

/** The entries of one file that fit the schema. */
export interface Sections extends ObjectSections {
  readonly expect: readonly Entry<Expectation>[];
  readonly prune?: Setting<Desired['prune']>;
  readonly onDrift: Readonly<Record<string, OnDrift>>;
  readonly namespaces: readonly NamespaceSection[];
}

const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What entries are read with. */
interface Reading {
  readonly file: SourceFile;
  readonly problems: Problems;
  readonly unfit: Unfit;
  /** of the paths in `unfit`: '', or `namespaces/NAME/` */
  readonly prefix: string;
}

const fit = <T extends object>(
  written: T,
  place: Place | undefined,
  path: string,
  { file, problems, unfit, prefix }: Reading,
): readonly Entry<T>[] => {
  const entry = place === undefined ? undefined : fitEntry(written, place, file, problems, unfit.get(prefix + path));
  return entry === undefined ? [] : [entry];
};

const fitList = <T extends object>(
  section: string,
  written: readonly T[] | undefined,
  place: Place,
  reading: Reading,
): readonly Entry<T>[] => {
  const places = place.members?.get(section)?.items ?? [];
  if (reading.unfit.has(reading.prefix + section)) return [];
  return (written ?? []).flatMap((item, i) => fit(item, places[i], `${section}/${i}`, reading));
};

const readSetting = <T>(
  name: string,
  value: T | undefined,
  place: Place,
  { file, unfit, prefix }: Reading,
): Setting<T> | undefined =>
  value === undefined || unfit.has(prefix + name)
    ? undefined
    : { value, source: sourceAt(file, place.members?.get(name)?.start ?? 0) };

const readObjects = (
  value: Partial<StateFile>,
  place: Place,
  runs: Input['runs'],
  reading: Reading,
): ObjectSections => {
  const written = reading.unfit.has(`${reading.prefix}links`) ? {} : (value.links ?? {});
  const links = Object.entries(written) as readonly (readonly [string, Link])[];
  const linkPlaces = place.members?.get('links')?.members;
  const list = <T extends object>(section: string, items: readonly T[] | undefined) =>
    fitList(section, items, place, reading);
  const nexthopObjects = readSetting('nexthop_objects', value.nexthop_objects, place, reading);
  return {
    links: links.flatMap(([name, link]) =>
      fit(link, linkPlaces?.get(name), `links/${name}`, reading).map((entry) => [name, entry] as const),
    ),
    addresses: list('addresses', value.addresses).filter(
      ({ value: { address, dev } }) => address !== undefined && dev !== undefined,
    ),
    nexthops: list('nexthops', value.nexthops),
    routes: list('routes', value.routes),
    runs,
    rules: list('rules', value.rules),
    neighbors: list('neighbors', value.neighbors),
    ...(nexthopObjects === undefined ? {} : { nexthopObjects }),
  };
};

const readNamespaces = (value: Partial<StateFile>, root: Place, reading: Reading): readonly NamespaceSection[] => {
  const { file, unfit } = reading;
  const places = root.members?.get('namespaces')?.members;
  const written = unfit.has('namespaces') ? {} : (value.namespaces ?? {});
  return (Object.entries(written) as readonly (readonly [string, Namespace])[]).flatMap(([name, namespace]) => {
    const place = places?.get(name);
    const prefix = `namespaces/${name}`;
    if (place === undefined || unfit.get(prefix)?.some((path) => path.length === 0)) return [];
    return {
      name,
      absent: namespace.state === 'absent',
      source: sourceAt(file, place.key ?? place.start),
      sections: readObjects(namespace as Partial<StateFile>, place, new Map(), { ...reading, prefix: `${prefix}/` }),
    };
  });
};

/** The parts of a file; what does not fit the schema is reported and left out. */
export const readSections = ({ file, content, runs }: Input, problems: Problems): Sections => {
  const unfit = checkSchema(content, file, problems);
  const root = content.place;
  const value: Partial<StateFile> = isMapping(content.value) ? (content.value as StateFile) : {};
  const reading: Reading = { file, problems, unfit, prefix: '' };
  const prune = readSetting('prune', value.prune, root, reading);
  return {
    ...readObjects(value, root, runs, reading),
    expect: fitList('expect', value.expect, root, reading),
    ...(prune === undefined ? {} : { prune }),
    onDrift: unfit.has('on_drift') ? {} : ((value.on_drift ?? {}) as Readonly<Record<string, OnDrift>>),
    namespaces: readNamespaces(value, root, reading),
  };
};
