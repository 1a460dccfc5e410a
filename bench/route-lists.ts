import type { Command } from './measure.ts';
import { GATEWAY, GATEWAY6, type Scratch, UPLINK } from './scratch.ts';

/** The protocol number of netrecon, so that routes which others made count as its own. */
export const PROTOCOL = 110;

/** The i-th of a block of /24 prefixes, ascending from 16.0.0.0/24. */
const prefix = (i: number): string => `${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`;

export const prefixes = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => prefix(from + i));

/** The i-th of a block of /48 prefixes, ascending from 2400:0:1::/48. */
const prefix6 = (i: number): string => `${(0x2400 + (i >> 15)).toString(16)}:0:${((i & 32_767) + 1).toString(16)}::/48`;

export const prefixes6 = (count: number): string[] => Array.from({ length: count }, (_, i) => prefix6(i));

/** The gateway of the routes of a list. */
const gatewayOf = ([first = '']: readonly string[]): string => (first.includes(':') ? GATEWAY6 : GATEWAY);

/** A file for `ip -batch`; `ip` tells the family by the prefix. */
export const batch = (verb: 'add' | 'del', list: readonly string[]): string =>
  list.map((to) => `route ${verb} ${to} via ${gatewayOf(list)} dev ${UPLINK} proto ${PROTOCOL}\n`).join('');

export const ipBatch = (ns: string, file: string): Command => ['ip', '-n', ns, '-batch', file];

/** Writes one prefix a line and returns the path. */
export const listFile = (scratch: Scratch, name: string, list: readonly string[]): string =>
  scratch.file(`${name}.txt`, `${list.join('\n')}\n`);

/**
 * Writes a state file with one list of prefixes and returns its path.
 * @param more - other lines of the file
 */
export const stateOf = (scratch: Scratch, name: string, list: readonly string[], more = ''): string => {
  listFile(scratch, name, list);
  return scratch.file(
    `${name}.yaml`,
    `version: 1\n${more}routes:\n  - { to_file: ${name}.txt, via: "${gatewayOf(list)}", dev: ${UPLINK} }\n`,
  );
};
