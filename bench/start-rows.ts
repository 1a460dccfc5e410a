import type { Row } from './row.ts';
import { bareNetrecon, run, type Scratch } from './scratch.ts';

const emptyNode = { name: 'node -e 0', command: [process.execPath, '-e', '0'] } as const;

/** Fifty objects of all kinds: 10 pairs of links, an address on each, 10 routes, 10 rules, 10 neighbors. */
const smallState = (): string => {
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const lines = [
    'version: 1',
    'links:',
    ...ten.flatMap((i) => [
      `  a${i}: { kind: veth, veth: { peer: b${i} }, state: up, addresses: [10.0.${i}.1/24] }`,
      `  b${i}: { kind: veth, veth: { peer: a${i} }, state: up }`,
    ]),
    'routes:',
    ...ten.map((i) => `  - { to: 172.16.${i}.0/24, via: 10.0.${i}.2 }`),
    'rules:',
    ...ten.map((i) => `  - { priority: ${1000 + i}, from: 10.0.${i}.0/24, table: main }`),
    'neighbors:',
    ...ten.map((i) => `  - { to: 10.0.${i}.9, dev: a${i}, lladdr: "02:00:00:00:00:0${i}" }`),
  ];
  return `${lines.join('\n')}\n`;
};

const converged = (scratch: Scratch): { readonly ns: string; readonly file: string } => {
  const ns = scratch.namespace('small');
  const file = scratch.file('small.yaml', smallState());
  run(scratch.netrecon(ns, 'apply', '--yes', file));
  return { ns, file };
};

/** What a person waits for: the whole process, next to one that does nothing. */
export const START_ROWS: readonly Row[] = [
  {
    name: 'help',
    work: 'netrecon --help',
    limitMs: 100,
    contenders: () => [{ name: 'netrecon', command: bareNetrecon('--help') }, emptyNode],
  },
  {
    name: 'validate',
    work: 'validate a file of 50 objects',
    contenders: (scratch) => [
      { name: 'netrecon', command: bareNetrecon('validate', scratch.file('small.yaml', smallState())) },
      emptyNode,
    ],
  },
  {
    name: 'plan-50',
    work: 'plan 50 objects in an empty namespace',
    contenders(scratch) {
      const file = scratch.file('small.yaml', smallState());
      return [{ name: 'netrecon', command: scratch.netrecon(scratch.namespace('empty'), 'plan', file) }, emptyNode];
    },
  },
  {
    name: 'noop-50',
    work: 'no-op apply of 50 objects',
    limitMs: 250,
    contenders(scratch) {
      const { ns, file } = converged(scratch);
      return [{ name: 'netrecon', command: scratch.netrecon(ns, 'apply', '--yes', file) }, emptyNode];
    },
  },
];
