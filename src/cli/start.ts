import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { codeCacheOf, codePartFor, compileProgram, type Program } from './compile-program.ts';

const program = fileURLToPath(new URL('./netrecon.js', import.meta.url));

const readCodeCache = (): Buffer | undefined => {
  try {
    return readFileSync(codeCacheOf(program, codePartFor(process.argv.slice(2))));
  } catch {
    // another version of Node made it, or none: the program is compiled
    return undefined;
  }
};

const run = compileProgram(program, readCodeCache()).runInThisContext() as Program;
run(createRequire(program), program);
