// Shows what netrecon does, in a network namespace of its own that vanishes at the end: nothing on this machine changes.
// Works as root and as an ordinary user. Run it with `npm run demo` after the build.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INSIDE = 'NETRECON_DEMO_INSIDE';
const EXAMPLE = 'examples/bridge.yaml';

/** Starts this script again in a fresh namespace, so that all its commands share one. */
const enterNamespace = () => {
  for (const flags of [['-n'], ['-U', '-r', '-n']]) {
    // an ordinary user may not make a network namespace without a user namespace
    if (spawnSync('unshare', [...flags, 'true'], { stdio: 'ignore' }).status !== 0) continue;
    const { status } = spawnSync('unshare', [...flags, process.execPath, fileURLToPath(import.meta.url)], {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: '1' },
    });
    process.exit(status ?? 1);
  }
  console.error('The demo needs a network namespace of its own, and this host gives you none. Run it as root.');
  process.exit(1);
};

const bold = (/** @type {string} */ text) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);

/**
 * Runs one command, shows it and what it prints, and insists on its exit status.
 * @param {readonly string[]} args
 * @param {number} expected
 * @param {string} stateDirectory
 */
const netrecon = (args, expected, stateDirectory) => {
  console.log(bold(`$ netrecon ${args.join(' ')}`));
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin/netrecon'), ...args], {
    cwd: ROOT,
    // one after the other on one stream, so that what is said and what is printed stay in order
    stdio: ['ignore', 'inherit', process.stdout.fd],
    env: { ...process.env, NETRECON_STATE_DIR: stateDirectory },
  });
  console.log(`(exit status ${status})\n`);
  if (status !== expected) throw new Error(`expected exit status ${expected}`);
};

/** The example with a mistake that only the kernel can find: more than a veth's greatest MTU. */
const writeMistake = (/** @type {string} */ path) => {
  const text = readFileSync(join(ROOT, EXAMPLE), 'utf8');
  const changed = text
    .replace('stp_state: 0', 'stp_state: 1')
    .replace('addresses: [10.0.0.1/24', 'addresses: [10.0.0.2/24')
    .replace('mtu: 1400', 'mtu: 70000');
  writeFileSync(path, changed);
};

const demo = () => {
  const scratch = mkdtempSync(join(tmpdir(), 'netrecon-demo-'));
  const say = (/** @type {string} */ text) => console.log(`# ${text}`);
  try {
    const state = join(scratch, 'state');
    const mistake = join(scratch, 'mistake.yaml');
    writeMistake(mistake);
    say('What would be done? Nothing is changed yet.');
    netrecon(['plan', EXAMPLE], 0, state);
    say('Do it, as one transaction.');
    netrecon(['apply', '--yes', EXAMPLE], 0, state);
    say('Once more: the network is as the file says, so nothing is sent.');
    netrecon(['apply', '--yes', EXAMPLE], 0, state);
    say('A file with a mistake that only the kernel can find: half of it is done, then undone.');
    netrecon(['apply', '--yes', mistake], 3, state);
    say('The proof: the first file still has nothing to do.');
    netrecon(['plan', '--detailed-exitcode', EXAMPLE], 0, state);
  } finally {
    rmSync(scratch, { recursive: true });
  }
};

if (process.env[INSIDE] === undefined) enterNamespace();
else demo();
