import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Op } from '../../src/model/op.ts';
import type { Route } from '../../src/model/route.ts';
import { openKernel } from '../../src/netlink/open-kernel.ts';
import { GATEWAY, type Scratch, UPLINK } from '../scratch.ts';
import { startBackground, startWatch } from './daemon.ts';

/** What a process used while others changed routes. */
export interface Load {
  readonly name: string;
  /** of one processor */
  readonly percent: number;
}

/** Additions and deletions by turns, this often. */
const TICK_MS = 20;

const FOREIGN_PROTOCOL = 12;
const FOREIGN_TABLE = 77;

const foreignRoute = (i: number): Route => ({
  family: 'inet',
  to: `10.${200 + (i >> 8)}.${i & 255}.0/24`,
  table: FOREIGN_TABLE,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: FOREIGN_PROTOCOL,
  scope: 0,
  hops: [{ via: GATEWAY, dev: UPLINK, weight: 1 }],
});

/** Milliseconds of processor time. @see proc_pid_stat(5): utime and stime are in hundredths of a second */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
};

/**
 * The processor time of `netrecon watch` beside that of `ip monitor route` in the same namespace, while another program
 * changes routes that no file names.
 * @param rate changes a second
 */
export const measureLoad = async (
  scratch: Scratch,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<{ readonly perSecond: number; readonly loads: readonly Load[] }> => {
  const ns = scratch.namespace('load');
  const kernel = openKernel({ namespace: ns });
  const file = scratch.file(
    'load.yaml',
    `version: 1\nroutes:\n  - { to: 172.16.0.0/16, via: ${GATEWAY}, dev: ${UPLINK} }\n`,
  );
  const isReady = async () => (await kernel.dump()).route.some(({ to }) => to === '172.16.0.0/16');
  const watch = await startWatch(scratch, { ns, file, args: [] }, isReady);
  const monitor = startBackground(['ip', '-n', ns, 'monitor', 'route']);
  const watched = [
    { name: 'netrecon watch', pid: watch.pid },
    { name: 'ip monitor route', pid: monitor.pid },
  ];
  try {
    await sleep(500);
    const before = watched.map(({ pid }) => cpuOf(pid));
    const start = performance.now();
    const batch = Array.from({ length: Math.round((rate * TICK_MS) / 1000) }, (_, i) => foreignRoute(i));
    let sent = 0;
    for (let tick = 0; performance.now() - start < seconds * 1000; tick++) {
      const action = tick % 2 === 0 ? 'create' : 'delete';
      sent += (
        await kernel.send(
          batch.map((object): Op => ({ kind: 'route', action, object })),
          { pipeline: true },
        )
      ).length;
      await sleep(Math.max(0, start + (tick + 1) * TICK_MS - performance.now()));
    }
    const took = performance.now() - start;
    await sleep(200);
    return {
      perSecond: Math.round((sent * 1000) / took),
      loads: watched.map(({ name, pid }, i) => ({
        name,
        percent: (100 * (cpuOf(pid) - (before[i] as number))) / took,
      })),
    };
  } finally {
    await watch.stop();
    await monitor.stop();
    kernel.close();
    scratch.clear();
  }
};
