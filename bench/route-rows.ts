import { readFileSync } from 'node:fs';
import { birdChange, birdCold } from './peers/bird.ts';
import { C_PROGRAM, compileSendRoutes } from './peers/c-program.ts';
import { IFSTATE, ifstateApply } from './peers/ifstate.ts';
import { batch, ipBatch, listFile, PROTOCOL, prefixes, prefixes6, stateOf } from './route-lists.ts';
import { type Contender, countText, isLeftOut, type LeftOut, type Row, shortCount } from './row.ts';
import { GATEWAY, run, type Scratch, UPLINK } from './scratch.ts';

/** The same routes as entries of the state file itself. */
const spelledStateOf = (scratch: Scratch, name: string, list: readonly string[]): string => {
  const entries = list.map((to) => `  - { to: ${to}, via: ${GATEWAY}, dev: ${UPLINK} }\n`).join('');
  return scratch.file(`${name}.yaml`, `version: 1\nroutes:\n${entries}`);
};

/** The C program, with the same routes. */
const coldInC = (scratch: Scratch, list: readonly string[]): Contender | LeftOut => {
  const send = compileSendRoutes(scratch);
  if (isLeftOut(send)) return send;
  return {
    name: C_PROGRAM,
    command: send.commandOf({ ns: scratch.namespace('cold-c'), list: listFile(scratch, 'c', list), verb: 'add' }),
    prepare: () => void scratch.namespace('cold-c'),
  };
};

