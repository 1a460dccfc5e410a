import assert from 'node:assert/strict';
import type { Snapshot } from '../../src/observed/snapshot.ts';
import { runNetrecon, type TestCommand } from './command.ts';
import type { CommandResult } from './run-command.ts';
import { ipRun, nsExec, withNamespace } from './support.ts';

/** A user who may do nothing, and whose state folder is nowhere. */
export const AS_NOBODY = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  'env',
  '-u',
  'XDG_RUNTIME_DIR',
];

/** How a host comes to be what it is. */
export interface HostScript {
  /** names of Ethernet cards, up and with a cable in them; default eth0 */
  readonly cards?: readonly string[];
  /** lines for ip */
  readonly lines?: readonly string[];
  /** `net.ipv6.conf.eth0.disable_ipv6=1` */
  readonly settings?: readonly string[];
}

const far = (card: string): string => `x-${card}`;

/** Nothing in a private namespace is hardware: here pairs are made to look so. */
const asHardware = (snapshot: Snapshot, cards: readonly string[]): Snapshot => {
  const { state } = snapshot;
  const hidden = new Set(cards.map(far));
  const link = state.link
    .filter(({ name }) => !hidden.has(name))
    .map(({ kind, options, ...own }) =>
      cards.includes(own.name) ? own : { ...own, ...(kind === undefined ? {} : { kind, options: options ?? {} }) },
    );
  const seen = ({ dev }: { readonly dev?: string }) => dev === undefined || !hidden.has(dev);
  return {
    ...snapshot,
    state: {
      ...state,
      link,
      address: state.address.filter(seen),
      neighbor: state.neighbor.filter(seen),
      route: state.route.filter(({ hops }) => hops.every(seen)),
    },
  };
};

/** Writes the snapshot of such a host, and tells its path. */
export const snapshotOf = (
  command: TestCommand,
  { cards = ['eth0'], lines = [], settings = [] }: HostScript,
): Promise<string> =>
  withNamespace((ns) => {
    for (const card of cards) {
      ipRun(ns, `link add ${card} type veth peer name ${far(card)}`);
      ipRun(ns, `link set ${far(card)} addrgenmode none up`, `link set ${card} up`);
    }
    ipRun(ns, ...lines);
    for (const setting of settings) assert.equal(nsExec(ns, 'sysctl', '-qw', setting).status, 0, setting);
    const { stdout, stderr } = command.run(ns, 'snapshot');
    assert.equal(stderr, '');
    return command.file('snapshot.json', JSON.stringify(asHardware(JSON.parse(stdout) as Snapshot, cards)));
  });

/** Runs `plan` without a namespace of its own, by default as nobody. */
export const runPlan = (args: readonly string[], prefix: readonly string[] = AS_NOBODY): CommandResult => {
  return runNetrecon(['plan', ...args], { prefix, env: { ...process.env, NO_COLOR: '1', SSH_CONNECTION: '' } });
};
