import { countText, type Row, shortCount } from './row.ts';
import { run, type Scratch } from './scratch.ts';

const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const addressOf = (i: number): string => `10.${i >> 8}.${i & 255}.1/24`;

/** `count` links in veth pairs, an address on the first of each pair, all up. */
const stateOf = (count: number): string => {
  const lines = indexes(count / 2).flatMap((i) => [
    `  a${i}: { kind: veth, veth: { peer: b${i} }, state: up, addresses: [${addressOf(i)}] }`,
    `  b${i}: { kind: veth, veth: { peer: a${i} }, state: up }`,
  ]);
  return `version: 1\nlinks:\n${lines.join('\n')}\n`;
};

const batchOf = (count: number): string =>
  indexes(count / 2)
    .flatMap((i) => [
      `link add a${i} type veth peer name b${i}`,
      `address add ${addressOf(i)} broadcast + dev a${i}`,
      `link set b${i} up`,
      `link set a${i} up`,
    ])
    .map((line) => `${line}\n`)
    .join('');

const coldRow = (count: number): Row => ({
  name: `links-${shortCount(count)}`,
  work: `cold apply of ${countText(count)} veth links, half of them with an address`,
  contenders(scratch: Scratch) {
    const [ours, theirs] = ['links', 'links-ip'].map((name) => scratch.namespace(name)) as [string, string];
    const file = scratch.file('links.yaml', stateOf(count));
    const batch = scratch.file('links.batch', batchOf(count));
    return [
      {
        name: 'netrecon',
        command: scratch.netrecon(ours, 'apply', '--yes', file),
        prepare: () => void scratch.namespace('links'),
      },
      {
        name: 'ip -batch',
        command: ['ip', '-n', theirs, '-batch', batch],
        prepare: () => void scratch.namespace('links-ip'),
      },
    ];
  },
});

const noopRow = (count: number): Row => ({
  name: `links-noop-${shortCount(count)}`,
  work: `no-op apply of ${countText(count)} veth links`,
  contenders(scratch: Scratch) {
    const ns = scratch.namespace('links');
    const file = scratch.file('links.yaml', stateOf(count));
    run(scratch.netrecon(ns, 'apply', '--yes', file));
    return [
      { name: 'netrecon', command: scratch.netrecon(ns, 'apply', '--yes', file) },
      { name: 'ip -d address show', command: ['ip', '-d', '-n', ns, 'address', 'show'] },
    ];
  },
});

/** Many links with addresses. */
export const LINK_ROWS: readonly Row[] = [
  coldRow(50),
  coldRow(500),
  noopRow(500),
  { ...coldRow(5000), slow: true },
  { ...noopRow(5000), slow: true },
];
