import { setTimeout as sleep } from 'node:timers/promises';
import type { OpOf } from '../../src/model/op.ts';
import type { AnyObject } from '../../src/model/state.ts';
import type { Channel } from '../../src/netlink/channel.ts';
import { type OpenedKernel, openKernel } from '../../src/netlink/open-kernel.ts';
import { openNetlinkSocket } from '../../src/netlink/socket/netlink-socket.ts';
import { RTM, RTNLGRP } from '../../src/netlink/wire/constants.ts';
import { MessageCursor } from '../../src/netlink/wire/framing.ts';
import { GATEWAY, type Scratch, UPLINK } from '../scratch.ts';
import { startWatch } from './daemon.ts';

/** Times from the acknowledgement of an outside deletion to the kernel's message that the object is there again. */
export interface Latencies {
  readonly kind: Kind;
  /** milliseconds, ascending */
  readonly samples: readonly number[];
}

const KINDS = ['route', 'address', 'rule', 'neighbor'] as const;
type Kind = (typeof KINDS)[number];

const REPAIRED: Readonly<Record<Kind, number>> = {
  route: RTM.NEWROUTE,
  address: RTM.NEWADDR,
  rule: RTM.NEWRULE,
  neighbor: RTM.NEWNEIGH,
};

const NETRECON = 110;

/** An object that is undone more often within a minute is fought over, and waits. */
const MOST_UNDONE = 5;

/** Hosts of a /24, less some. */
const MOST_NEIGHBORS = 200;

/** More would be fought over. */
export const MOST_EVENTS = MOST_NEIGHBORS * KINDS.length * MOST_UNDONE;

/** Long enough for a pass to end with its verification. */
const PAUSE_MS = 10;

const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** As many objects of each kind. */
const stateOf = (count: number): string => {
  const each = (line: (i: number) => string) => indexes(count).map(line).join('');
  return (
    `version: 1\naddresses:\n${each((i) => `  - { address: 10.${100 + (i >> 8)}.${i & 255}.1/24, dev: ${UPLINK} }\n`)}` +
    `routes:\n${each((i) => `  - { to: 172.${16 + (i >> 8)}.${i & 255}.0/24, via: ${GATEWAY}, dev: ${UPLINK} }\n`)}` +
    `rules:\n${each((i) => `  - { priority: ${1000 + i}, from: 10.0.${i & 255}.0/24, table: main }\n`)}` +
    `neighbors:\n${each((i) => `  - { to: 192.0.2.${10 + i}, dev: ${UPLINK}, lladdr: "02:00:00:00:00:05" }\n`)}`
  );
};

const protocolOf = (object: AnyObject): number | undefined => ('protocol' in object ? object.protocol : undefined);

const ownObjects = async (kernel: OpenedKernel, kind: Kind): Promise<readonly AnyObject[]> =>
  ((await kernel.dump({ kinds: ['link', kind] }))[kind] as readonly AnyObject[]).filter(
    (object) => protocolOf(object) === NETRECON,
  );

/** Waits for a message of a type that another process caused. @throws {Error} where none comes in time */
export const awaitMessage = (channel: Channel, type: number, ownPort: number): void => {
  for (;;) {
    const datagram = channel.receive();
    if (datagram === undefined) throw new Error('a deletion was not put right in time');
    const message = new MessageCursor(datagram);
    while (message.next()) if (message.type === type && message.portId !== 0 && message.portId !== ownPort) return;
  }
};

const undo = async (kernel: OpenedKernel, channel: Channel, kind: Kind, object: AnyObject): Promise<number> => {
  while (channel.receiveNow() !== undefined);
  const [result] = await kernel.send([{ kind, action: 'delete', object } as OpOf<Kind> as never]);
  const start = performance.now();
  if (result?.ok !== true) throw new Error(`cannot delete the ${kind}: ${JSON.stringify(result)}`);
  awaitMessage(channel, REPAIRED[kind], kernel.portId);
  return performance.now() - start;
};

/** @param events how many deletions, of all kinds together; at most MOST_EVENTS */
export const measureLatency = async (scratch: Scratch, events: number): Promise<readonly Latencies[]> => {
  const ns = scratch.namespace('latency');
  const count = Math.ceil(events / KINDS.length / MOST_UNDONE);
  const kernel = openKernel({ namespace: ns });
  const channel = kernel.inNamespace(() =>
    openNetlinkSocket({ groups: [RTNLGRP.NEIGH, RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV4_ROUTE, RTNLGRP.IPV4_RULE] }),
  );
  const file = scratch.file('latency.yaml', stateOf(count));
  const isReady = async () => (await ownObjects(kernel, 'neighbor')).length >= count;
  const watch = await startWatch(scratch, { ns, file, args: ['--debounce', '0'] }, isReady);
  try {
    const objects = new Map<Kind, readonly AnyObject[]>();
    for (const kind of KINDS) objects.set(kind, await ownObjects(kernel, kind));
    const samples = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
    for (let i = 0; i < events; i++) {
      const kind = KINDS[i % KINDS.length] as Kind;
      const list = objects.get(kind) as readonly AnyObject[];
      const object = list[Math.floor(i / KINDS.length) % list.length] as AnyObject;
      samples.get(kind)?.push(await undo(kernel, channel, kind, object));
      await sleep(PAUSE_MS);
    }
    return KINDS.map((kind) => ({ kind, samples: (samples.get(kind) ?? []).sort((a, b) => a - b) }));
  } finally {
    await watch.stop();
    channel.close();
    kernel.close();
    scratch.clear();
  }
};
