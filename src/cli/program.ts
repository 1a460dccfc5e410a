import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { KIND_NAMES } from '../model/state.ts';
import type { GlobalOptions } from './context.ts';
import { FORMATS } from './formats.ts';

/** Runs a command with what was read from the command line. */
export interface Commands {
  /** `options` are the command's own; `globals` the common ones */
  run(
    name: string,
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
    globals: GlobalOptions,
  ): Promise<void>;
}

const FILES = 'state files (YAML or JSON), folders of them, or - for standard input';

/** A day: who confirms later than that has forgotten it. */
const MOST_SECONDS = 86_400;

const toSeconds = (text: string): number => {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new InvalidArgumentError(`It is no number of seconds from 1 to ${MOST_SECONDS}.`);
};

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const countUp = (_: string, before: number): number => before + 1;

const addGlobalOptions = (program: Command): Command =>
  program
    .addOption(
      new Option('--netns <name>', 'work in this network namespace: name, path or process id').conflicts('sandbox'),
    )
    .addOption(new Option('--sandbox', 'work in a fresh private namespace, which goes with the command'))
    .addOption(new Option('--format <format>', 'form of the result').choices(FORMATS).default('text'))
    .addOption(
      new Option(
        '--state-dir <dir>',
        'where the records are kept (default: /run/netrecon, or your runtime folder)',
      ).env('NETRECON_STATE_DIR'),
    )
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .addOption(new Option('-q, --quiet', 'say nothing but errors and results'))
    .addOption(
      new Option('-v, --verbose', 'say more; -vv shows every netlink message, -vvv with its bytes')
        .argParser(countUp as never)
        .default(0, 'off'),
    );

const toCount = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is no whole number.');
};

const MOST_REHEARSED_STEPS = 100_000;

const toStepCount = (text: string): number => {
  const steps = Number(text);
  if (/^\d+$/.test(text) && steps <= MOST_REHEARSED_STEPS) return steps;
  throw new InvalidArgumentError(`It is no number of steps from 0 to ${MOST_REHEARSED_STEPS}.`);
};

/** `--rehearse` takes its value behind `=` only, so that the word after it is a file. */
export const spellOut = (argv: readonly string[]): readonly string[] => {
  const end = argv.indexOf('--');
  return argv.map((word, i) => (word === '--rehearse' && (end < 0 || i < end) ? '--rehearse=here' : word));
};

