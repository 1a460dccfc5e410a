import assert from 'node:assert/strict';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';

/** Keys of a routes entry. */
export type Keys = Readonly<Record<string, unknown>>;

const names = createNameTables();

/** What a state file of these routes says; the list is the file `l`. */
export const loadRoutes = (routes: readonly Keys[], list?: string): Promise<Desired> => {
  const state = `version: 1\nroutes:\n${routes.map((route) => `  - ${JSON.stringify(route)}\n`).join('')}`;
  const files: Readonly<Record<string, string | undefined>> = { 'a.yaml': state, l: list };
  return loadDesired({
    files: ['a.yaml'],
    names,
    readFile: async (path) => files[path] ?? assert.fail(`no file ${path}`),
    listDirectory: async () => undefined,
  });
};

/** What an entry says of the list `l`. */
export const loadList = (entry: Keys, list: string): Promise<Desired> => loadRoutes([{ to_file: 'l', ...entry }], list);

/** What is wrong with the files, one line each: place, code, message and hint. */
export const problemsOf = async (loading: Promise<Desired>): Promise<readonly string[]> => {
  try {
    await loading;
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.diagnostics.map(
      ({ code, message, source: { file, line, column } = {}, hint }) =>
        `${file}:${line}:${column} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`,
    );
  }
  return [];
};

/** The routes without their places, in an order of their own. */
export const bareRoutes = ({ objects }: Desired): readonly string[] =>
  objects.route.map(({ object, absent, adopt }) => JSON.stringify([object.to, object, absent, adopt])).toSorted();
