import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { RehearsalSubject } from '../reconcile/rehearse/rehearse-types.ts';
import { packSubject, type Told, unpackResult } from './rehearse-protocol.ts';

/**
 * Rehearses in a process of its own, this program started again: it moves into private namespaces, and this one stays where it
 * is. What it has to complain about goes to standard error.
 * @throws {NetreconError} NR_NO_PRIVILEGE where the host gives no private namespace; NR_REHEARSAL; what planning raises
 */
export const rehearseHere = async (subject: RehearsalSubject): Promise<Told> => {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, 'rehearse'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[status: number | null, signal: NodeJS.Signals | null]>;
  // one that ends before it has read everything says why on the other pipe
  child.stdin.on('error', () => undefined);
  child.stdin.end(packSubject(subject));
  const [bytes, [status, signal]] = await Promise.all([buffer(child.stdout), ended]);
  return unpackResult(
    bytes,
    signal === null ? `its process ended with status ${status}` : `${signal} ended its process`,
  );
};
