// Builds dist/: the schema's types and rules first, then everything with tsc (what the tests run), then the command in one
// file, and its compiled code beside it: opening and compiling some three hundred modules costs more than a no-op apply does.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Libraries of many small files; the others (koffi with its binary) load from node_modules as they are. */
const BUNDLED = ['chokidar', 'commander', 'diff', 'yaml'];

/** @param {string[]} args @param {import('node:child_process').StdioOptions} stdio */
const node = (args, stdio = 'inherit') => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio });
  if (status !== 0) process.exit(status ?? 1);
};

/** What the bundled files have in common. CommonJS: Node starts it sooner, and V8 can keep its compiled code (start.ts). */
const asCommonJs = (external) => ({
  absWorkingDir: root,
  outdir: 'dist/bundle/cli',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // import() becomes a require() of its own, made when it is come to
  supported: { 'dynamic-import': false },
  plugins: [lazyBuiltins],
  external,
  define: { 'import.meta.url': '__url' },
  minify: true,
  legalComments: 'eof',
  logLevel: 'warning',
});

const URL_OF_FILE = "const __url = require('node:url').pathToFileURL(__filename).href;";

const bundle = async () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  rmSync(`${root}dist/bundle`, { recursive: true, force: true });
  mkdirSync(`${root}dist/bundle`, { recursive: true });
  writeFileSync(`${root}dist/bundle/package.json`, '{ "type": "commonjs" }\n');
  const common = asCommonJs(Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)));
  await Promise.all([
    // the probe is a process of its own (src/cli/run-check.ts)
    build({ ...common, entryPoints: ['dist/src/cli/start.js', 'dist/src/cli/probe.js'], banner: { js: URL_OF_FILE } }),
    build({
      ...common,
      entryPoints: { netrecon: 'dist/src/cli/main.js' },
      // see Program in src/cli/compile-program.ts
      banner: { js: `(function (require, __filename) { ${URL_OF_FILE}` },
      footer: { js: '})' },
    }),
  ]);
};

node(['scripts/build-schema.mjs']);
node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
await bundle();
// what the commands print that it runs is of no interest
node(['scripts/cache-code.mjs'], 'ignore');
