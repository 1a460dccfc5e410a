import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Command, measure, peakOf, type Sample } from '../measure.ts';
import type { Contender, LeftOut } from '../row.ts';
import { findProgram, GATEWAY, run, type Scratch } from '../scratch.ts';
import { openRouteCount, type RouteCount } from './route-count.ts';

const BIRD = 'BIRD 2';

const leftOut: LeftOut = { name: BIRD, leftOut: 'bird is not installed' };

/** Static routes, and all of them into the kernel. */
const configOf = (scratch: Scratch, name: string, prefixes: readonly string[]): string => {
  const routes = prefixes.map((to) => `  route ${to} via ${GATEWAY};\n`).join('');
  const lines = [
    'router id 192.0.2.1;',
    'protocol device { }',
    'protocol kernel { ipv4 { import none; export all; }; }',
    `protocol static {\n  ipv4;\n${routes}}`,
  ];
  return scratch.file(name, `${lines.join('\n')}\n`);
};

/** A running BIRD in a namespace of its own. */
interface Running {
  readonly pid: number;
  /** at once: leaving in good order takes its routes away one by one */
  kill(): Promise<void>;
}

const socketIn = (scratch: Scratch): string => join(scratch.folder, 'bird.ctl');

const commandOf = (scratch: Scratch, ns: string, config: string): Command => {
  const files = ['-c', config, '-s', socketIn(scratch), '-P', join(scratch.folder, 'bird.pid')] as const;
  return ['ip', 'netns', 'exec', ns, findProgram('bird') as string, '-f', ...files];
};

const start = (scratch: Scratch, [program, ...args]: Command): Running => {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  scratch.afterRow(() => void child.kill('SIGKILL'));
  return {
    pid: child.pid as number,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** From the start of BIRD until all routes are in the kernel. */
export const birdCold = (scratch: Scratch, prefixes: readonly string[]): Contender | LeftOut => {
  if (findProgram('bird') === undefined) return leftOut;
  const config = configOf(scratch, 'bird.conf', prefixes);
  let count: RouteCount;
  let before = 0;
  return {
    name: BIRD,
    command: commandOf(scratch, scratch.namespace('bird'), config),
    prepare: async () => {
      count = await openRouteCount(scratch, scratch.namespace('bird'));
      before = count.now();
    },
    time: async (command): Promise<Sample> => {
      const startedAt = performance.now();
      const bird = start(scratch, command);
      const milliseconds = (await count.reached(before + prefixes.length)) - startedAt;
      const peakKilobytes = peakOf(bird.pid);
      await bird.kill();
      count.close();
      return { milliseconds, peakKilobytes };
    },
  };
};

/**
 * From `birdc configure` until the kernel has the new routes.
 * @param now - more or fewer than `old`, so that their number tells when they are there
 */
export const birdChange = (scratch: Scratch, old: readonly string[], now: readonly string[]): Contender | LeftOut => {
  const [bird, birdc] = [findProgram('bird'), findProgram('birdc')];
  if (bird === undefined || birdc === undefined) return leftOut;
  const [oldFile, newFile] = [configOf(scratch, 'old.conf', old), configOf(scratch, 'new.conf', now)];
  const configure = (file: string): Command => [birdc, '-s', socketIn(scratch), 'configure', `"${file}"`];
  const ns = scratch.namespace('bird');
  let running: Running | undefined;
  let count: RouteCount;
  let before = 0;
  return {
    name: `${BIRD} configure`,
    command: configure(newFile),
    prepare: async () => {
      if (running === undefined) {
        count = await openRouteCount(scratch, ns);
        before = count.now();
        running = start(scratch, commandOf(scratch, ns, oldFile));
      } else run(configure(oldFile));
      await count.reached(before + old.length);
    },
    time: async (command): Promise<Sample> => {
      const startedAt = performance.now();
      await measure(command);
      const milliseconds = (await count.reached(before + now.length)) - startedAt;
      return { milliseconds, peakKilobytes: peakOf(running?.pid ?? 0) };
    },
  };
};
