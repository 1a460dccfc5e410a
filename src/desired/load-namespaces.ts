import type { Declared, Desired, DesiredNamespace, Source } from '../model/desired.ts';
import { formatSource } from '../model/errors.ts';
import type { Link as ModelLink } from '../model/link.ts';
import { type Entry, innerEntry } from './entry.ts';
import { type LoadedObjects, loadObjects } from './load-objects.ts';
import type { NameTables } from './names.ts';
import { nearest, type Problems } from './problems.ts';
import type { FileReader } from './read-inputs.ts';
import type { Link } from './schema.gen.ts';
import type { NamespaceSection, ObjectSections, Sections } from './sections.ts';

/** A namespace as all files together have it. */
interface NamespaceOutline {
  readonly name: string;
  readonly absent: boolean;
  readonly source: Source;
  readonly sections: readonly ObjectSections[];
}

type Outlines = ReadonlyMap<string, NamespaceOutline>;

/** What the file system takes for a name below /run/netns; control characters only confuse. */
const isNamespaceName = (name: string): boolean =>
  !/^\.{0,2}$/.test(name) && !/[/\p{Cc}]/u.test(name) && new TextEncoder().encode(name).length <= 255;

const checkName = ({ name, source }: NamespaceSection, problems: Problems): boolean => {
  if (isNamespaceName(name)) return true;
  const hint = 'it becomes a file under /run/netns: at most 255 bytes without "/", and neither "." nor ".."';
  problems.add('NR_BAD_VALUE', `${JSON.stringify(name)} cannot be the name of a network namespace`, source, hint);
  return false;
};

const hasContent = ({ links, addresses, nexthops, routes, rules, neighbors }: ObjectSections): boolean =>
  [links, addresses, nexthops, routes, rules, neighbors].some(({ length }) => length > 0);

/** The namespaces that the files name, each once; what several files say of one is about the same. */
const outlineNamespaces = (files: readonly Sections[], problems: Problems): Outlines => {
  const outlines = new Map<string, NamespaceOutline>();
  for (const section of files.flatMap(({ namespaces }) => namespaces)) {
    if (!checkName(section, problems)) continue;
    const { name, absent, source, sections } = section;
    const earlier = outlines.get(name);
    if (earlier !== undefined && earlier.absent !== absent) {
      const message = `namespace ${name} is declared absent in one place and not in the other (${formatSource(earlier.source)})`;
      problems.add('NR_CONTRADICTION', message, source);
    }
    if (absent && hasContent(sections))
      problems.add('NR_CONTRADICTION', `namespace ${name} must not exist, so nothing can be in it`, source);
    outlines.set(
      name,
      earlier === undefined
        ? { name, absent, source, sections: [sections] }
        : { ...earlier, sections: [...earlier.sections, sections] },
    );
  }
  return outlines;
};

/** Whether a namespace that a link names can be its place. */
const checkPlace = (entry: Entry<unknown>, name: string, outlines: Outlines): boolean => {
  const outline = outlines.get(name);
  if (outline === undefined) {
    const near = nearest(name, [...outlines.keys()]);
    const hint =
      near === undefined
        ? `"namespaces: {${JSON.stringify(name)}: {}}" is enough`
        : `did you mean ${JSON.stringify(near)}?`;
    entry.problem('NR_NO_NAMESPACE', `namespace ${JSON.stringify(name)} is not among "namespaces"`, 'netns', hint);
  } else if (outline.absent) {
    const hint = `it is declared absent at ${formatSource(outline.source)}`;
    entry.problem('NR_CONTRADICTION', `namespace ${name} must not exist, and nothing can go there`, 'netns', hint);
  }
  return outline?.absent === false;
};

type NamedLink = ObjectSections['links'][number];

/** The links of the file itself that go to a namespace, by its name. */
const departures = (files: readonly Sections[], outlines: Outlines): ReadonlyMap<string, readonly NamedLink[]> => {
  const leaving = new Map<string, NamedLink[]>();
  for (const [name, entry] of files.flatMap(({ links }) => links)) {
    const { netns } = entry.value;
    if (netns === undefined || !checkPlace(entry, netns, outlines)) continue;
    if (entry.value.state === 'absent')
      entry.problem(
        'NR_CONTRADICTION',
        `where ${name} must not exist is said there: namespaces.${netns}.links`,
        'netns',
      );
    const list = leaving.get(netns);
    if (list === undefined) leaving.set(netns, [[name, entry]]);
    else list.push([name, entry]);
  }
  return leaving;
};

/** The sections of the file itself without the links that go elsewhere. */
const withoutDepartures = (section: Sections): ObjectSections => ({
  ...section,
  links: section.links.filter(([, { value }]) => value.netns === undefined),
});

