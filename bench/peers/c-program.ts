import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from '../measure.ts';
import { PROTOCOL } from '../route-lists.ts';
import type { LeftOut } from '../row.ts';
import { findProgram, GATEWAY, type Scratch, UPLINK } from '../scratch.ts';

/** In the checkout, three folders above the compiled bench. */
const SOURCE = fileURLToPath(new URL('../../../bench/peers/send-routes.c', import.meta.url));

export const C_PROGRAM = 'C, file order, ACK on each';

/** What the C program does with the routes of a list. */
export interface SendRoutes {
  readonly ns: string;
  /** one prefix a line */
  readonly list: string;
  readonly verb: 'add' | 'replace';
  /** default GATEWAY */
  readonly gateway?: string;
}

/** The C program, compiled. */
export interface SendProgram {
  commandOf(what: SendRoutes): Command;
}

/** Compiles the C program, or tells why it cannot be. */
export const compileSendRoutes = (scratch: Scratch): LeftOut | SendProgram => {
  const cc = findProgram('cc');
  if (cc === undefined) return { name: C_PROGRAM, leftOut: 'cc is not installed' };
  const program = join(scratch.folder, 'send-routes');
  const { status, stderr } = spawnSync(cc, ['-O2', '-o', program, SOURCE], { encoding: 'utf8' });
  if (status !== 0) return { name: C_PROGRAM, leftOut: `cc failed: ${stderr.split('\n')[0]}` };
  return {
    commandOf: ({ ns, list, verb, gateway = GATEWAY }) => [
      ...(['ip', 'netns', 'exec', ns, program] as const),
      ...[list, gateway, UPLINK, `${PROTOCOL}`, verb],
    ],
  };
};
