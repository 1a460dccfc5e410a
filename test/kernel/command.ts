import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

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
  /** the record of the namespace with the transaction that has been open last, as text; undefined where there is none */
  records(): readonly string[];
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
  after(() => rmSync(scratch, { recursive: true, force: true }));
  const state = join(scratch, 'state');
  // empty: no session, and no look at the ancestors
  const env = { ...process.env, NO_COLOR: '1', SSH_CONNECTION: '', ...variables };
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
    records: () =>
      (existsSync(state) ? readdirSync(state) : [])
        .map((name) => join(state, name, 'record'))
        .filter(existsSync)
        .map((path) => readFileSync(path, 'utf8')),
  };
};

/** Waits until something holds; fails with `what` when it does not in time. */
export const until = async (holds: () => boolean, what: string | (() => string), withinMs = 10_000): Promise<void> => {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) assert.fail(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise((next) => setTimeout(next, 20));
  }
};

/** Ends a process that the test knows by its id, and all that it started in its session. */
export const killProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // has ended by itself
  }
};
