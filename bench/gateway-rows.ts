import { C_PROGRAM, compileSendRoutes } from './peers/c-program.ts';
import { listFile, prefixes } from './route-lists.ts';
import { type Contender, countText, isLeftOut, type LeftOut, type Row, shortCount } from './row.ts';
import { run, type Scratch, UPLINK } from './scratch.ts';

/** There and back: each run leads from the first gateway to the second. */
const GATEWAYS = ['192.0.2.2', '192.0.2.3'] as const;
type Gateway = (typeof GATEWAYS)[number];

/** All routes go by one nexthop object, which netrecon makes for them. */
const stateBy = (scratch: Scratch, gateway: Gateway, list: string): string =>
  scratch.file(
    `by-${gateway}.yaml`,
    `version: 1\nnexthop_objects: auto\nroutes:\n  - { to_file: ${list}, via: ${gateway}, dev: ${UPLINK} }\n`,
  );

/** The kernel tells nobody of each route whose nexthop object changes (ip-sysctl: nexthop_compat_mode). */
const tellNobody = (ns: string): void =>
  run(['ip', 'netns', 'exec', ns, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv4/nexthop_compat_mode']);

const byObject = (scratch: Scratch, list: string): Contender => {
  const ns = scratch.namespace('object');
  tellNobody(ns);
  const [before, after] = GATEWAYS.map((gateway) =>
    scratch.netrecon(ns, 'apply', '--yes', stateBy(scratch, gateway, list)),
  ) as [Contender['command'], Contender['command']];
  return { name: 'netrecon', command: after, prepare: () => run(before) };
};

const byRoute = (scratch: Scratch, list: string): Contender | LeftOut => {
  const program = compileSendRoutes(scratch);
  if (isLeftOut(program)) return program;
  const ns = scratch.namespace('replace');
  run(program.commandOf({ ns, list, verb: 'add', gateway: GATEWAYS[0] }));
  const [before, after] = GATEWAYS.map((gateway) => program.commandOf({ ns, list, verb: 'replace', gateway })) as [
    Contender['command'],
    Contender['command'],
  ];
  return { name: `${C_PROGRAM}: each route replaced`, command: after, prepare: () => run(before) };
};

const gatewayRow = (count: number): Row => ({
  name: `gateway-${shortCount(count)}`,
  work: `another gateway for ${countText(count)} routes with nexthop_objects: auto (nexthop_compat_mode 0)`,
  slow: true,
  contenders(scratch) {
    const list = listFile(scratch, 'gateway', prefixes(count));
    return [byObject(scratch, list), byRoute(scratch, list)];
  },
});

/** The same gateway behind many routes. */
export const GATEWAY_ROWS: readonly Row[] = [100_000, 1_000_000].map(gatewayRow);
