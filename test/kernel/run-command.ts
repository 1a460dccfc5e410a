import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a command said. */
export interface CommandResult {
  /** from 128 on, a signal has ended it */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** standard input; default: nothing */
  readonly input?: string;
  readonly cwd?: string;
  /** the whole environment; default: that of the test */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

type RunCommand = (program: string, args: readonly string[], options?: CommandOptions) => CommandResult;

const NOT_FOUND = 127;

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The first line is the request to run `command`; the answer is its exit status on a line. Ends with the test. */
const SERVER = `cd "$1"
while read -r _; do (. ./command); echo $?; done <request >answer
rm -r "$1"`;

/**
 * Runs commands to their end by way of a small shell, which is started with the first of them: to fork a process as large as
 * a test takes User-Mode Linux 0.2 seconds.
 */
const createRunner = (): RunCommand => {
  let server: { readonly folder: string; readonly request: number; readonly answer: number } | undefined;
  const start = () => {
    const folder = mkdtempSync(join(tmpdir(), 'netrecon-run-'));
    const { status, error } = spawnSync('mkfifo', ['request', 'answer'], { cwd: folder });
    if (error !== undefined || status !== 0) throw error ?? new Error(`mkfifo: exit status ${status}`);
    spawn('sh', ['-c', SERVER, 'sh', folder], { stdio: 'ignore' }).unref();
    // each waits for the shell to open the other end
    return { folder, request: openSync(join(folder, 'request'), 'w'), answer: openSync(join(folder, 'answer'), 'r') };
  };
  return (program, args, { input = '', cwd, env } = {}) => {
    server ??= start();
    const { folder, request, answer } = server;
    const [stdin, stdout, stderr] = ['input', 'output', 'errors'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const environment =
      env === undefined
        ? []
        : [
            'env',
            '-i',
            ...Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`)),
          ];
    const words = [...environment, program, ...args].map(quote).join(' ');
    const from = input === '' ? '/dev/null' : stdin;
    if (input !== '') writeFileSync(stdin, input);
    writeFileSync(
      join(folder, 'command'),
      `${cwd === undefined ? '' : `cd ${quote(cwd)}\n`}exec ${words} <${quote(from)} >${quote(stdout)} 2>${quote(stderr)}\n`,
    );
    writeSync(request, '\n');
    const line = Buffer.alloc(8);
    const length = readSync(answer, line);
    if (length === 0) throw new Error(`${program}: the shell that runs the commands of this test has ended`);
    const status = Number(line.toString('latin1', 0, length));
    const result = { status, stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8') };
    if (status === NOT_FOUND && /not found/.test(result.stderr)) throw new Error(result.stderr.trim());
    return result;
  };
};

/** Runs a command to its end. @throws {Error} where there is no such program */
export const runCommand = createRunner();

/** The same of one that must not fail. @returns what it printed */
export const mustRun: (...args: Parameters<RunCommand>) => string = (program, args, options) => {
  const { status, stdout, stderr } = runCommand(program, args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim() || `exit status ${status}`}`);
  return stdout;
};
