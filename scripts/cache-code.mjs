// Writes the compiled code of the bundled program beside it (see src/cli/compile-program.ts), for the Node that runs this.
// V8 compiles a function when it is first called, and keeps what it has compiled by then: so commands are run first.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeCacheOf, compileProgram } from '../dist/src/cli/compile-program.js';

/** @param {string} path */
const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A little of everything that any kernel has. */
const STATE = `version: 1
links:
  nr-a: { kind: veth, veth: { peer: nr-b }, addresses: [10.0.0.1/24, "2001:db8::1/64"] }
  nr-b: { kind: veth, veth: { peer: nr-a }, mtu: 1400 }
routes:
  - { to: 10.1.0.0/16, via: 10.0.0.2 }
  - { to: 2001:db8:1::/48, via: "2001:db8::2", metric: 100 }
  - { to_file: list.txt, via: 10.0.0.3 }
rules:
  - { priority: 1000, from: 10.0.0.0/24, table: main }
neighbors:
  - { to: 10.0.0.9, dev: nr-a, lladdr: "02:00:00:00:00:09" }
`;
const LIST = Array.from({ length: 256 }, (_, i) => `10.2.${i >> 4}.${(i & 15) * 16}/28\n`).join('');

const folder = mkdtempSync(join(tmpdir(), 'netrecon-build-'));
const file = join(folder, 'state.yaml');
writeFileSync(file, STATE);
writeFileSync(join(folder, 'list.txt'), LIST);

const path = inRoot('dist/bundle/cli/netrecon.js');
const script = compileProgram(path);
const program = script.runInThisContext();

/** @param {import('../dist/src/cli/compile-program.js').CodePart} part */
const saveCode = (part) => {
  const cache = codeCacheOf(path, part);
  writeFileSync(`${cache}.new`, script.createCachedData());
  renameSync(`${cache}.new`, cache);
};

/** @param {string[]} args */
const run = (args) =>
  new Promise((resolve) => {
    process.exit = /** @type {typeof process.exit} */ (resolve);
    process.argv = [process.execPath, inRoot('bin/netrecon'), ...args];
    program(createRequire(path), path);
  });

// an ordinary user's sandbox would start this process again as the command
process.env.NETRECON_SANDBOX_RESTARTED = '1';
try {
  await run(['--help']);
  saveCode('help');
  await run(['validate', file]);
  // where this machine allows no sandbox, what only an apply needs is compiled when it is needed
  await run(['apply', '--sandbox', '--yes', file]);
  saveCode('all');
} finally {
  rmSync(folder, { recursive: true });
}
process.reallyExit(0);
