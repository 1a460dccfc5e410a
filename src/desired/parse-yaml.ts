import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments } from 'yaml';
import type { Problems } from './problems.ts';
import { type Place, type Placed, type SourceFile, sourceAt } from './source-file.ts';

const NULL_PLACED = (at: number): Placed => ({ value: null, place: { start: at, end: at } });

/**
 * YAML 1.2 (core schema, no merge keys) to plain data with places. Duplicate keys are found here with one set a
 * mapping, because the parser's own check compares every pair of keys. Anchors are followed in document order, so an
 * alias shares the converted value and nothing is expanded.
 * @returns undefined where the text cannot be used; the problems say why
 */
export const parseYaml = (file: SourceFile, problems: Problems): Placed | undefined => {
  const before = problems.count;
  const documents = parseAllDocuments(file.text, {
    version: '1.2',
    strict: true,
    stringKeys: true,
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents) || documents.length === 0) return undefined;
  for (const document of documents) {
    const told = new Set<string>();
    for (const error of document.errors) {
      const message = plainMessage(error.message);
      // the parser tells of one unfinished collection once for each thing that is missing
      if (told.has(`${error.pos[0]} ${message}`)) continue;
      told.add(`${error.pos[0]} ${message}`);
      problems.add('NR_YAML', message, sourceAt(file, error.pos[0]), YAML_HINTS[error.code]);
    }
  }
  const [document, second] = documents;
  if (second !== undefined) {
    problems.add(
      'NR_YAML',
      'a second YAML document begins here',
      sourceAt(file, second.range[0]),
      'one document a file: put it in a file of its own',
    );
  }
  if (problems.count > before || document?.contents == null) return undefined;
  const context = createContext(file, problems);
  const placed = convert(document.contents as ParsedNode, context);
  return context.failed() ? undefined : placed;
};

const YAML_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'quote a value that holds ": "',
};

const plainMessage = (message: string): string => message.split('\n', 1)[0]?.replace(/:$/, '') ?? message;

interface Context {
  readonly anchors: Map<string, Placed>;
  fail(message: string, offset: number, hint?: string): void;
  duplicate(key: string, first: number, second: number): void;
  /** a number that others read differently; the text stays usable */
  leadingZero(written: string, value: number, offset: number): void;
  failed(): boolean;
}

const createContext = (file: SourceFile, problems: Problems): Context => {
  let failed = false;
  return {
    anchors: new Map(),
    fail(message, offset, hint) {
      failed = true;
      problems.add('NR_YAML', message, sourceAt(file, offset), hint);
    },
    duplicate(key, first, second) {
      failed = true;
      const { line, column } = sourceAt(file, first);
      const message = `key "${key}" is here for the second time (first at ${file.name}:${line}:${column})`;
      problems.add('NR_DUPLICATE_KEY', message, sourceAt(file, second));
    },
    leadingZero(written, value, offset) {
      const message = `unquoted ${written} is the number ${value}, where others read ${written} as octal`;
      problems.add(
        'NR_BAD_VALUE',
        message,
        sourceAt(file, offset),
        `write ${value}, or quote it where text is meant: "${written}"`,
      );
    },
    failed: () => failed,
  };
};

const convert = (node: ParsedNode | null, context: Context, fallback = 0): Placed => {
  if (node === null) return NULL_PLACED(fallback);
  if (isAlias(node)) {
    const target = context.anchors.get(node.source);
    if (target === undefined) context.fail(`no anchor &${node.source} before this alias`, node.range[0]);
    return target === undefined ? NULL_PLACED(node.range[0]) : target;
  }
  const placed = convertPlain(node, context);
  if (node.anchor !== undefined) context.anchors.set(node.anchor, placed);
  return placed;
};

const convertPlain = (node: ParsedNode, context: Context): Placed => {
  const [start, end] = node.range;
  if (isMap(node)) {
    const value: Record<string, unknown> = {};
    const members = new Map<string, Place>();
    for (const { key, value: item } of node.items) {
      const keyNode = key as ParsedNode;
      const at = keyNode.range[0];
      if (!isScalar(keyNode)) {
        context.fail('a key must be a plain word', at);
        continue;
      }
      const name = String(keyNode.value);
      const earlier = members.get(name);
      if (earlier !== undefined) context.duplicate(name, earlier.key as number, at);
      const placed = convert(item as ParsedNode | null, context, keyNode.range[1]);
      define(value, name, placed.value);
      members.set(name, { ...placed.place, key: at });
    }
    return { value, place: { start, end, members } };
  }
  if (isSeq(node)) {
    const value: unknown[] = [];
    const items: Place[] = [];
    for (const item of node.items) {
      const placed = convert(item as ParsedNode | null, context, start);
      value.push(placed.value);
      items.push(placed.place);
    }
    return { value, place: { start, end, items } };
  }
  if (!isScalar(node)) return NULL_PLACED(start);
  if (typeof node.value === 'number' && node.source !== undefined && /^[-+]?0[0-9]+$/.test(node.source)) {
    context.leadingZero(node.source, node.value, start);
  }
  return { value: node.value, place: { start, end } };
};

/** Plain assignment would let a key `__proto__` change the object itself. */
const define = (target: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
};
