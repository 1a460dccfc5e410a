import { CommanderError } from 'commander';
import type { Context, GlobalOptions } from './context.ts';
import { REVIEW_COMMANDS } from './formats.ts';
import { readVersion } from './package-file.ts';
import { buildProgram, type Commands, spellOut } from './program.ts';

/** The modules of a command, loaded when it runs: each needs some of yaml, the validator and the native library. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly run: RunCommand }>>> = {
  apply: () => import('./commands/apply.ts'),
  plan: () => import('./commands/plan.ts'),
  watch: () => import('./commands/watch.ts'),
  status: () => import('./commands/status.ts'),
  history: () => import('./commands/history.ts'),
  validate: () => import('./commands/validate.ts'),
  export: () => import('./commands/export.ts'),
  snapshot: () => import('./commands/snapshot.ts'),
  monitor: () => import('./commands/monitor.ts'),
  confirm: () => import('./commands/confirm.ts'),
  guardian: () => import('./commands/guardian.ts'),
  rollback: () => import('./commands/rollback.ts'),
  recover: () => import('./commands/recover.ts'),
  fmt: () => import('./commands/fmt.ts'),
  rehearse: () => import('./commands/rehearse.ts'),
  lint: () => import('./commands/lint.ts'),
  lookup: () => import('./commands/lookup.ts'),
  schema: () => import('./commands/schema.ts'),
  completion: () => import('./commands/completion.ts'),
};

type RunCommand = (context: Context, args: readonly string[], options: never) => Promise<number>;

const STREAMS = [process.stdout, process.stderr] as const;

/** What writing to a reader that has gone leads to. */
const READER_GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** A reader that goes away (`| head`) must not end a transaction half-way: what is left to print is dropped. */
const outliveReaders = (): void => {
  for (const stream of STREAMS) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!READER_GONE.has(error.code)) throw error;
    });
  }
};

/** process.exit drops what a slow reader has not taken yet. */
const flush = async (): Promise<void> => {
  const flushed = STREAMS.filter((stream) => !stream.destroyed).map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.all(flushed);
};

const exit = async (status: number): Promise<never> => {
  await flush();
  process.exit(status);
};

/** Errors end here: a known one is explained, any other asks for a report; 1 unless the error says otherwise. */
const fail = async (error: unknown, globals: GlobalOptions, command = ''): Promise<number> => {
  const [{ createContext, toJsonText }, { errorJson, renderErrorText }, { isNetreconError }] = await Promise.all([
    import('./context.ts'),
    import('../report/error-text.ts'),
    import('../model/errors.ts'),
  ]);
  const context = createContext(process, globals);
  context.complain(renderErrorText(error, { paint: context.talkPaint, stack: globals.verbose > 0 }));
  if (globals.format === 'json') context.print(toJsonText(errorJson(error)));
  else if (globals.format !== 'text' && REVIEW_COMMANDS.has(command)) {
    const { printFailure } = await import('./print-review.ts');
    await printFailure(context, command, error);
  }
  return isNetreconError(error) ? error.exitStatus : 1;
};

const main = async (argv: readonly string[]): Promise<number> => {
  let status = 0;
  const commands: Commands = {
    async run(name, args, options, globals) {
      try {
        const [{ createContext }, command] = await Promise.all([import('./context.ts'), COMMANDS[name]?.()]);
        status = (await command?.run(createContext(process, globals), args, options as never)) ?? 1;
      } catch (error) {
        status = await fail(error, globals, name);
      }
    },
  };
  const program = buildProgram(readVersion(), commands);
  const known = [program, ...program.commands];
  for (const command of known) {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'error NR_USAGE: ')),
    });
  }
  try {
    await program.parseAsync(spellOut(argv));
  } catch (error) {
    // commander has said what is wrong, or has shown the help that was asked for
    if (!(error instanceof CommanderError)) return fail(error, program.opts());
    return error.exitCode;
  }
  return status;
};

/** What no `await` was there to catch: a defect, and told as one. */
const onDefect = (error: unknown): void => {
  const verbose = process.argv.some((word) => /^-v+$|^--verbose$/.test(word)) ? 1 : 0;
  fail(error, { format: 'text', color: 'auto', verbose }).then(exit, () => process.exit(1));
};

outliveReaders();
process.on('uncaughtException', onDefect);
process.on('unhandledRejection', onDefect);
main(process.argv).then(exit, onDefect);
