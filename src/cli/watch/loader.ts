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
  /** of all their texts: the same again means that nothing has changed */
  readonly digest: string;
  readonly result: { readonly desired: Desired } | { readonly error: unknown };
}

/** Reads the files; what is wrong with them is part of the answer. */
export const loadFiles = async (process: Process, files: readonly string[]): Promise<Loaded> => {
  const reads: { readonly path: string; readonly text: Promise<string> }[] = [];
  const result = await readDesired(process, files, readHostNames(), {
    onRead: (path, text) => reads.push({ path, text }),
    keys: 'needed',
  })
    .then((desired) => ({ desired: refuseNamespaces(desired, 'watch') }))
    .catch((error: unknown) => ({ error }));
  const hash = createHash('sha256');
  for (const { path, text } of reads) hash.update(JSON.stringify([path, await text.catch(String)]));
  return { paths: reads.map(({ path }) => path), digest: hash.digest('hex'), result };
};
