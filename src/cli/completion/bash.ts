import type { CommandSketch, OptionSketch } from './command-tree.ts';

const words = (option: OptionSketch): readonly string[] =>
  option.short === undefined ? [option.long] : [option.short, option.long];

const valueCase = (option: OptionSketch): string => {
  const pattern = words(option).join('|');
  const listing = {
    namespace: 'COMPREPLY=($(compgen -W "$(ls /run/netns 2>/dev/null)" -- "$cur"))',
    folder: 'COMPREPLY=($(compgen -d -- "$cur"))',
    file: 'COMPREPLY=($(compgen -f -- "$cur"))',
  };
  const reply =
    option.listing === undefined
      ? `COMPREPLY=($(compgen -W "${option.choices.join(' ')}" -- "$cur"))`
      : listing[option.listing];
  return `    ${pattern}) ${reply}; return ;;`;
};

const commandCase = (command: CommandSketch): string => {
  const options = command.options.flatMap(words).join(' ');
  const rest = command.takesFiles ? 'compgen -f -- "$cur"' : `compgen -W "${command.choices.join(' ')}" -- "$cur"`;
  return [
    `    ${command.name})`,
    '      if [[ $cur == -* ]]; then',
    `        COMPREPLY=($(compgen -W "${options}" -- "$cur"))`,
    '      else',
    `        COMPREPLY=($(${rest}))`,
    '      fi ;;',
  ].join('\n');
};

/** The options of all commands, each once. */
const allOptions = (commands: readonly CommandSketch[]): readonly OptionSketch[] => [
  ...new Map(commands.flatMap(({ options }) => options).map((option) => [option.long, option])).values(),
];

/** A completion script for bash 4 and later. */
export const bashCompletion = (commands: readonly CommandSketch[]): string => {
  const withValue = allOptions(commands).filter((option) => option.value);
  const names = commands.map(({ name }) => name).join(' ');
  return `# bash completion for netrecon; load it with: source <(netrecon completion bash)
_netrecon() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= i word
  COMPREPLY=()
  case $prev in
${withValue.map(valueCase).join('\n')}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${withValue.flatMap(words).join('|')}) ((i++)) ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  case $command in
    '') COMPREPLY=($(compgen -W "${names} --help --version" -- "$cur")) ;;
${commands.map(commandCase).join('\n')}
  esac
}
complete -o filenames -F _netrecon netrecon
`;
};
