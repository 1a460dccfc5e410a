import { createRequire } from 'node:module';

/**
 * Modules of Node that few commands come to use, and that take a millisecond or two each to load. CommonJS has no way to
 * import lazily, so each is stood in for by a module whose members load it when they are first read.
 */
const LAZY = ['child_process', 'crypto', 'dgram', 'net', 'readline', 'readline/promises', 'stream/consumers'];

const require = createRequire(import.meta.url);

/** @param {string} name */
const standIn = (name) => {
  const members = Object.keys(require(name)).map(
    (member) => `get ${member}() { return require('node:${name}').${member}; }`,
  );
  return `module.exports = { ${members.join(', ')} };`;
};

/** For esbuild. @type {import('esbuild').Plugin} */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^node:(${LAZY.join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'lazy-builtin' ? { path, external: true } : { path, namespace: 'lazy-builtin' },
    );
    build.onLoad({ filter: /./, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: standIn(path.replace('node:', '')),
    }));
  },
};
