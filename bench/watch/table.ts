import { setTimeout as sleep } from 'node:timers/promises';
import type { Op, OpOf } from '../../src/model/op.ts';
import type { Route } from '../../src/model/route.ts';
import { openKernel } from '../../src/netlink/open-kernel.ts';
import { openNetlinkSocket } from '../../src/netlink/socket/netlink-socket.ts';
import { RTM, RTNLGRP } from '../../src/netlink/wire/constants.ts';
import { peakOf } from '../measure.ts';
import { openRouteCount } from '../peers/route-count.ts';
import { PROTOCOL, prefixes, stateOf } from '../route-lists.ts';
import { GATEWAY, type Scratch, UPLINK } from '../scratch.ts';
import { startWatch } from './daemon.ts';
import { awaitMessage } from './latency.ts';

/** How `netrecon watch` does with a list of so many routes. */
export interface TableFigures {
  readonly count: number;
  /** from the acknowledgement of an outside deletion to the kernel's message that the route is there again; ms, ascending */
  readonly samples: readonly number[];
  /** from the start of the process until all routes are there */
  readonly startMs: number;
  readonly burst: { readonly count: number; readonly milliseconds: number } | undefined;
  /** before the burst, and in the end */
  readonly peakMegabytes: readonly [number, number];
}

/** Long enough for a pass to end with its verification. */
const PAUSE_MS = 20;

/** Verified, and everything at rest. */
const REST_MS = 3000;

const routeTo = (to: string): Route => ({
  family: 'inet',
  to,
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: PROTOCOL,
  scope: 0,
  hops: [{ via: GATEWAY, dev: UPLINK, weight: 1 }],
});

const deletionOf = (to: string): OpOf<'route'> => ({ kind: 'route', action: 'delete', object: routeTo(to) });

/**
 * @param events - single deletions, each of another route
 * @param burst - so many deletions at once, in the end
 */
export const measureTable = async (
  scratch: Scratch,
  { count, events, burst }: { readonly count: number; readonly events: number; readonly burst: number },
): Promise<TableFigures> => {
  const list = prefixes(count);
  const file = stateOf(scratch, 'table', list);
  const ns = scratch.namespace('table');
  const routes = await openRouteCount(scratch, ns);
  const all = routes.now() + count;
  const kernel = openKernel({ namespace: ns });
  await kernel.dump({ kinds: ['link'] });
  const channel = kernel.inNamespace(() => openNetlinkSocket({ groups: [RTNLGRP.IPV4_ROUTE] }));
  const startedAt = performance.now();
  const watch = await startWatch(scratch, { ns, file, args: ['--debounce', '0'] }, async () => routes.now() === all);
  const startMs = performance.now() - startedAt;
  try {
    await sleep(REST_MS);
    const samples: number[] = [];
    for (let i = 0; i < events; i++) {
      while (drained(channel));
      const to = list[Math.floor((i * count) / events)] as string;
      const [result] = await kernel.send([deletionOf(to)]);
      if (result?.ok !== true) throw new Error(`cannot delete ${to}: ${JSON.stringify(result)}`);
      const deletedAt = performance.now();
      awaitMessage(channel, RTM.NEWROUTE, kernel.portId);
      samples.push(performance.now() - deletedAt);
      await sleep(PAUSE_MS);
    }
    channel.close();
    const before = peakOf(watch.pid) / 1024;
    const many = list.slice(0, burst).map((to): Op => deletionOf(to));
    const burstAt = performance.now();
    if (burst > 0) await kernel.send(many, { pipeline: true });
    const milliseconds = burst > 0 ? (await routes.reached(all)) - burstAt : 0;
    samples.sort((a, b) => a - b);
    return {
      count,
      samples,
      startMs,
      burst: burst > 0 ? { count: burst, milliseconds } : undefined,
      peakMegabytes: [before, peakOf(watch.pid) / 1024],
    };
  } finally {
    await watch.stop();
    kernel.close();
    scratch.clear();
  }
};

const drained = (channel: ReturnType<typeof openNetlinkSocket>): boolean => {
  try {
    return channel.receiveNow() !== undefined;
  } catch {
    // there was more than the buffer holds: what counts is what comes from now on
    return true;
  }
};
