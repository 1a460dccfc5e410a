// Builds dist/: the schema's types and validator first, then everything with tsc.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string[]} args */
const node = (args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

node(['scripts/build-schema.mjs']);
node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
