import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure, type Sample } from './measure.ts';
import { openRouteCount, type RouteCount } from './peers/route-count.ts';
import { PROTOCOL, prefixes, stateOf } from './route-lists.ts';
import { countText, type Row, shortCount } from './row.ts';
import { UPLINK } from './scratch.ts';

/** What `apply` ends with when it has put everything back. */
const ROLLED_BACK = 3;

/** So many neighbors in the list, whatever the order of sending: some of them are among the last that are sent. */
const TAKEN = 512;

/**
 * Halfway through, another program puts routes of its own where some of the list are to be: the kernel refuses those, or it
 * is noticed before. Everything made so far goes again, which is looked at, before the process ends.
 */
const haltedRow = (count: number): Row => ({
  name: `halted-${shortCount(count)}`,
  work: `apply of ${countText(count)} routes that another program stops halfway, all put back`,
  slow: true,
  contenders(scratch) {
    const list = prefixes(count);
    const file = stateOf(scratch, 'all', list);
    const [ours, whole] = ['halted', 'whole'].map((name) => scratch.namespace(name)) as [string, string];
    const taken = list.slice(-TAKEN).map((to) => `route add ${to} dev ${UPLINK} proto static\n`);
    const intruder = ['-force', '-n', ours, '-batch', scratch.file('taken.batch', taken.join(''))];
    let before = 0;
    let routes: RouteCount;
    const interfere = async (): Promise<void> => {
      while (routes.now() < before + count / 2) await sleep(1);
      // those that are there already are refused
      spawnSync('ip', intruder, { stdio: 'ignore' });
    };
    return [
      {
        name: 'netrecon',
        command: scratch.netrecon(ours, 'apply', '--yes', file),
        prepare: async () => {
          routes = await openRouteCount(scratch, scratch.namespace('halted'));
          before = routes.now();
        },
        time: async (command): Promise<Sample> => {
          const [sample] = await Promise.all([measure(command, ROLLED_BACK), interfere()]);
          routes.close();
          const { stdout: left } = spawnSync('ip', ['-n', ours, 'route', 'show', 'proto', `${PROTOCOL}`]);
          if (left.length > 0) throw new Error('not everything was put back');
          return sample;
        },
      },
      {
        name: 'the same apply, not stopped',
        command: scratch.netrecon(whole, 'apply', '--yes', file),
        prepare: () => void scratch.namespace('whole'),
      },
    ];
  },
});

/** What a failure costs. */
export const FAULT_ROWS: readonly Row[] = [100_000, 1_000_000].map(haltedRow);
