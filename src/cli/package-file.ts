import { readFileSync } from 'node:fs';

/**
 * The URL of a file of the package. Compiled (dist/src/cli) and bundled (dist/bundle/cli), this code lies three folders
 * below its root.
 * @param path relative to the package's root, as `schemas/state.schema.json`
 */
export const packageFile = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

export const readVersion = (): string =>
  (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { readonly version: string }).version;
