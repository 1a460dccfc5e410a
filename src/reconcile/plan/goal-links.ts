import type { Declared, Desired } from '../../model/desired.ts';
import type { Ref } from '../../model/kind.ts';
import { KINDS } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { LINK_KINDS, lowerLinks, peerNameOf } from '../../model/link-kinds/index.ts';
import type { Removal, Wanted } from './goal.ts';
import type { Problems } from './problems.ts';
import type { WorkingState } from './working-state.ts';

/** What a link keeps when it becomes one of another kind: everything else belongs to the old kind. */
const KEPT_ACROSS_KINDS = ['alias', 'altnames', 'group', 'master', 'port', 'promisc', 'allmulticast'] as const;

/** A macvlan in passthru mode has the address of its parent, which none in another mode may have (EADDRINUSE). */
const borrowsLladdr = ({ options }: Link): boolean => options?.mode === 'passthru';

/** A port's master tells what options it has as a port, even where the file writes none of them. */
const portOf = (link: Link, kinds: ReadonlyMap<string, string>): Link['port'] => {
  if (link.port !== undefined || typeof link.master !== 'string') return link.port;
  const kind = kinds.get(link.master);
  return kind !== undefined && LINK_KINDS[kind]?.port !== undefined ? { kind, options: {} } : undefined;
};

/** Options that nobody writes stay, but for those that a new mode does not have, or that need a switch which is turned off. */
const keptOptions = (kept: Link, declared: Link): Link['options'] => {
  const mode = declared.options?.mode;
  const isNew = typeof mode === 'string' && mode !== kept.options?.mode;
  const table = LINK_KINDS[declared.kind ?? '']?.options ?? {};
  return Object.fromEntries(
    Object.entries(kept.options ?? {}).filter(([name]) => {
      const { modes, needs } = table[name] ?? {};
      if (needs !== undefined && declared.options?.[needs] === false) return false;
      return !isNew || modes?.includes(mode) !== false;
    }),
  );
};

/** Values that the file writes in part only. */
const completeOptions = (link: Link, present: Link | undefined): Link => {
  const table = LINK_KINDS[link.kind ?? '']?.options ?? {};
  const partial = Object.entries(link.options ?? {}).flatMap(([name, value]) => {
    const complete = table[name]?.complete;
    return complete === undefined ? [] : [[name, complete(value, present?.options?.[name])] as const];
  });
  return partial.length === 0 ? link : { ...link, options: { ...link.options, ...Object.fromEntries(partial) } };
};

/** The declared fields over what is there: a link that must be made anew keeps what the file does not speak of. */
const overlay = (written: Link, present: Link | undefined, kinds: ReadonlyMap<string, string>): Link => {
  const port = portOf(written, kinds);
  const declared = completeOptions(port === undefined ? written : { ...written, port }, present);
  if (present === undefined) return declared;
  const kept =
    declared.kind === undefined || declared.kind === present.kind
      ? present
      : Object.fromEntries(KEPT_ACROSS_KINDS.map((field) => [field, present[field]]));
  const asked = Object.fromEntries(Object.entries(declared).filter(([, value]) => value !== undefined));
  const derived =
    LINK_KINDS[declared.kind ?? '']?.byIoctl === true ? { numtxqueues: undefined, numrxqueues: undefined } : {};
  const borrowed = borrowsLladdr(present) && !borrowsLladdr(declared) ? { lladdr: undefined } : {};
  const excluding = LINK_KINDS[declared.kind ?? '']?.excludesOthers ?? '';
  const isAlone = declared.options?.[excluding] === true && present.options?.[excluding] !== true;
  const options = isAlone ? declared.options : { ...keptOptions(kept as Link, declared), ...declared.options };
  const samePort = declared.master === undefined || declared.master === present.master;
  const oldPort = samePort ? (kept as Link).port : undefined;
  const nextPort = declared.port ?? oldPort;
  return {
    ...kept,
    ...borrowed,
    ...derived,
    ...asked,
    name: declared.name,
    index: present.index,
    options,
    ...(nextPort === undefined
      ? { port: undefined }
      : { port: { kind: nextPort.kind, options: { ...oldPort?.options, ...nextPort.options } } }),
  };
};

/** Names that exist once the file is applied. */
export const finalLinkNames = (
  desired: Desired,
  state: WorkingState,
  removals: readonly Removal[],
): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const link of state.all('link')) names.add(link.name);
  for (const { kind, object } of removals) if (kind === 'link') names.delete((object as Link).name);
  for (const { object, absent } of desired.objects.link) {
    if (absent) names.delete(object.name);
    else {
      names.add(object.name);
      const peer = peerNameOf(object);
      if (peer !== undefined) names.add(peer);
    }
  }
  return names;
};

