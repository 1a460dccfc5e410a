import { spawnSync } from 'node:child_process';

/** Runs many `ip` lines in one process; throws with the first that is refused. */
export const nsBatch = (ns: string, lines: readonly string[]): void => {
  const { status, stderr } = spawnSync('ip', ['-n', ns, '-batch', '-'], { input: lines.join('\n'), encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip -batch in ${ns}: ${stderr.trim()}`);
};
