import { countText, type Row, shortCount } from './row.ts';
import { run, type Scratch, UPLINK } from './scratch.ts';

const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const addressOf = (i: number): string => `10.${i >> 8}.${i & 255}.1/24`;

/** VLANs of one trunk, each of them a port of a bridge of its own, which has an address. */
const stateOf = (count: number): string => {
  const lines = indexes(count).flatMap((i) => [
    `  v${i}: { kind: vlan, link: ${UPLINK}, vlan: { id: ${i} }, master: br${i} }`,
    `  br${i}: { kind: bridge, addresses: [${addressOf(i)}] }`,
  ]);
  return `version: 1\nlinks:\n${lines.join('\n')}\n`;
};

const toLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const additions = (count: number): string =>
  toLines(
    indexes(count).flatMap((i) => [
      `link add br${i} type bridge`,
      `link add link ${UPLINK} name v${i} type vlan id ${i}`,
      `link set v${i} master br${i} up`,
      `link set br${i} up`,
      `address add ${addressOf(i)} broadcast + dev br${i}`,
    ]),
  );

const removals = (count: number): string =>
  toLines(indexes(count).flatMap((i) => [`link del v${i}`, `link del br${i}`]));

/** Namespaces of both programs, and the ways there and back. */
const sceneOf = (count: number, scratch: Scratch) => {
  const file = scratch.file('vlans.yaml', stateOf(count));
  const empty = scratch.file('empty.yaml', 'version: 1\n');
  const batch = scratch.file('vlans.batch', additions(count));
  const removal = scratch.file('vlans-gone.batch', removals(count));
  const [ours, theirs] = ['vlans', 'vlans-ip'].map((name) => scratch.namespace(name)) as [string, string];
  return {
    apply: scratch.netrecon(ours, 'apply', '--yes', file),
    remove: scratch.netrecon(ours, 'apply', '--yes', '--allow-mass-delete', empty),
    batchAdd: ['ip', '-n', theirs, '-batch', batch] as const,
    batchRemove: ['ip', '-n', theirs, '-batch', removal] as const,
    show: ['ip', '-d', '-n', ours, 'address', 'show'] as const,
    renewOurs: () => void scratch.namespace('vlans'),
    renewTheirs: () => void scratch.namespace('vlans-ip'),
  };
};

const coldRow = (count: number): Row => ({
  name: `vlans-${shortCount(count)}`,
  work: `cold apply of ${countText(count)} VLANs in as many bridges, each with an address`,
  needsKind: 'vlan',
  slow: true,
  contenders(scratch: Scratch) {
    const { apply, batchAdd, renewOurs, renewTheirs } = sceneOf(count, scratch);
    return [
      { name: 'netrecon', command: apply, prepare: renewOurs },
      { name: 'ip -batch', command: batchAdd, prepare: renewTheirs },
    ];
  },
});

const noopRow = (count: number): Row => ({
  name: `vlans-noop-${shortCount(count)}`,
  work: `no-op apply of ${countText(count)} VLANs in as many bridges`,
  needsKind: 'vlan',
  slow: true,
  contenders(scratch: Scratch) {
    const { apply, show } = sceneOf(count, scratch);
    run(apply);
    return [
      { name: 'netrecon', command: apply },
      { name: 'ip -d address show', command: show },
    ];
  },
});

const removalRow = (count: number): Row => ({
  name: `vlans-gone-${shortCount(count)}`,
  work: `removal of ${countText(count)} VLANs in as many bridges`,
  needsKind: 'vlan',
  slow: true,
  contenders(scratch: Scratch) {
    const { apply, remove, batchAdd, batchRemove, renewTheirs } = sceneOf(count, scratch);
    return [
      { name: 'netrecon', command: remove, prepare: () => run(apply) },
      {
        name: 'ip -batch',
        command: batchRemove,
        prepare: () => {
          renewTheirs();
          run(batchAdd);
        },
      },
    ];
  },
});

/** VLANs and bridges, where the kernel has both: `npm run lab -- uml -- npm run bench -- vlans-500`. */
export const VLAN_ROWS: readonly Row[] = [coldRow(500), noopRow(500), removalRow(500)];