const checkCanBe = (
  declared: Declared<Link>,
  present: Link | undefined,
  implied: ReadonlySet<string>,
  problems: Problems,
): boolean => {
  const { object, source, fields } = declared;
  if (present === undefined && object.kind === undefined && !implied.has(object.name)) {
    problems.error(
      'NR_NO_LINK',
      `link ${object.name} does not exist, and without a kind it cannot be created`,
      source,
      'name its kind (kind: bridge ...), or check the spelling: hardware is never created',
    );
    return false;
  }
  if (present !== undefined && object.kind !== undefined && present.kind === undefined) {
    problems.error(
      'NR_HARDWARE',
      `link ${object.name} is hardware and cannot become a ${object.kind}`,
      fields.kind ?? source,
      'leave out kind for hardware, or take another name',
    );
    return false;
  }
  return true;
};

/** A link that its parent or master would have to stand on must exist in the end. */
export const checkLinkReferences = (desired: Desired, names: ReadonlySet<string>, problems: Problems): void => {
  for (const { object, absent, source, fields } of desired.objects.link) {
    if (absent) continue;
    if (typeof object.link === 'string' && !names.has(object.link)) {
      problems.error(
        'NR_NO_PARENT',
        `link ${object.name}: its parent ${object.link} does not exist and is not declared`,
        fields.link ?? source,
      );
    }
    if (typeof object.master === 'string' && !names.has(object.master)) {
      problems.error(
        'NR_NO_MASTER',
        `link ${object.name}: its master ${object.master} does not exist and is not declared`,
        fields.master ?? source,
      );
    }
    for (const { field, name } of lowerLinks(object.kind, object.options)) {
      if (names.has(name)) continue;
      problems.error(
        'NR_NO_PARENT',
        `link ${object.name}: its ${field.slice('options.'.length)} ${name} does not exist and is not declared`,
        fields[field] ?? source,
      );
    }
  }
};

/** A declared value that nobody can tell from what is there is taken to be there: say so. */
const warnOfUnknown = ({ object, source, fields }: Declared<Link>, present: Link, problems: Problems): void => {
  for (const [name, field] of Object.entries(KINDS.link.fields(object))) {
    if (field.get?.(object) === undefined || field.get(present) !== undefined) continue;
    if (field.shownInstead?.(present) === undefined) continue;
    problems.warn(
      'NR_UNKNOWN_VALUE',
      `link ${object.name}: the kernel does not tell ${name.replace('options.', '')} at the moment: what was set before stays`,
      fields[name] ?? source,
      object.kind === 'wireguard'
        ? 'it tells of keys and peers whoever may change them: plan as root'
        : 'it does once the spanning tree is at rest (ageing_time), or the bridge its root (the times of the tree): apply again then',
    );
  }
};

/** What the file asks of links, and which of ours it no longer names. */
export const linkGoals = (
  desired: Desired,
  state: WorkingState,
  owned: readonly Ref[],
  problems: Problems,
): { readonly wanted: Wanted<'link'>[]; readonly removals: Removal[] } => {
  const wanted: Wanted<'link'>[] = [];
  const removals: Removal[] = [];
  const implied = new Set(
    desired.objects.link.flatMap(({ object, absent }) => (absent ? [] : (peerNameOf(object) ?? []))),
  );
  const named = new Set<string>(implied);
  const kinds = new Map([...state.all('link')].flatMap(({ name, kind }) => (kind === undefined ? [] : [[name, kind]])));
  for (const { object } of desired.objects.link) if (object.kind !== undefined) kinds.set(object.name, object.kind);
  for (const declared of desired.objects.link) {
    const { object, absent, source } = declared;
    named.add(object.name);
    const present = state.link(object.name);
    if (absent) {
      if (present === undefined) continue;
      if (present.kind === undefined || KINDS.link.isKernels(present)) {
        problems.error(
          'NR_HARDWARE',
          `link ${object.name} is hardware or the kernel's own and cannot be deleted`,
          source,
          'use state: down',
        );
      } else removals.push({ kind: 'link', object: present, reason: 'absent', source });
    } else if (checkCanBe(declared, present, implied, problems)) {
      // an end whose peer lives elsewhere cannot be compared with a name of this namespace
      const foreignPeer =
        LINK_KINDS[present?.kind ?? '']?.pair === true &&
        present?.options?.peer === undefined &&
        present?.linkNetnsid !== undefined;
      if (present !== undefined) warnOfUnknown(declared, present, problems);
      const asked = foreignPeer && object.options?.peer !== undefined ? { ...object, options: undefined } : object;
      wanted.push({
        kind: 'link',
        slot: object.name,
        object: overlay(asked, present, kinds),
        declared: { ...declared, object: asked },
        ...(present === undefined ? {} : { match: present }),
      });
    }
  }
  if (desired.prune !== 'none') {
    for (const { kind, slot } of owned) {
      const present = kind === 'link' && !named.has(slot) ? state.link(slot) : undefined;
      if (present?.kind !== undefined && present.kind in LINK_KINDS)
        removals.push({ kind: 'link', object: present, reason: 'prune' });
    }
  }
  return { wanted, removals };
};
