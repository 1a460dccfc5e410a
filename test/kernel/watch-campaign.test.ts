import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { sleep } from './harness.ts';
import { createRandom, type Daemon, eventually, report, sampleSize, usageOf, withWatch } from './watch-support.ts';

const EVENTS = sampleSize('EVENTS', 80);
const EDITS = sampleSize('EDITS', 8);
const OBJECTS = sampleSize('OBJECTS', 100);
const SEED = sampleSize('SEED', 20_261_121);

/** Fewer than what makes a fight, and the calm after which an object counts as new. */
const MOST_HITS = 4;
const CALM_MS = 75_000;

/** A long campaign goes on after an event that was not told, but not for ever. */
const MOST_UNTOLD = EVENTS >= 10_000 ? 20 : 1;

/** An object of the file, and what `ip -batch` lines undo it. */
interface Target {
  readonly line: string;
  readonly section: 'routes' | 'rules' | 'neighbors' | 'addresses';
  /** in the title of its drift */
  readonly title: string;
  readonly undo: readonly string[];
}

const target = (i: number): Target => {
  const [high, low] = [i >> 8, i & 255];
  const net = `10.${100 + high}.${low}.0/24`;
  switch (i % 10) {
    case 7:
      return {
        section: 'rules',
        line: `{priority: ${1000 + i}, from: ${net}, table: 100}`,
        title: `rule ${1000 + i}:`,
        undo: [`rule del pref ${1000 + i}`],
      };
    case 8: {
      const host = `10.0.${4 + high}.${low}`;
      return {
        section: 'neighbors',
        line: `{to: ${host}, lladdr: "02:00:00:00:00:05", dev: v0}`,
        title: ` ${host} `,
        undo: [`neigh del ${host} dev v0`, `neigh replace ${host} lladdr 02:00:00:00:00:06 dev v0`],
      };
    }
    case 9: {
      const address = `10.${150 + high}.${low}.1/24`;
      return {
        section: 'addresses',
        line: `{address: ${address}, dev: v0}`,
        title: ` ${address} `,
        undo: [`addr del ${address} dev v0`],
      };
    }
    default:
      return {
        section: 'routes',
        line: `{to: ${net}, via: 10.0.0.254}`,
        title: `route ${net}`,
        undo: [
          `route del ${net}`,
          `route replace ${net} via 10.0.0.253`,
          `route replace ${net} via 10.0.0.254 mtu 1400`,
        ],
      };
  }
};

const TARGETS = Array.from({ length: OBJECTS }, (_, i) => target(i));

