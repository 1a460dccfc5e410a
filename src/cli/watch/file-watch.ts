import { realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** Tells when one of the files that were read last may have changed. */
export interface FileWatch {
  /**
   * From now on these, and those of their folders that could become one of them.
   * @returns whether it watches other folders than before: what changed in them until now has not been told
   */
  follow(files: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

/** Editors and Kubernetes need several steps to replace a file: they are over once nothing has moved for so long. */
const SETTLE_MS = 150;

const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path; // deleted, or a link to nothing: its folder tells when it comes back
  }
};

/**
 * Folders are watched rather than files: a file that is renamed over, or deleted and written again, is another one, and a
 * Kubernetes ConfigMap changes by a link `..data` beside it.
 */
export const watchFiles = async (folders: readonly string[], onChange: () => void): Promise<FileWatch> => {
  const { watch } = await import('chokidar');
  const followed = new Set<string>();
  const names = new Set<string>();
  const asked = new Set(folders.map((folder) => resolve(folder)));
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;

  const isOfInterest = (path: string): boolean =>
    followed.has(path) || names.has(basename(path)) || basename(path).startsWith('..') || asked.has(dirname(path));
  const settle = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
  };

  return {
    follow: async (files) => {
      names.clear();
      const wanted = new Set(asked);
      for (const file of files) {
        const path = resolve(file);
        names.add(basename(path)).add(basename(realPath(path)));
        wanted.add(dirname(path)).add(dirname(realPath(path)));
      }
      if ([...wanted].every((folder) => followed.has(folder)) && watcher !== undefined) return false;
      for (const folder of wanted) followed.add(folder);
      // in the old one's place: with other names another selection of the folders' files is watched
      await watcher?.close();
      watcher = watch([...followed], {
        depth: 0,
        ignoreInitial: true,
        followSymlinks: false,
        ignored: (path) => !isOfInterest(resolve(path)),
      });
      watcher.on('all', settle);
      // a file in the place of a link is news to the folder only: chokidar compares names, and links with links
      watcher.on('raw', (_event, name, place) => {
        const { watchedPath } = place as { readonly watchedPath: string };
        if (isOfInterest(resolve(watchedPath, name ?? ''))) settle();
      });
      const ready = watcher;
      await new Promise<void>((done) => ready.once('ready', () => done()));
      return true;
    },
    close: async () => {
      clearTimeout(timer);
      await watcher?.close();
    },
  };
};
