import { NetreconError } from '../model/errors.ts';
import type { Ref } from '../model/kind.ts';
import { completeState, KIND_NAMES, type State } from '../model/state.ts';

/** Raised when an older reader would misunderstand the state. */
const SNAPSHOT_VERSION = 1;

/** Everything observed of a namespace, as a file. */
export interface Snapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  /** uname -r */
  readonly kernel: string;
  /** ISO 8601 */
  readonly time: string;
  readonly state: State;
  /** what netrecon made there and the kernel cannot mark, as far as whoever took the snapshot may know it */
  readonly owned: readonly Ref[];
}

export const createSnapshot = (
  { state, owned }: Pick<Snapshot, 'state' | 'owned'>,
  kernel: string,
  time: Date,
): Snapshot => ({
  version: SNAPSHOT_VERSION,
  kernel,
  time: time.toISOString(),
  state,
  owned,
});

const unusable = (path: string, reason: string, hint = 'make one with `netrecon snapshot > FILE`'): NetreconError =>
  new NetreconError('NR_SNAPSHOT', `${path} ${reason}`, { hint });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a snapshot back.
 * @param path for the messages
 * @throws {NetreconError} NR_SNAPSHOT
 */
export const parseSnapshot = (text: string, path: string): Snapshot => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable(path, 'is no snapshot: it is not JSON');
  }
  if (!isObject(value) || !('version' in value)) throw unusable(path, 'is no snapshot');
  if (value.version !== SNAPSHOT_VERSION) {
    throw unusable(
      path,
      `is a snapshot of version ${JSON.stringify(value.version)}`,
      `this netrecon reads version ${SNAPSHOT_VERSION}`,
    );
  }
  if (!isObject(value.state)) throw unusable(path, 'is no snapshot: it holds no state');
  const state = completeState(value.state as unknown as State);
  const broken = KIND_NAMES.find((kind) => !Array.isArray(state[kind]) || !state[kind].every(isObject));
  if (broken !== undefined) throw unusable(path, `is a damaged snapshot: state.${broken} is no list of objects`);
  const { owned = [] } = value;
  if (!Array.isArray(owned) || !owned.every(isObject))
    throw unusable(path, 'is a damaged snapshot: owned is no list of objects');
  return { ...(value as unknown as Snapshot), state, owned: owned as unknown as readonly Ref[] };
};