const sectionText = (name: Target['section'], more: readonly string[] = []): string => {
  const lines = [...TARGETS.filter(({ section }) => section === name).map(({ line }) => line), ...more];
  return lines.length === 0 ? '' : `${name}:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
};

/** @param edit every edit is another text, and every second one another state */
const stateOf = (edit: number): string =>
  `# edit ${edit}
version: 1
links:
  v0: {kind: veth, veth: {peer: v1}}
  v1: {kind: veth, veth: {peer: v0}}
${sectionText('addresses', ['{address: 10.0.0.1/16, dev: v0}'])}${sectionText('rules')}${sectionText('neighbors')}${sectionText(
  'routes',
  edit % 2 === 0 ? [] : [`{to: 10.99.${edit & 255}.0/24, via: 10.0.0.254}`],
)}`;

/** One `ip` that does what it is told, line by line. */
const startIp = (ns: string) => {
  const child = spawn('ip', ['-n', ns, '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  return {
    run: (line: string) => void child.stdin.write(`${line}\n`),
    end: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
      return child.exitCode;
    },
  };
};

/** The most that is undone before any of it is waited for. */
const BURST = 48;
/** Of so many events one figure of the memory is kept. */
const SHARE = Math.ceil(EVENTS / 50);

/** Chooses objects such that none is undone as often as in a fight, nor twice in a burst; undefined while there is none. */
const createChooser = (random: () => number) => {
  const hits = TARGETS.map(() => ({ count: 0, last: 0 }));
  const isFree = (i: number): boolean => {
    const hit = hits[i] as (typeof hits)[number];
    if (Date.now() - hit.last > CALM_MS) hit.count = 0;
    return hit.count < MOST_HITS;
  };
  return (isNew: (target: Target) => boolean): Target | undefined => {
    const start = Math.floor(random() * OBJECTS);
    for (let n = 0; n < OBJECTS; n++) {
      const i = (start + n) % OBJECTS;
      if (!isFree(i) || !isNew(TARGETS[i] as Target)) continue;
      const hit = hits[i] as (typeof hits)[number];
      hit.count++;
      hit.last = Date.now();
      return TARGETS[i];
    }
    return undefined;
  };
};

/** Writes the file again and again; each edit must have been noticed before the next. */
const createEditor = (daemon: Daemon, random: () => number) => {
  let broken = 0;
  let expected: 'applied' | 'problem' | undefined;
  let from = 0;
  const noticed = async (edit: number): Promise<void> => {
    if (expected === undefined) return;
    const what = expected;
    await eventually(`the edit before ${edit} (${what})`, () =>
      daemon.events.slice(from).some(({ type }) => type === what),
    );
  };
  return {
    edit: async (edit: number): Promise<void> => {
      await noticed(edit);
      // never two broken ones in a row: the second would be the same news
      const isBroken = expected !== 'problem' && (random() < 0.11 || edit === 2);
      if (isBroken) broken++;
      from = daemon.events.length;
      expected = isBroken ? 'problem' : 'applied';
      writeFileSync(daemon.path, isBroken ? `${stateOf(edit).slice(0, -7)}, {` : stateOf(edit));
    },
    finish: async (edits: number): Promise<number> => {
      await noticed(edits);
      writeFileSync(daemon.path, stateOf(edits * 2 + 2));
      await eventually('the last edit', () => daemon.status().inSync && daemon.status().problems.length === 0);
      return broken;
    },
  };
};

/** Least squares: KiB for each thousand events. */
const slopeOf = (points: readonly (readonly [number, number])[]): number => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([event]) => event)), mean(points.map(([, KiB]) => KiB))];
  const above = points.reduce((sum, [event, KiB]) => sum + (event - x) * (KiB - y), 0);
  return (1000 * above) / points.reduce((sum, [event]) => sum + (event - x) ** 2, 0);
};

const campaign = async (daemon: Daemon, ip: (line: string) => void): Promise<void> => {
  const random = createRandom(SEED);
  const pid = daemon.process.pid as number;
  const choose = createChooser(random);
  const editor = createEditor(daemon, random);
  const { descriptors } = usageOf(pid);
  /** the least of each share: what is resident rises from one collection of garbage to the next */
  const memory: (readonly [number, number])[] = [];
  let least = Number.POSITIVE_INFINITY;
  const editEvery = Math.max(1, Math.floor(EVENTS / Math.max(1, EDITS)));
  let edits = 0;
  const untold: string[] = [];
  const untoldOf = async (what: string, title: string, from: number): Promise<void> => {
    const isTold = () =>
      daemon.events
        .slice(from)
        .some((event) => event.type === 'drift' && event.done === 'corrected' && event.title.includes(title));
    await eventually(what, isTold, 2).catch((error: Error) => {
      const { inSync, objects } = daemon.status();
      const astray = objects.filter(({ state }) => state !== 'inSync');
      report(`${error.message}; ${inSync ? 'in sync' : `astray: ${JSON.stringify(astray)}`}`);
      const last = daemon.events.slice(from).map((event) => JSON.stringify(event));
      report(`what was told meanwhile: ${last.join(' ')}`);
      untold.push(error.message);
      if (untold.length >= MOST_UNTOLD) throw error;
    });
  };
  for (let i = 0; i < EVENTS; ) {
    if (i >= edits * editEvery && edits < EDITS) await editor.edit(++edits);
    // mostly few at a time
    const most = Math.min(EVENTS - i, 1 + Math.floor(BURST * random() ** 2));
    const burst = new Map<string, string>();
    while (burst.size < most) {
      const chosen = choose(({ title }) => !burst.has(title));
      // what has been chosen is not kept waiting: its calm counts from now
      if (chosen === undefined && burst.size > 0) break;
      if (chosen === undefined) await sleep(100);
      else burst.set(chosen.title, chosen.undo[Math.floor(random() * chosen.undo.length)] as string);
    }
    const { size } = burst;
    const from = daemon.events.length;
    ip([...burst.values()].join('\n'));
    for (const [title, line] of burst) await untoldOf(`event ${i}: ${line}`, title, from);
    least = Math.min(least, usageOf(pid).residentKiB);
    if (Math.floor((i + size) / SHARE) > Math.floor(i / SHARE)) {
      memory.push([i + size, least]);
      if (EVENTS > 10_000) report(`event ${i + size}: ${least} KiB`);
      least = Number.POSITIVE_INFINITY;
    }
    i += size;
  }
  const broken = await editor.finish(edits);
  assert.equal(daemon.run('plan', daemon.path, '--detailed-exitcode').status, 0);
  await eventually('the descriptors as before', () => usageOf(pid).descriptors <= descriptors);
  const told = daemon.events.filter(({ type }) => type === 'drift');
  const fights = daemon.events.filter(({ type }) => type === 'fight');
  // the first half warms up
  const slope = slopeOf(memory.slice(memory.length >> 1));
  report(
    `campaign: ${EVENTS} events, ${told.length} told, ${fights.length} fights, ${edits} edits (${broken} broken), ` +
      `${descriptors} descriptors, ${usageOf(pid).residentKiB} KiB at the end, ${slope.toFixed(1)} KiB per 1,000 events in the second half`,
  );
  assert.deepEqual(untold, []);
  assert.equal(told.length, EVENTS, 'each event is told once');
  assert.equal(fights.length, 0);
  if (EVENTS >= 10_000) assert.ok(slope < 200, 'memory');
};

describe(`watch for long (seed ${SEED})`, () => {
  it(`accounts for ${EVENTS} drift events among ${EDITS} edits`, () =>
    withWatch(stateOf(0), async (ns, daemon) => {
      const ip = startIp(ns);
      try {
        await campaign(daemon, ip.run);
      } finally {
        assert.equal(await ip.end(), 0, 'ip refused nothing');
      }
    }));
});
