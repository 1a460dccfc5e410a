import type { Declared, Source } from '../model/desired.ts';
import { formatSource } from '../model/errors.ts';
import type { Link } from '../model/link.ts';
import { LINK_KINDS, lowerLinks, peerNameOf } from '../model/link-kinds/index.ts';
import type { Problems } from './problems.ts';

/** What a link stands on or belongs to, with the field that says so. */
const edges = (link: Link): readonly (readonly [field: string, name: string])[] => {
  const named: readonly (readonly [string, unknown])[] = [
    ['master', link.master],
    ['link', link.link],
    ...lowerLinks(link.kind, link.options).map(({ field, name }) => [field, name] as const),
  ];
  return named.flatMap(([field, name]) => (typeof name === 'string' ? [[field, name] as const] : []));
};

/** Checks what declared links say of one another; links that no file declares may exist on the host and are passed over. */
export const checkLinkGraph = (links: readonly Declared<Link>[], problems: Problems): void => {
  const byName = new Map(links.map((declared) => [declared.object.name, declared]));
  for (const declared of links) {
    if (declared.absent) continue;
    for (const [field, name] of edges(declared.object)) checkEdge(declared, field, name, byName, problems);
    checkPair(declared, byName, problems);
    checkNames(declared, byName, problems);
  }
  checkCycles(links, byName, problems);
};

type Links = ReadonlyMap<string, Declared<Link>>;

const placeOf = (declared: Declared<Link>, field: string): Source => declared.fields[field] ?? declared.source;

const checkEdge = (from: Declared<Link>, field: string, name: string, links: Links, problems: Problems): void => {
  const to = links.get(name);
  if (to === undefined) return;
  const source = placeOf(from, field);
  if (to.absent) {
    const hint = `it is declared absent at ${formatSource(to.source)}`;
    problems.add('NR_CONTRADICTION', `${from.object.name} needs ${name}, which must not exist`, source, hint);
    return;
  }
  if (field !== 'master') return;
  const { port } = from.object;
  if (port !== undefined && to.object.kind !== undefined && to.object.kind !== port.kind) {
    problems.add(
      'NR_CONTRADICTION',
      `${from.object.name} has options of a ${port.kind} port, but ${name} is a ${to.object.kind}`,
      source,
    );
  } else if (to.object.kind !== undefined && !MASTER_KINDS.has(to.object.kind)) {
    problems.add(
      'NR_CONTRADICTION',
      `${name} is a ${to.object.kind}, which has no ports`,
      source,
      `masters are of kind ${[...MASTER_KINDS].join(', ')}`,
    );
  }
};

const MASTER_KINDS: ReadonlySet<string> = new Set([
  'vrf',
  ...Object.values(LINK_KINDS)
    .filter(({ port, takesPorts }) => port !== undefined || takesPorts === true)
    .map(({ kind }) => kind),
]);

/** Both ends of a pair that these files declare must name each other. */
const checkPair = (declared: Declared<Link>, links: Links, problems: Problems): void => {
  const { kind, name } = declared.object;
  const peer = peerNameOf(declared.object);
  if (peer === undefined) return;
  const source = placeOf(declared, 'options.peer');
  const other = links.get(peer);
  if (peer === name) problems.add('NR_CONTRADICTION', `${name} cannot be its own peer`, source);
  else if (other?.absent) {
    problems.add(
      'NR_CONTRADICTION',
      `the peer ${peer} must not exist, but a ${kind} has two ends`,
      source,
      `it is declared absent at ${formatSource(other.source)}`,
    );
  } else if (other?.object.kind !== undefined && other.object.kind !== kind) {
    problems.add('NR_CONTRADICTION', `the peer ${peer} is declared as ${other.object.kind}`, source);
  } else if (other !== undefined && other.object.kind === kind && other.object.options?.peer !== name) {
    const theirs = other.object.options?.peer;
    problems.add(
      'NR_CONTRADICTION',
      `${name} says that its peer is ${peer}, and ${peer} that its peer is ${theirs} (${formatSource(placeOf(other, 'options.peer'))})`,
      source,
    );
  }
};

const checkNames = (declared: Declared<Link>, links: Links, problems: Problems): void => {
  for (const altname of declared.object.altnames ?? []) {
    const other = links.get(altname);
    if (other === undefined || other.absent) continue;
    problems.add(
      'NR_DUPLICATE',
      `${altname} is also the name of a link (${formatSource(other.source)})`,
      placeOf(declared, 'altnames'),
    );
  }
};

/** Depth first over the edges between declared links; each circle is told once, with its members in order. */
const checkCycles = (links: readonly Declared<Link>[], byName: Links, problems: Problems): void => {
  const done = new Set<string>();
  for (const start of links) {
    const trail: { name: string; next: number }[] = [];
    const onTrail = new Set<string>();
    const enter = (name: string) => {
      trail.push({ name, next: 0 });
      onTrail.add(name);
    };
    if (!done.has(start.object.name)) enter(start.object.name);
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const declared = byName.get(step.name);
      const edge = declared === undefined ? undefined : edges(declared.object)[step.next++];
      if (edge === undefined || declared === undefined) {
        done.add(step.name);
        onTrail.delete(step.name);
        trail.pop();
        continue;
      }
      const [field, target] = edge;
      if (onTrail.has(target)) {
        const circle = trail.map(({ name }) => name).slice(trail.findIndex(({ name }) => name === target));
        // a link that is its own master is reported where it is read
        if (circle.length > 1)
          problems.add(
            'NR_CYCLE',
            `links stand on each other in a circle: ${[...circle, target].join(' -> ')}`,
            placeOf(declared, field),
          );
      } else if (!done.has(target) && byName.has(target)) enter(target);
    }
  }
};
