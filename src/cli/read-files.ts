import { open, readdir, readFile } from 'node:fs/promises';
import { buffer, text } from 'node:stream/consumers';
import { loadDesired } from '../desired/load.ts';
import type { NameTables } from '../desired/names.ts';
import type { FileReader, KeyFile } from '../desired/read-inputs.ts';
import type { Desired } from '../model/desired.ts';
import type { Process } from './context.ts';
import { listContent } from './read-list.ts';

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

/** The mode is that of the very file that is read, whatever the path names a moment later. */
const readKeyFile = async (path: string): Promise<KeyFile> => {
  const file = await open(path, 'r');
  try {
    return { mode: (await file.stat()).mode, text: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
};

/** A plan can be made without the keys that only root may read, or that only the host has. */
const readKeyIfThere = async (path: string): Promise<KeyFile | undefined> => {
  try {
    return await readKeyFile(path);
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

export interface ReadOptions {
  /** told of each file before it is read, the lists and keys that the files name included */
  readonly onRead?: (path: string, content: Promise<string | Uint8Array>) => void;
  /** files of keys: whether they have to be there; default: they are not read */
  readonly keys?: 'needed' | 'ifThere';
}

/**
 * What the files say.
 * @throws {ConfigError} every problem at once
 */
export const readDesired = (
  process: Process,
  files: readonly string[],
  names: NameTables,
  { onRead = () => undefined, keys }: ReadOptions = {},
): Promise<Desired> => {
  const plain = fileReader(process);
  const readBytes = (path: string) => (path === '-' ? buffer(process.stdin) : readFile(path));
  const readKey = keys === 'needed' ? readKeyFile : readKeyIfThere;
  const reader: FileReader = {
    ...plain,
    readFile: (path) => {
      const read = plain.readFile(path);
      onRead(path, read);
      return read;
    },
    readList: (path) => {
      const read = readBytes(path);
      onRead(path, read);
      return read.then((bytes) => listContent(bytes, names));
    },
  };
  const keyReader: Pick<FileReader, 'readKey'> =
    keys === undefined
      ? {}
      : {
          readKey: (path) => {
            const read = readKey(path);
            const text = read.then((key) => key?.text ?? '');
            // whoever reads the key hears of it
            text.catch(() => undefined);
            onRead(path, text);
            return read;
          },
        };
  return loadDesired({ files, ...reader, ...keyReader, names });
};
