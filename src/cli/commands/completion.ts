import { bashCompletion } from '../completion/bash.ts';
import { sketchCommands } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Context } from '../context.ts';
import { buildProgram } from '../program.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `netrecon completion SHELL`: made from the same command line that parses, so it cannot lag behind. @returns 0 */
export const run = async (context: Context, [shell]: readonly string[]): Promise<number> => {
  const program = buildProgram('', { run: async () => undefined });
  context.print(SCRIPTS[shell as keyof typeof SCRIPTS](sketchCommands(program)));
  return 0;
};
