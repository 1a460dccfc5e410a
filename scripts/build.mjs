// Builds dist/: the schema's types and validator first, then everything with tsc (what the tests run), then the command
// in few files: opening some three hundred modules one by one costs more than a no-op apply does.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Libraries of many small files; the others (koffi with its binary) load from node_modules as they are. */
const BUNDLED = ['commander', 'diff', 'yaml'];

/** @param {string[]} args */
const node = (args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

const bundle = async () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const outdir = `${root}dist/bundle/cli`;
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    // the probe is a process of its own (src/cli/run-check.ts)
    entryPoints: ['dist/src/cli/main.js', 'dist/src/cli/probe.js'],
    outdir,
    bundle: true,
    // every import() stays a file of its own, so that a command loads only what it needs
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    // the bundled libraries are CommonJS and ask for Node's own modules with require
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    minify: true,
    legalComments: 'eof',
    logLevel: 'warning',
  });
};

node(['scripts/build-schema.mjs']);
node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
await bundle();
