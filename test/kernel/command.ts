import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import type { Confirmation, TransactionRecord } from '../../src/reconcile/transaction/record.ts';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';
import { PATIENCE_MS } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'bin/netrecon');

/** Runs netrecon to its end, without a terminal. `prefix`: a command that runs it in its place. */
export const runNetrecon = (
  args: readonly string[],
  { prefix = [], ...options }: CommandOptions & { readonly prefix?: readonly string[] } = {},
): CommandResult => {
  const [program, ...words] = [...prefix, process.execPath, BIN, ...args] as [string, ...string[]];
  const result = runCommand(program, words, options);
  assert.doesNotMatch(result.stderr, /\n\s+at |NR_BUG/, 'no stack trace ever reaches a user');
  return result;
};

/** The command line as a user has it, with files and records that go at the end. Call it once in a test file. */
export interface TestCommand {
  /** writes a file of the scratch folder and tells its path */
  file(name: string, text: string): string;
  path(name: string): string;
  /** runs netrecon in a namespace, without a terminal */
  run(ns: string, ...args: readonly string[]): CommandResult;
  /** starts it, without a terminal */
  start(ns: string, ...args: readonly string[]): Running;
  /** starts it on a terminal of its own; the process is script(1), which is the terminal */
  startOnTerminal(ns: string, ...args: readonly string[]): Running;
  /** keeps an apply at work, with everything sent and nothing committed */
  hold(): Hold;
  /** the records of all namespaces, as text */
  records(): readonly string[];
  /** their transactions */
  transactions(): readonly Transaction[];
  /** the one apply that waits for its confirmation */
  pending(): Confirmation;
}

type Transaction = Pick<TransactionRecord, 'phase' | 'confirmation'>;

/** A check that passes only when its apply has ended, which it does not: the test kills it. */
export interface Hold {
  readonly options: readonly string[];
  /** whether all operations have been acknowledged */
  isReached(): boolean;
}

export interface Running {
  readonly child: ChildProcess;
  /** standard output and standard error so far */
  text(): string;
  ended(): Promise<number | null>;
}

const follow = (child: ChildProcess): Running => {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  }
  const end = once(child, 'close') as Promise<[number | null]>;
  return { child, text: () => text, ended: async () => (await end)[0] };
};

/** @param variables - environment of every run; SSH_CONNECTION is taken out, so that the tests run anywhere */
export const createTestCommand = (variables: Readonly<Record<string, string>> = {}): TestCommand => {
  const scratch = mkdtempSync(join(tmpdir(), 'netrecon-test-'));
  // a guardian may still be at its last words
  after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 20 }));
  const state = join(scratch, 'state');
  // empty: no session, and no look at the ancestors
  const env = { ...process.env, NO_COLOR: '1', SSH_CONNECTION: '', ...variables };
  const records = () =>
    (existsSync(state) ? readdirSync(state) : [])
      .map((name) => join(state, name, 'record'))
      .filter(existsSync)
      .map((path) => readFileSync(path, 'utf8'));
  // the second line is the record; the first is its sum
  const transactions = () =>
    records().flatMap((text): readonly Transaction[] => JSON.parse(text.split('\n')[1] as string).transaction ?? []);
  const argv = (ns: string, args: readonly string[]) => [...args, '--netns', ns, '--state-dir', state];
  const options = { cwd: ROOT, env } as const;
  return {
    path: (name) => join(scratch, name),
    file: (name, text) => {
      writeFileSync(join(scratch, name), text);
      return join(scratch, name);
    },
    run: (ns, ...args) => runNetrecon(argv(ns, args), options),
    start: (ns, ...args) =>
      follow(spawn(process.execPath, [BIN, ...argv(ns, args)], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })),
    startOnTerminal: (ns, ...args) => {
      const line = [process.execPath, BIN, ...argv(ns, args)].map((word) => `'${word}'`).join(' ');
      // a shell in between may take Ctrl-C for itself
      const child = spawn('script', ['-qec', `exec ${line}`, '/dev/null'], {
        ...options,
        stdio: 'pipe',
        detached: true,
      });
      return follow(child);
    },
    hold: () => {
      const reached = join(scratch, `reached-${randomBytes(4).toString('hex')}`);
      // the parent of the shell is the apply
      const check = `touch '${reached}'; while test -d /proc/$PPID; do sleep 1; done`;
      return { options: ['--check', check, '--check-timeout', '3600'], isReached: () => existsSync(reached) };
    },
    records,
    transactions,
    pending: () => {
      const [pending, other] = transactions().filter(({ phase }) => phase === 'unconfirmed');
      assert.ok(pending?.confirmation, 'an apply waits for its confirmation');
      assert.equal(other, undefined, 'an earlier test has left an apply unconfirmed');
      return pending.confirmation;
    },
  };
};

/** Waits until something holds; fails with `what` when it does not in time. */
export const until = async (holds: () => boolean, what: string | (() => string)): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) {
      assert.fail(`not within ${PATIENCE_MS} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((next) => setTimeout(next, 20));
  }
};

/** Whether the process runs; one that nobody has waited for yet does not. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it has gone, be it between the opening and the reading of the file
  }
};

export const untilGone = (pid: number): Promise<void> => until(() => !isAlive(pid), `process ${pid} ends`);

/** Ends a process that the test knows by its id, and all that it started in its session. */
export const killProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // has ended by itself
  }
};
