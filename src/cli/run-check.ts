import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDefaultPrefix, isLinkLocal } from '../model/ip.ts';
import type { State } from '../model/state.ts';
import type { OpenedKernel } from '../netlink/open-kernel.ts';
import type { Check, CheckResult } from '../reconcile/transaction/checks.ts';

const PASSED: CheckResult = { passed: true };

/** What a check may say for itself. */
const MOST_OUTPUT = 4096;

const PROBE = fileURLToPath(new URL('./probe.js', import.meta.url));

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.trim() ?? '';

/** Everything that the check started goes with it: it leads a process group of its own. */
const killGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ended by itself just now
  }
};

/** The end of a child's output, read as it comes: a full pipe would stop the child. */
const collect = (child: ChildProcess): (() => string) => {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(-MOST_OUTPUT);
    });
  }
  return () => text;
};

/** Starts a program in the namespace: a child has that of the thread which makes it. */
const runProgram = async (
  kernel: OpenedKernel,
  program: string,
  args: readonly string[],
  leftMs: number,
): Promise<CheckResult> => {
  const child = kernel.inNamespace(() => spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
  const output = collect(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, leftMs);
  try {
    // not `close`: a process that the check leaves behind may keep the pipes open
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (status === 0) return PASSED;
    const end = timedOut ? 'it took too long' : signal === null ? `exit status ${status}` : `ended by ${signal}`;
    const said = lastLine(output());
    return { passed: false, why: said === '' ? end : `${end}: ${said}`, cut: timedOut };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? `there is no program ${program} on this host` : (error as Error).message;
    return { passed: false, why, final: isMissing };
  } finally {
    clearTimeout(timer);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
};

/** A gateway of a default route and the link that it is on. */
interface Gateway {
  readonly via: string;
  readonly dev: string;
}

const defaultGateways = ({ route, link }: State): readonly Gateway[] => {
  const withoutArp = new Set(link.flatMap(({ name, arp }) => (arp === false ? [name] : [])));
  return route
    .filter(({ to, type }) => isDefaultPrefix(to) && type === 'unicast')
    .flatMap(({ hops }) => hops)
    .flatMap(({ via, dev }) => (via === undefined || dev === undefined || withoutArp.has(dev) ? [] : [{ via, dev }]));
};

const isResolved = ({ neighbor }: State, { via, dev }: Gateway): boolean =>
  neighbor.some((n) => n.type === 'neighbor' && n.to === via && n.dev === dev && n.lladdr !== undefined);

/** The kernel keeps the link-layer address of a neighbor only as long as it is valid (neighbour.c neigh_fill_info). */
const checkGateways = async (kernel: OpenedKernel, leftMs: number): Promise<CheckResult> => {
  const gateways = defaultGateways(await kernel.dump({ kinds: ['link', 'route'] }));
  if (gateways.length === 0) return { passed: false, why: 'there is no default route by a gateway' };
  await Promise.all(
    gateways.map(({ via, dev }) =>
      runProgram(kernel, process.execPath, [PROBE, 'udp', isLinkLocal(via) ? `${via}%${dev}` : via], leftMs),
    ),
  );
  const now = await kernel.dump({ kinds: ['neighbor'] });
  const silent = gateways.filter((gateway) => !isResolved(now, gateway));
  if (silent.length === 0) return PASSED;
  return { passed: false, why: silent.map(({ via, dev }) => `${via} dev ${dev} does not answer`).join(', ') };
};

/**
 * Tries a check once, in the namespace of the kernel port.
 * @param leftMs what still runs then is killed
 */
export const attemptCheck = (kernel: OpenedKernel, check: Check, leftMs: number): Promise<CheckResult> => {
  switch (check.type) {
    case 'command':
      return runProgram(kernel, 'sh', ['-c', check.command], leftMs);
    case 'ping':
      return runProgram(kernel, 'ping', ['-n', '-c', '1', '-W', '1', check.address], leftMs);
    case 'tcp':
      return runProgram(kernel, process.execPath, [PROBE, 'tcp', check.host, `${check.port}`], leftMs);
    case 'gateway':
      return checkGateways(kernel, leftMs);
  }
};