/** @param nexthops - `auto`: the routes share an object, which netrecon makes; the others put the gateway into each */
const coldRow = (count: number, nexthops: 'none' | 'auto' = 'none'): Row => ({
  name: `cold-${nexthops === 'auto' ? 'nhid-' : ''}${shortCount(count)}`,
  work: `cold apply of ${countText(count)} routes from a list${nexthops === 'auto' ? ' with nexthop_objects: auto' : ''}`,
  contenders(scratch) {
    const [ours, theirs] = ['cold', 'cold-ip'].map((name) => scratch.namespace(name)) as [string, string];
    const file = stateOf(scratch, 'all', prefixes(count), `nexthop_objects: ${nexthops}\n`);
    const adds = scratch.file('add.batch', batch('add', prefixes(count)));
    return [
      {
        name: 'netrecon',
        command: scratch.netrecon(ours, 'apply', '--yes', file),
        prepare: () => void scratch.namespace('cold'),
      },
      { name: 'ip -batch', command: ipBatch(theirs, adds), prepare: () => void scratch.namespace('cold-ip') },
      coldInC(scratch, prefixes(count)),
      ...(nexthops === 'auto' || count < FULL_TABLE ? [] : [birdCold(scratch, prefixes(count))]),
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

/** One prefix of a hundred goes, and as many new ones come, and one more: so a count tells when all is done. */
const churnRow = (count: number): Row => ({
  name: `churn-${shortCount(count)}`,
  work: `1 % of ${countText(count)} routes changed in the list`,
  contenders(scratch) {
    const changed = Math.round(count / 100);
    const old = prefixes(count);
    const fresh = prefixes(changed + 1, count);
    const gone = old.filter((_, i) => i % 100 === 50);
    const now = [...old.filter((_, i) => i % 100 !== 50), ...fresh];
    const file = stateOf(scratch, 'changed', now);
    const there = scratch.file('there.batch', batch('del', gone) + batch('add', fresh));
    const back = scratch.file('back.batch', batch('del', fresh) + batch('add', gone));
    const adds = scratch.file('add.batch', batch('add', old));
    const namespaces = ['churn', 'churn-ip', 'churn-not'].map((name) => scratch.namespace(name));
    const [ours, theirs, unchanged] = namespaces as [string, string, string];
    for (const ns of namespaces) run(ipBatch(ns, adds));
    const again = new Set<string>();
    // the namespaces begin in the old state: only what a run did is undone
    const undo = (ns: string) => () => {
      if (again.has(ns)) run(ipBatch(ns, back));
      again.add(ns);
    };
    // what a dump costs depends on what the table has been through: it is the same for the no-op apply
    const thereAndBack = () => {
      run(ipBatch(unchanged, there));
      run(ipBatch(unchanged, back));
    };
    const noop = scratch.netrecon(unchanged, 'apply', '--yes', stateOf(scratch, 'all', old));
    return [
      { name: 'netrecon', command: scratch.netrecon(ours, 'apply', '--yes', file), prepare: undo(ours) },
      { name: 'netrecon, no-op', command: noop, prepare: thereAndBack },
      { name: 'ip -batch', command: ipBatch(theirs, there), prepare: undo(theirs) },
      ...(count < FULL_TABLE ? [] : [birdChange(scratch, old, now)]),
    ];
  },
});

/** Another MTU of a link, on a host with a long list that is as it should be. */
const besideRow = (count: number): Row => ({
  name: `beside-${shortCount(count)}`,
  work: `another MTU of one link beside ${countText(count)} routes of a list`,
  contenders(scratch) {
    const ns = scratch.namespace('beside');
    run(ipBatch(ns, scratch.file('add.batch', batch('add', prefixes(count)))));
    const noop = stateOf(scratch, 'all', prefixes(count));
    const routes = readFileSync(noop, 'utf8');
    const [before, after] = [1400, 1450].map((mtu) => {
      const file = scratch.file(`mtu-${mtu}.yaml`, `${routes}links: { ${UPLINK}-far: { mtu: ${mtu} } }\n`);
      return scratch.netrecon(ns, 'apply', '--yes', file);
    }) as [Contender['command'], Contender['command']];
    return [
      { name: 'netrecon', command: after, prepare: () => run(before) },
      { name: 'netrecon, no-op', command: scratch.netrecon(ns, 'apply', '--yes', noop) },
    ];
  },
});

/** IfState takes seconds for them: the fewer the runs, the better. */
const ifstateRow = (count: number, state: 'cold' | 'noop'): Row => ({
  name: `ifstate-${state}-${shortCount(count)}`,
  work: `${state === 'cold' ? 'cold' : 'no-op'} apply of ${countText(count)} routes`,
  slow: true,
  mostRuns: 1,
  contenders(scratch) {
    const [ours, theirs] = ['ifstate', 'ifstate-peer'];
    const file = stateOf(scratch, 'all', prefixes(count));
    const apply = (name: string) => scratch.netrecon(scratch.namespace(name), 'apply', '--yes', file);
    const command = apply(ours);
    const peer = ifstateApply(scratch, prefixes(count));
    const theirCommand = isLeftOut(peer) ? undefined : peer.commandOf(scratch.namespace(theirs));
    if (state === 'noop') for (const first of [command, theirCommand]) if (first !== undefined) run(first);
    const renew = (name: string) => (state === 'noop' ? {} : { prepare: () => void scratch.namespace(name) });
    return [
      { name: 'netrecon', command, ...renew(ours) },
      isLeftOut(peer) || theirCommand === undefined
        ? (peer as LeftOut)
        : { name: IFSTATE, command: theirCommand, ...renew(theirs) },
    ];
  },
});

/** IPv6 routes, against `ip` alone. */
const inet6Row = (count: number, state: 'cold' | 'noop'): Row => ({
  name: `${state}-6-${shortCount(count)}`,
  work: `${state === 'cold' ? 'cold' : 'no-op'} apply of ${countText(count)} IPv6 routes from a list`,
  contenders(scratch) {
    const [ours, theirs] = ['inet6', 'inet6-ip'].map((name) => scratch.namespace(name)) as [string, string];
    const list = prefixes6(count);
    const adds = scratch.file('add.batch', batch('add', list));
    const command = scratch.netrecon(ours, 'apply', '--yes', stateOf(scratch, 'all', list));
    if (state === 'noop') {
      run(ipBatch(ours, adds));
      return [
        { name: 'netrecon', command },
        { name: 'ip -6 route show', command: ['ip', '-n', ours, '-6', 'route', 'show', 'table', 'main'] },
      ];
    }
    return [
      { name: 'netrecon', command, prepare: () => void scratch.namespace('inet6') },
      { name: 'ip -batch', command: ipBatch(theirs, adds), prepare: () => void scratch.namespace('inet6-ip') },
    ];
  },
});

/** A table of the whole Internet: daemons are measured with it. */
const FULL_TABLE = 1_000_000;

/** Tables of routes from a list, in full, unchanged, changed a little, and gone. */
export const ROUTE_ROWS: readonly Row[] = [
  ...[10_000, 100_000].flatMap((count) => [coldRow(count), noopRow(count), churnRow(count), removalRow(count)]),
  coldRow(100_000, 'auto'),
  asSlow(coldRow(1_000_000, 'auto')),
  ...[200_000, 1_000_000].map(removalRow).map(asSlow),
  ...[1_000_000].flatMap((count) =>
    [coldRow(count), noopRow(count), spelledRow(count), churnRow(count), besideRow(count)].map(asSlow),
  ),
  inet6Row(200_000, 'cold'),
  inet6Row(200_000, 'noop'),
  ifstateRow(10_000, 'cold'),
  ifstateRow(10_000, 'noop'),
];

function asSlow(row: Row): Row {
  return { ...row, slow: true };
}
