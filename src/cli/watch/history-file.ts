import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchEvent } from '../../reconcile/watch/events.ts';

/** Two files of at most this size are kept. */
const MOST_BYTES = 4 * 1024 * 1024;

const pathsIn = (folder: string) => ({ current: join(folder, 'history'), old: join(folder, 'history.1') });

/** Writes events to the state directory, one JSON object a line. */
export const appendHistory = (folder: string): ((event: WatchEvent) => void) => {
  const { current, old } = pathsIn(folder);
  let size = existsSync(current) ? statSync(current).size : 0;
  return (event) => {
    if (size > MOST_BYTES) {
      renameSync(current, old);
      size = 0;
    }
    const line = `${JSON.stringify(event)}\n`;
    appendFileSync(current, line, { mode: 0o600 });
    size += Buffer.byteLength(line);
  };
};

/** A watch that was killed may have left half a line. */
const parseLine = (line: string): readonly WatchEvent[] => {
  try {
    return [JSON.parse(line) as WatchEvent];
  } catch {
    return [];
  }
};

/** What has been written, oldest first. */
export const readHistory = (folder: string): readonly WatchEvent[] => {
  const { current, old } = pathsIn(folder);
  return [old, current]
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').filter(Boolean).flatMap(parseLine));
};
