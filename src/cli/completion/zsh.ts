import type { CommandSketch, OptionSketch } from './command-tree.ts';

/** For a single-quoted word of the script, and for _arguments, to which brackets and colons mean something. */
const quote = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");

const action = (option: OptionSketch): string => {
  const listing = {
    namespace: `_values namespace \${(f)"$(ls /run/netns 2>/dev/null)"}`,
    folder: '_files -/',
    file: '_files',
  };
  if (option.listing !== undefined) return listing[option.listing];
  return option.choices.length === 0 ? '' : `(${option.choices.join(' ')})`;
};

const optionSpecs = (option: OptionSketch): readonly string[] => {
  const tail = `[${quote(option.description)}]${option.value ? `:${option.long.slice(2)}:${action(option)}` : ''}`;
  const names = option.short === undefined ? [option.long] : [option.short, option.long];
  return names.map((name) => `'*${name}${tail}'`);
};

const argumentSpec = (command: CommandSketch): readonly string[] => {
  if (command.takesFiles) return ["'*:file:_files'"];
  return command.choices.length === 0 ? [] : [`'*:word:(${command.choices.join(' ')})'`];
};

const commandCase = (command: CommandSketch): string => {
  const specs = [...command.options.flatMap(optionSpecs), ...argumentSpec(command)];
  return `        ${command.name})\n          _arguments ${specs.join(' \\\n            ')} ;;`;
};

/** A completion script for zsh. */
export const zshCompletion = (commands: readonly CommandSketch[]): string => `#compdef netrecon
# zsh completion for netrecon; save it as _netrecon in a folder of $fpath, or load it with: source <(netrecon completion zsh)
_netrecon() {
  local line state
  local -a commands=(
${commands.map(({ name, description }) => `    '${name}:${quote(description)}'`).join('\n')}
  )
  _arguments -C '(- *)'{-h,--help}'[show help]' '(- *)'{-V,--version}'[show the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
compdef _netrecon netrecon
`;
