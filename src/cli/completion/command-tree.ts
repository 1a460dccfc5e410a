import type { Command } from 'commander';

/** What a shell needs to know of an option. */
export interface OptionSketch {
  /** `-v` */
  readonly short?: string;
  /** `--verbose` */
  readonly long: string;
  readonly description: string;
  /** takes a value as the next word */
  readonly value: boolean;
  readonly choices: readonly string[];
  /** what the value is, where the shell can list such things */
  readonly listing: 'namespace' | 'folder' | 'file' | undefined;
}

export interface CommandSketch {
  readonly name: string;
  readonly description: string;
  /** the command's own, then the common ones */
  readonly options: readonly OptionSketch[];
  /** words that its arguments are taken from; empty where they are files or where there are none */
  readonly choices: readonly string[];
  readonly takesFiles: boolean;
}

const LISTINGS: Readonly<Record<string, OptionSketch['listing']>> = {
  '--netns': 'namespace',
  '--state-dir': 'folder',
  '--against': 'file',
  '--out': 'file',
  '--plan': 'file',
};

const optionsOf = (command: Command): readonly OptionSketch[] =>
  command.options
    .filter((option) => option.long !== undefined && option.long !== null)
    .map((option) => ({
      long: option.long as string,
      ...(option.short == null ? {} : { short: option.short }),
      description: option.description,
      value: option.required,
      choices: option.argChoices ?? [],
      listing: LISTINGS[option.long as string],
    }));

const HELP: OptionSketch = {
  short: '-h',
  long: '--help',
  description: 'show help',
  value: false,
  choices: [],
  listing: undefined,
};

/** The commands as plain data, for the completion scripts. */
export const sketchCommands = (program: Command): readonly CommandSketch[] => {
  const common = [...optionsOf(program).filter(({ long }) => long !== '--version'), HELP];
  // what --help hides is for no shell either
  const visible = new Set(program.createHelp().visibleCommands(program));
  const shown = program.commands.filter((command) => visible.has(command));
  return shown.map((command) => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      description: command.description(),
      options: [...optionsOf(command), ...common],
      choices: argument?.argChoices ?? [],
      takesFiles: argument !== undefined && argument.argChoices === undefined,
    };
  });
};
