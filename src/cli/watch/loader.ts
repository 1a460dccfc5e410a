import { createHash } from 'node:crypto';
import type { Desired } from '../../model/desired.ts';
import type { Process } from '../context.ts';
import { readHostNames } from '../host.ts';
import { readDesired } from '../read-files.ts';
import { refuseNamespaces } from '../refuse-namespaces.ts';

/** What a reading of the files came to. */
export interface Loaded {
  /** every file that was read, or should have been */
  readonly paths: readonly string[];
  /** of all that they hold: the same again means that nothing has changed */
  readonly digest: string;
  readonly result: { readonly desired: Desired } | { readonly error: unknown };
}

/** Reads the files; what is wrong with them is part of the answer. */
export const loadFiles = async (process: Process, files: readonly string[]): Promise<Loaded> => {
  const reads: { readonly path: string; readonly content: Promise<string | Uint8Array> }[] = [];
  const result = await readDesired(process, files, readHostNames(), {
    onRead: (path, content) => reads.push({ path, content }),
    keys: 'needed',
  })
    .then((desired) => ({ desired: refuseNamespaces(desired, 'watch') }))
    .catch((error: unknown) => ({ error }));
  const hash = createHash('sha256');
  for (const { path, content: reading } of reads) {
    const content = await reading.catch(String);
    hash.update(JSON.stringify([path, content.length])).update(content);
  }
  return { paths: reads.map(({ path }) => path), digest: hash.digest('hex'), result };
};
