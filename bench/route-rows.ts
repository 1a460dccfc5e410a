import { countText, type Row, shortCount } from './row.ts';
import { GATEWAY, run, type Scratch, UPLINK } from './scratch.ts';

/** The protocol number of netrecon, so that routes which `ip` made count as its own. */
const PROTOCOL = 110;

/** The i-th of a block of /24 prefixes, ascending from 16.0.0.0/24. */
const prefix = (i: number): string => `${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`;

const prefixes = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => prefix(from + i));

const batch = (verb: 'add' | 'del', list: readonly string[]): string =>
  list.map((to) => `route ${verb} ${to} via ${GATEWAY} dev ${UPLINK} proto ${PROTOCOL}\n`).join('');

/** A state file with one list of prefixes. */
const stateOf = (scratch: Scratch, name: string, list: readonly string[]): string => {
  scratch.file(`${name}.txt`, `${list.join('\n')}\n`);
  return scratch.file(
    `${name}.yaml`,
    `version: 1\nroutes:\n  - { to_file: ${name}.txt, via: ${GATEWAY}, dev: ${UPLINK} }\n`,
  );
};

/** The same routes as entries of the state file itself. */
const spelledStateOf = (scratch: Scratch, name: string, list: readonly string[]): string => {
  const entries = list.map((to) => `  - { to: ${to}, via: ${GATEWAY}, dev: ${UPLINK} }\n`).join('');
  return scratch.file(`${name}.yaml`, `version: 1\nroutes:\n${entries}`);
};

const ipBatch = (ns: string, file: string) => ['ip', '-n', ns, '-batch', file] as const;

const coldRow = (count: number): Row => ({
  name: `cold-${shortCount(count)}`,
  work: `cold apply of ${countText(count)} routes from a list`,
  contenders(scratch) {
    const [ours, theirs] = ['cold', 'cold-ip'].map((name) => scratch.namespace(name)) as [string, string];
    const file = stateOf(scratch, 'all', prefixes(count));
    const adds = scratch.file('add.batch', batch('add', prefixes(count)));
    return [
      {
        name: 'netrecon',
        command: scratch.netrecon(ours, 'apply', '--yes', file),
        prepare: () => void scratch.namespace('cold'),
      },
      { name: 'ip -batch', command: ipBatch(theirs, adds), prepare: () => void scratch.namespace('cold-ip') },
    ];
  },
});

const noopRow = (count: number): Row => ({
  name: `noop-${shortCount(count)}`,
  work: `no-op apply of ${countText(count)} routes from a list`,
  contenders(scratch) {
    const ns = scratch.namespace('noop');
    run(ipBatch(ns, scratch.file('add.batch', batch('add', prefixes(count)))));
    const file = stateOf(scratch, 'all', prefixes(count));
    return [
      { name: 'netrecon', command: scratch.netrecon(ns, 'apply', '--yes', file) },
      { name: 'ip route show', command: ['ip', '-n', ns, 'route', 'show', 'table', 'main'] },
    ];
  },
});

const removalRow = (count: number): Row => ({
  name: `remove-${shortCount(count)}`,
  work: `removal of ${countText(count)} routes (one stays)`,
  contenders(scratch) {
    const adds = scratch.file('add.batch', batch('add', prefixes(count)));
    const dels = scratch.file('del.batch', batch('del', prefixes(count - 1, 1)));
    const file = stateOf(scratch, 'one', prefixes(1));
    const fill = (name: string) => () => run(ipBatch(scratch.namespace(name), adds));
    const [ours, theirs, flushed] = ['remove', 'remove-ip', 'flush'].map((name) => scratch.namespace(name)) as [
      string,
      string,
      string,
    ];
    return [
      {
        name: 'netrecon',
        command: scratch.netrecon(ours, 'apply', '--yes', '--allow-mass-delete', file),
        prepare: fill('remove'),
      },
      { name: 'ip -batch', command: ipBatch(theirs, dels), prepare: fill('remove-ip') },
      {
        name: 'ip route flush',
        command: ['ip', '-n', flushed, 'route', 'flush', 'proto', `${PROTOCOL}`],
        prepare: fill('flush'),
      },
    ];
  },
});

const spelledRow = (count: number): Row => ({
  name: `yaml-${shortCount(count)}`,
  work: `no-op apply of ${countText(count)} routes, each an entry of the YAML file`,
  contenders(scratch) {
    const ns = scratch.namespace('yaml');
    run(ipBatch(ns, scratch.file('add.batch', batch('add', prefixes(count)))));
    const spelled = spelledStateOf(scratch, 'spelled', prefixes(count));
    const listed = stateOf(scratch, 'all', prefixes(count));
    return [
      { name: 'netrecon', command: scratch.netrecon(ns, 'apply', '--yes', spelled) },
      { name: 'netrecon, from a list', command: scratch.netrecon(ns, 'apply', '--yes', listed) },
    ];
  },
});

/** One prefix of a hundred goes, and as many new ones come. */
const churnRow = (count: number): Row => ({
  name: `churn-${shortCount(count)}`,
  work: `1 % of ${countText(count)} routes changed in the list`,
  contenders(scratch) {
    const changed = Math.round(count / 100);
    const old = prefixes(count);
    const fresh = prefixes(changed, count);
    const gone = old.filter((_, i) => i % 100 === 50);
    const file = stateOf(scratch, 'changed', [...old.filter((_, i) => i % 100 !== 50), ...fresh]);
    const there = scratch.file('there.batch', batch('del', gone) + batch('add', fresh));
    const back = scratch.file('back.batch', batch('del', fresh) + batch('add', gone));
    const adds = scratch.file('add.batch', batch('add', old));
    const [ours, theirs] = ['churn', 'churn-ip'].map((name) => scratch.namespace(name)) as [string, string];
    for (const ns of [ours, theirs]) run(ipBatch(ns, adds));
    const again = new Set<string>();
    // the namespaces begin in the old state: only what a run did is undone
    const undo = (ns: string) => () => {
      if (again.has(ns)) run(ipBatch(ns, back));
      again.add(ns);
    };
    return [
      { name: 'netrecon', command: scratch.netrecon(ours, 'apply', '--yes', file), prepare: undo(ours) },
      { name: 'ip -batch', command: ipBatch(theirs, there), prepare: undo(theirs) },
    ];
  },
});

/** Tables of routes from a list, in full, unchanged, changed a little, and gone. */
export const ROUTE_ROWS: readonly Row[] = [
  ...[10_000, 100_000].flatMap((count) => [coldRow(count), noopRow(count), churnRow(count), removalRow(count)]),
  ...[200_000, 1_000_000].map(removalRow).map(asSlow),
  ...[1_000_000].flatMap((count) => [coldRow(count), noopRow(count), spelledRow(count), churnRow(count)].map(asSlow)),
];

function asSlow(row: Row): Row {
  return { ...row, slow: true };
}
