import type { Desired } from '../../model/desired.ts';
import { isNetreconError } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { NamespaceRecord, NamespaceUndo, RecordStore } from '../transaction/record.ts';
import type { ScopeView, WorldView } from './world.ts';

/** A namespace at work: its kernel, and what is remembered of it. */
export interface ScopePort {
  readonly kernel: KernelPort;
  readonly records: RecordStore;
}

/** The named namespaces of the host; the real one is cli/namespaces-port.ts. */
export interface WorldPort {
  /** where the record of the namespace at hand is kept: written into those of the others while a transaction is open */
  readonly home?: string;
  /**
   * Opens a namespace, and takes it for this process. The same port each time.
   * @returns undefined where there is none of that name
   * @throws {NetreconError} NR_LOCKED, NR_UNFINISHED, NR_NO_PRIVILEGE ...
   */
  open(name: string): ScopePort | undefined;
  /**
   * What tells the namespace of that name from every other since boot; asked without taking it.
   * @returns undefined where there is none
   */
  identityOf(name: string): string | undefined;
  /**
   * Makes a namespace; one of that name must not exist.
   * @param remember - told what `identityOf` will say of it, before it has its name
   * @throws {NetreconError} also what `remember` throws; there is no namespace then
   */
  create(name: string, remember: (identity: string) => void): ScopePort;
  /**
   * Takes the name away; what stands in it goes once this process has ended. Where there is none there is nothing to do.
   * @throws {NetreconError}
   */
  remove(name: string): void;
  /** Gives back the name that `remove` took. @throws {NetreconError} */
  putBack(name: string): void;
}

/**
 * A namespace that was being made when its maker was killed may be a name and nothing more.
 * @returns undefined where there is none, or not yet one
 * @throws what `open` throws of a whole one
 */
const openIfWhole = (world: WorldPort, name: string): ScopePort | undefined => {
  try {
    return world.open(name);
  } catch (error) {
    if (isNetreconError(error) && error.code === 'NR_NO_NAMESPACE') return undefined;
    throw error;
  }
};

/** As much of the record as tells a namespace that a transaction made. */
type Made = Pick<NamespaceUndo, 'name' | 'identity'>;

/**
 * Whether somebody else has a namespace of that name by now. The record has the identity of ours from before it had its
 * name: without one, it never had it.
 */
export const isStrangers = (world: WorldPort, { name, identity }: Made): boolean => {
  const found = world.identityOf(name);
  return found !== undefined && found !== identity;
};

/** A namespace that a transaction made, where it is there. @throws what `open` throws */
export const openMade = (world: WorldPort, made: Made): ScopePort | undefined =>
  isStrangers(world, made) ? undefined : openIfWhole(world, made.name);

const viewOf = async (
  { kernel, records }: ScopePort,
  own: string | undefined,
  names: readonly string[],
): Promise<ScopeView> => {
  const ids = new Map<string, number>();
  for (const name of names) {
    const id = name === own ? undefined : await kernel.namespaceId?.(name);
    if (id !== undefined) ids.set(name, id);
  }
  return { state: await kernel.dump(), owned: records.read()?.owned ?? [], ids };
};

/** The namespaces that a transaction deals with: those that the files name, and those that netrecon made. */
export const namesOf = ({ namespaces = [] }: Desired, record: NamespaceRecord | undefined): readonly string[] => [
  ...new Set([...namespaces.map(({ name }) => name), ...(record?.namespaces ?? [])]),
];

/** Whether the files, or what netrecon made for earlier ones, reach beyond the namespace at hand. */
export const spansNamespaces = (desired: Desired, record: NamespaceRecord | undefined): boolean =>
  namesOf(desired, record).length > 0;

/** Looks at every namespace of that name that exists, and at the one at hand. */
export const lookAtWorld = async (root: ScopePort, world: WorldPort, names: readonly string[]): Promise<WorldView> => {
  const scopes = names.flatMap((name) => {
    const port = world.open(name);
    return port === undefined ? [] : [{ name, port }];
  });
  const present = scopes.map(({ name }) => name);
  const namespaces = new Map<string, ScopeView>();
  for (const { name, port } of scopes) namespaces.set(name, await viewOf(port, name, present));
  return {
    root: await viewOf(root, undefined, present),
    namespaces,
    owned: root.records.read()?.namespaces ?? [],
  };
};