/** The whole command line. Its commands are loaded only when they run. */
export const buildProgram = (version: string, commands: Commands): Command => {
  const program = addGlobalOptions(new Command('netrecon'))
    .description(
      "Makes a Linux host's network match a YAML file: plans, applies as one transaction, and rolls back on failure.",
    )
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .showHelpAfterError('(netrecon --help lists the commands)');

  const add = (name: string, description: string, options: { readonly hidden?: boolean } = {}): Command =>
    program
      .command(name, options)
      .description(description)
      .helpOption('-h, --help', 'show help')
      .action(async (...call: unknown[]) => {
        // commander passes the arguments, then the options, then the command itself
        const command = call.at(-1) as Command;
        await commands.run(name, command.args, command.opts(), command.parent?.opts() as GlobalOptions);
      });

  add('apply', 'plan, show, ask, apply as one transaction, verify; roll back on any failure')
    .argument('[files...]', FILES)
    .option('-y, --yes', 'do not ask')
    .option('--plan <file>', 'carry out a plan saved by plan --out, if the network is still as it was then')
    .option('--confirm <seconds>', 'revert it unless it is confirmed in time', toSeconds)
    .option(
      '--check <check>',
      'revert it unless this passes: a command, ping:ADDRESS, tcp:HOST:PORT or gateway (repeatable)',
      collect,
    )
    .addOption(
      new Option('--check-timeout <seconds>', 'how long the checks are tried; with --confirm as long as that')
        .argParser(toSeconds)
        .default(10),
    )
    .option('--force', 'apply even if it may cut the SSH session that it is run from')
    .option('--no-disruption', 'refuse a plan that interrupts traffic')
    .option('--allow-mass-delete', 'allow a plan that deletes more than half of what is managed');
  add('plan', 'show what apply would do; changes nothing, needs no privilege')
    .argument('<files...>', FILES)
    .option('--detailed-exitcode', 'exit with 2 when there are changes')
    .option('--against <state>', 'plan against a snapshot, or what ip printed (ip:FOLDER), instead of the kernel')
    .option('--diff', 'show the state before and after as a unified diff')
    .option('--probe <addresses>', 'show where packets to these (A,B,...) go before and after')
    .option('--out <file>', 'save the plan as well, for apply --plan')
    .addOption(
      new Option(
        '--limit <count>',
        'show so many changes, and of a long list so many routes; count the others',
      ).argParser(toCount),
    )
    .addOption(
      new Option(
        '--rehearse [kernel]',
        'carry the plan out on a copy of the host, and fail it at every step; =uml boots a kernel for that',
      ).choices(['here', 'uml']),
    )
    .addOption(
      new Option('--rehearse-steps <count>', 'fail so many steps at most: of more, a sample')
        .argParser(toStepCount)
        .default(25),
    )
    .option('--no-disruption', 'refuse a plan that interrupts traffic')
    .option('--allow-mass-delete', 'plan even if more than half of what is managed goes');
  add('watch', 'apply, then keep it so: correct drift as it happens, follow the files when they change')
    .argument('<files...>', 'state files (YAML or JSON), or folders of them')
    .addOption(
      new Option('--on-drift <what>', 'what to do about changes that others make')
        .choices(['correct', 'report'])
        .default('correct'),
    )
    .option('--debounce <ms>', 'wait until no event has come for so long, at most twenty times as long', '5')
    .option('--interval <seconds>', 'look at everything this often, whatever was heard', '300')
    .option('--metrics <address>', 'serve Prometheus metrics on HOST:PORT too (they are always on the status socket)')
    .option('--revert-on-exit', 'on SIGTERM and SIGINT, put back what was there before')
    .option('--allow-mass-delete', 'allow a plan that deletes more than half of what is managed');
  add('status', 'what a running watch has to say: in sync or not, since when, the last drift');
  add('history', 'what watch has done and seen in this namespace since boot').option(
    '-n, --lines <count>',
    'only the last so many events',
  );
  add('validate', 'check state files; every problem at once as file:line:col').argument('<files...>', FILES);
  add('export', "print the host's present state as a state file").option('--all', 'with what daemons installed');
  add('snapshot', 'print everything observed as JSON, for plan --against');
  add('monitor', 'print changes as they happen')
    .addArgument(new Argument('[kinds...]', 'only these kinds').choices(KIND_NAMES))
    .option('-t, --timestamp', 'put the time in front of each line');
  add('confirm', 'keep what an apply --confirm did');
  add('rollback', 'revert the last apply; one that waits for its confirmation at once').option(
    '-y, --yes',
    'do not ask',
  );
  add('recover', 'revert what a killed or unconfirmed apply left behind').option(
    '--dry-run',
    'only show what would be done',
  );
  add('guardian', 'revert an apply that nobody confirms; started by apply --confirm', { hidden: true });
  add('fmt', 'bring state files into their canonical form; comments, anchors and the order stay')
    .argument('<files...>', FILES)
    .option('--check', 'only name the files that are not in that form, and exit with 2 where there are any');
  add('rehearse', 'play a plan on a copy of a host; started by plan --rehearse', { hidden: true });
  add('lint', 'advice on state files that are valid: what is most likely not meant')
    .argument('<files...>', FILES)
    .option('--ignore <codes>', 'leave out advice of these codes (A,B,...)');
  add('lookup', 'where a packet would go: in the kernel, in a snapshot, or in either once the files are applied')
    .argument('<address>', 'the destination')
    .argument('[files...]', FILES)
    .option('--against <state>', 'look it up in a snapshot, or in what ip printed (ip:FOLDER), instead of the kernel')
    .option('--from <address>', 'its source')
    .option('--iif <link>', 'the link it comes in by; without, this host sends it')
    .option('--oif <link>', 'the link that its socket is bound to')
    .option('--mark <mark>', 'its firewall mark')
    .option('--tos <tos>', 'its tos or traffic class')
    .option('--ipproto <protocol>', 'tcp, udp, icmp or icmpv6')
    .option('--sport <port>', 'its source port')
    .option('--dport <port>', 'its destination port');
  add('schema', 'print the JSON Schema of the state file').option('--plan', 'the schema of plan --format json instead');
  add('completion', 'print a completion script for your shell').addArgument(
    new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']),
  );
  return program;
};
