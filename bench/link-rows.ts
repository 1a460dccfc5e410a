import { countText, type Row, shortCount } from './row.ts';
import { run, type Scratch } from './scratch.ts';

const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The two ends of a pair, each with an address, and a neighbor on it. */
const ENDS = [
  { name: 'a', peer: 'b', net: 10 },
  { name: 'b', peer: 'a', net: 11 },
] as const;

const hostOf = (net: number, i: number, host: number): string => `${net}.${i >> 8}.${i & 255}.${host}`;

const LLADDR = '02:00:00:00:00:05';

/** `count` links in veth pairs, all up. */
const stateOf = (count: number): string => {
  const each = (line: (end: (typeof ENDS)[number], i: number) => string): string =>
    indexes(count / 2)
      .flatMap((i) => ENDS.map((end) => `${line(end, i)}\n`))
      .join('');
  const links = each(
    ({ name, peer, net }, i) =>
      `  ${name}${i}: { kind: veth, veth: { peer: ${peer}${i} }, state: up, addresses: [${hostOf(net, i, 1)}/24] }`,
  );
  const neighbors = each(
    ({ name, net }, i) => `  - { to: ${hostOf(net, i, 9)}, dev: ${name}${i}, lladdr: "${LLADDR}" }`,
  );
  return `version: 1\nlinks:\n${links}neighbors:\n${neighbors}`;
};

const batchOf = (count: number): string =>
  indexes(count / 2)
    .flatMap((i) => [
      `link add a${i} type veth peer name b${i}`,
      ...ENDS.flatMap(({ name, net }) => [
        `address add ${hostOf(net, i, 1)}/24 broadcast + dev ${name}${i}`,
        `link set ${name}${i} up`,
      ]),
      ...ENDS.map(({ name, net }) => `neighbor add ${hostOf(net, i, 9)} lladdr ${LLADDR} dev ${name}${i}`),
    ])
    .map((line) => `${line}\n`)
    .join('');

const coldRow = (count: number): Row => ({
  name: `links-${shortCount(count)}`,
  work: `cold apply of ${countText(count)} veth links, each with an address and a neighbor`,
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
  work: `no-op apply of ${countText(count)} veth links, each with an address and a neighbor`,
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
  { ...coldRow(2000), slow: true },
  // most of a minute each
  { ...coldRow(10_000), slow: true, mostRuns: 1 },
  { ...noopRow(10_000), slow: true },
];
