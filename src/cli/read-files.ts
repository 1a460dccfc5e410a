import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { loadDesired } from '../desired/load.ts';
import type { NameTables } from '../desired/names.ts';
import type { FileReader } from '../desired/read-inputs.ts';
import type { Desired } from '../model/desired.ts';
import type { Process } from './context.ts';

export const fileReader = ({ stdin }: Process): FileReader => ({
  readFile: (path) => (path === '-' ? text(stdin) : readFile(path, 'utf8')),
  listDirectory: async (path) => {
    try {
      return await readdir(path);
    } catch (error) {
      // no folder, or nothing at all: reading it as a file will tell
      if (['ENOTDIR', 'ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  },
});

/**
 * What the files say.
 * @param onRead told of each file before it is read, the lists that the files name included
 * @throws {ConfigError} every problem at once
 */
export const readDesired = (
  process: Process,
  files: readonly string[],
  names: NameTables,
  onRead: (path: string, text: Promise<string>) => void = () => undefined,
): Promise<Desired> => {
  const plain = fileReader(process);
  const reader: FileReader = {
    ...plain,
    readFile: (path) => {
      const read = plain.readFile(path);
      onRead(path, read);
      return read;
    },
  };
  return loadDesired({ files, readFile: reader.readFile, listDirectory: reader.listDirectory, names });
};
