// Brings Debian packages onto this machine where the lab needs them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { LabError } from './guest.mjs';

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, input?: string | Buffer }} [options]
 * @returns {Buffer} its standard output
 * @throws {LabError}
 */
export const runTool = (command, args, { cwd, input } = {}) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    input,
    maxBuffer: 1 << 30,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
  if (error !== undefined) throw new LabError(`${command}: ${error.message}`);
  if (status !== 0) throw new LabError(`${command} ${args.join(' ')} failed\n${stderr}`.trim());
  return stdout;
};

/** A machine that has just come up is often still updating itself, and a mirror may fail for a moment. */
const PATIENT = ['-qq', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=3'];

/**
 * Installs what is missing, which takes root and apt-get.
 * @param {Readonly<Record<string, string>>} needs file that shows it is there -> package that brings it
 * @throws {LabError} where something is missing and cannot be installed
 */
export const installMissing = (needs) => {
  const missing = Object.entries(needs).flatMap(([file, name]) => (existsSync(file) ? [] : [name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new LabError(`missing packages: ${missing.join(' ')} (root installs them by itself)`);
  }
  runTool('apt-get', [...PATIENT, 'update']);
  runTool('apt-get', [...PATIENT, 'install', '-y', '--no-install-recommends', ...missing]);
};
