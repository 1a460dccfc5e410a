import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, NetreconError } from '../model/errors.ts';
import { canRenameUp } from '../model/kernel-release.ts';
import type { Ref } from '../model/kind.ts';
import type { State } from '../model/state.ts';
import { parseIpDump } from '../observed/ip-dump/parse-ip-dump.ts';
import { parseSnapshot } from '../observed/snapshot.ts';
import type { Context } from './context.ts';
import { type Host, readHostNames, withHost } from './host.ts';
import { isSystemStateHidden, SYSTEM_STATE_DIRECTORY } from './state-location.ts';

/** What a plan starts from. */
export interface Ground {
  readonly observed: State;
  readonly owned: readonly Ref[];
  /** names of namespaces that netrecon made */
  readonly namespaces?: readonly string[];
  readonly renamesUp?: boolean;
  /** what it does not tell */
  readonly warnings: readonly Diagnostic[];
}

/** What there is to know of a host beside the state of its kernel. */
export const knowHost = (context: Context, { kernel, state }: Host): Omit<Ground, 'observed'> => {
  if (context.options.sandbox !== true && isSystemStateHidden(context.options.stateDir)) {
    context.say(
      `note: ${SYSTEM_STATE_DIRECTORY} is root's: links that it says netrecon made are not known here, so they are not deleted\n`,
    );
  }
  const record = state.records.read();
  return {
    owned: record?.owned ?? [],
    ...(record?.namespaces === undefined ? {} : { namespaces: record.namespaces }),
    renamesUp: kernel.renamesUp,
    warnings: [],
  };
};

/** The kernel, and what the record says of it. */
export const readKernel = (context: Context): Promise<Ground> =>
  withHost(context, async (host) => ({ ...knowHost(context, host), observed: await host.kernel.dump() }));

const readSnapshot = async (path: string): Promise<Ground> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new NetreconError('NR_FILE', `cannot read snapshot ${path}: ${error.message}`, { cause: error });
  });
  const { state, owned, kernel } = parseSnapshot(text, path);
  return { observed: state, owned, renamesUp: canRenameUp(kernel), warnings: [] };
};

const IP_DUMP = 'ip:';

/** What `ip -d -j` printed into the files of a folder. */
const readIpDump = async (folder: string): Promise<Ground> => {
  const read = (name: string) =>
    readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new NetreconError('NR_FILE', `cannot read ${join(folder, name)}: ${error.message}`, { cause: error });
    });
  const { tables, protocols, scopes, groups, dsfields } = readHostNames();
  const { state, gaps } = await parseIpDump(read, {
    table: tables.toNumber,
    protocol: protocols.toNumber,
    scope: scopes.toNumber,
    group: groups.toNumber,
    dsfield: dsfields.toNumber,
  });
  const warnings = gaps.map(
    (gap): Diagnostic => ({ code: 'NR_IP_DUMP', severity: 'warning', message: `ip does not tell ${gap}` }),
  );
  return { observed: state, owned: [], warnings };
};

/** The state of the kernel, or with --against that of a snapshot (PATH) or of a folder of ip's output (ip:FOLDER). */
export const readGround = (context: Context, against: string | undefined): Promise<Ground> => {
  if (against === undefined) return readKernel(context);
  return against.startsWith(IP_DUMP) ? readIpDump(against.slice(IP_DUMP.length)) : readSnapshot(against);
};
