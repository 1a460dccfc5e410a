import type { CommandSketch, OptionSketch } from './command-tree.ts';

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

const valueWords = (option: OptionSketch): string => {
  if (!option.value) return '';
  const listing = {
    namespace: ` -x -a ${quote('(command ls /run/netns 2>/dev/null)')}`,
    folder: ` -x -a ${quote('(__fish_complete_directories)')}`,
    file: ' -r -F',
  };
  if (option.listing !== undefined) return listing[option.listing];
  return option.choices.length === 0 ? ' -x' : ` -x -a ${quote(option.choices.join(' '))}`;
};

const optionLine = (command: CommandSketch, option: OptionSketch): string => {
  const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
  const when = quote(`__fish_seen_subcommand_from ${command.name}`);
  return `complete -c netrecon -n ${when}${short} -l ${option.long.slice(2)}${valueWords(option)} -d ${quote(option.description)}`;
};

const commandLines = (command: CommandSketch): readonly string[] => {
  const when = quote(`__fish_seen_subcommand_from ${command.name}`);
  return [
    `complete -c netrecon -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.description)}`,
    ...(command.takesFiles ? [] : [`complete -c netrecon -n ${when} -f -a ${quote(command.choices.join(' '))}`]),
    ...command.options.map((option) => optionLine(command, option)),
  ];
};

/** A completion script for fish. */
export const fishCompletion = (commands: readonly CommandSketch[]): string =>
  `${[
    '# fish completion for netrecon; load it with: netrecon completion fish | source',
    ...commands.flatMap(commandLines),
  ].join('\n')}\n`;