/** Which links name another namespace for themselves or their far end, and must not. */
const checkLinks = (sections: readonly ObjectSections[], own: string | undefined, outlines: Outlines): void => {
  for (const [, entry] of sections.flatMap(({ links }) => links)) {
    const { netns, veth } = entry.value as Link;
    if (own !== undefined && netns !== undefined)
      entry.problem(
        'NR_CONTRADICTION',
        `only a link of the file itself goes elsewhere, not one of a namespace`,
        'netns',
      );
    if (veth?.netns === undefined) continue;
    const inner = innerEntry(entry, veth, 'veth');
    if (veth.netns === own) inner.problem('NR_CONTRADICTION', `both ends are in ${own}: leave out netns`, 'netns');
    else checkPlace(inner, veth.netns, outlines);
  }
};

interface Scope {
  /** undefined: that of the file itself */
  readonly name: string | undefined;
  readonly loaded: LoadedObjects;
}

/** The far end of a pair is a link of its namespace, which is there whether or not anything else is said of it. */
const declareFarEnd = (
  { object, source }: Declared<ModelLink>,
  { name: own }: Scope,
  { loaded }: Scope,
  problems: Problems,
): void => {
  const { farEnd } = object;
  if (farEnd === undefined) return;
  const place = `${farEnd.name} in namespace ${farEnd.netns}`;
  const other = loaded.objects.link.find(({ object: { name } }) => name === farEnd.name);
  if (other === undefined) {
    const end = { object: { name: farEnd.name, index: 0 }, absent: false, adopt: false, source, fields: {} };
    loaded.objects.link.push(end);
    return;
  }
  const at = `(${formatSource(other.source)})`;
  const back = other.object.farEnd;
  if (other.absent) problems.add('NR_CONTRADICTION', `the peer ${place} must not exist ${at}`, source);
  else if (other.object.kind !== undefined && (back?.name !== object.name || back.netns !== own)) {
    const hint = 'declare the far end without kind, like hardware: the pair is made from this side';
    problems.add('NR_CONTRADICTION', `the peer ${place} is declared as another link ${at}`, source, hint);
  }
};

const checkFarEndsOnce = (links: readonly Declared<ModelLink>[], problems: Problems): void => {
  const taken = new Map<string, Declared<ModelLink>>();
  for (const declared of links) {
    const { farEnd } = declared.object;
    if (farEnd === undefined) continue;
    const key = `${farEnd.netns}/${farEnd.name}`;
    const earlier = taken.get(key);
    if (earlier === undefined) taken.set(key, declared);
    else {
      const message = `${farEnd.name} in namespace ${farEnd.netns} is the peer of ${earlier.object.name} already (${formatSource(earlier.source)})`;
      problems.add('NR_DUPLICATE', message, declared.source);
    }
  }
};

/** What the files say of the namespace that they are for, and of others by name. */
export interface LoadedScopes {
  readonly root: LoadedObjects;
  readonly namespaces: readonly (Pick<DesiredNamespace, 'name' | 'absent' | 'source'> & {
    readonly loaded: LoadedObjects;
  })[];
}

/** Loads every namespace that the files speak of, and checks what they say of each other. */
export const loadScopes = async (
  files: readonly Sections[],
  reader: FileReader & { readonly names: NameTables },
  problems: Problems,
): Promise<LoadedScopes> => {
  const outlines = outlineNamespaces(files, problems);
  const leaving = departures(files, outlines);
  checkLinks(files, undefined, outlines);
  for (const { name, sections } of outlines.values()) checkLinks(sections, name, outlines);
  const root = await loadObjects(files.map(withoutDepartures), reader, problems);
  const namespaces: LoadedScopes['namespaces'][number][] = [];
  for (const { name, absent, source, sections } of outlines.values()) {
    const links = leaving.get(name) ?? [];
    const arriving: ObjectSections = { ...EMPTY_SECTIONS, links };
    const all = links.length === 0 ? sections : [...sections, arriving];
    namespaces.push({ name, absent, source, loaded: await loadObjects(all, reader, problems) });
  }
  const scopes: Scope[] = [{ name: undefined, loaded: root }, ...namespaces];
  const links = scopes.flatMap((scope) => scope.loaded.objects.link.map((declared) => ({ scope, declared })));
  for (const { scope, declared } of links) {
    const far = scopes.find(({ name }) => name !== undefined && name === declared.object.farEnd?.netns);
    if (far !== undefined) declareFarEnd(declared, scope, far, problems);
  }
  checkFarEndsOnce(
    links.map(({ declared }) => declared),
    problems,
  );
  return { root, namespaces };
};

const EMPTY_SECTIONS: ObjectSections = {
  links: [],
  addresses: [],
  nexthops: [],
  routes: [],
  runs: new Map(),
  rules: [],
  neighbors: [],
};

/** A namespace in the model's form. */
export const desiredNamespace = (
  { name, absent, source, loaded }: LoadedScopes['namespaces'][number],
  shared: Pick<Desired, 'prune' | 'files'>,
): DesiredNamespace => ({
  name,
  absent,
  source,
  desired: { ...loaded, ...shared, onDrift: {}, expectations: [] },
});
