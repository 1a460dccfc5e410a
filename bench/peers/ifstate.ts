import type { Command } from '../measure.ts';
import type { LeftOut } from '../row.ts';
import { findProgram, GATEWAY, type Scratch, UPLINK } from '../scratch.ts';

export const IFSTATE = 'IfState';

const configOf = (prefixes: readonly string[]): string =>
  [
    'parameters: { ignore: { ifname: [".*"], netns: [".*"] } }',
    'interfaces: {}',
    'routing:',
    '  routes:',
    ...prefixes.map((to) => `    - { to: ${to}, via: ${GATEWAY}, dev: ${UPLINK} }`),
    '',
  ].join('\n');

/** IfState looks at every namespace that has a name, and takes those away that it does not know: it gets to see none. */
const ALONE = 'mount -t tmpfs none /run/netns && exec "$0" "$@"';

/** `ifstatecli apply` of routes. */
export interface Ifstate {
  /** @param ns - full name */
  commandOf(ns: string): Command;
}

export const ifstateApply = (scratch: Scratch, prefixes: readonly string[]): LeftOut | Ifstate => {
  const program = findProgram('ifstatecli');
  if (program === undefined) return { name: IFSTATE, leftOut: 'ifstatecli is not installed' };
  const config = scratch.file('ifstate.yaml', configOf(prefixes));
  const shell = ['unshare', '--mount', 'sh', '-c', ALONE, program, '-q', '-c', config, 'apply'];
  return { commandOf: (ns) => ['ip', 'netns', 'exec', ns, ...shell] };
};
