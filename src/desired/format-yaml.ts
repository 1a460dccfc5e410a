import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isCollection,
  isNode,
  isPair,
  isSeq,
  Lexer,
  type Node,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { parseYaml } from './parse-yaml.ts';
import { createProblems, type Problems } from './problems.ts';
import { createSourceFile } from './source-file.ts';
import { inlineLength, LONGEST_FLOW, YAML_STYLE, YAML_TAGS } from './yaml-style.ts';

/** The first pass may move a comment, after which something else fits better; more than that would be a circle. */
const MOST_PASSES = 4;

/** Numbers and words stay as they are written: this schema knows text alone. */
const INPUT = {
  version: '1.2',
  schema: 'failsafe',
  stringKeys: true,
  uniqueKeys: false,
  logLevel: 'silent',
  ...YAML_TAGS,
} as const;

const hasComment = ({ comment, commentBefore }: Node): boolean => comment != null || commentBefore != null;

/** Whether there is a comment between its brackets. */
const holdsComment = (collection: Node): boolean => {
  let found = false;
  visit(collection, {
    Node: (_, node) => {
      if (node === collection || !hasComment(node)) return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
};

const isFlow = (node: unknown): boolean => isCollection(node) && node.flow === true;

/**
 * A comment above the members is one above the first: else an anchor of the whole would come in between. No empty line
 * parts them from their key.
 */
const layOutHead = (collection: YAMLMap | YAMLSeq): void => {
  const [first] = collection.items;
  const target = isPair(first) ? first.key : first;
  if (!isNode(target)) return;
  target.spaceBefore = false;
  collection.spaceBefore = false;
  if (collection.commentBefore == null) return;
  const comments = [collection.commentBefore, target.commentBefore];
  target.commentBefore = comments.filter((comment) => comment != null).join('\n');
  collection.commentBefore = null;
};

/** One form for everything that can be written in several, from the outside in. */
const layOut = (document: Document): void => {
  visit(document, {
    Scalar: (_key, scalar, path) => {
      if (scalar.type === Scalar.QUOTE_SINGLE && !/["\\\n]/.test(String(scalar.value)))
        scalar.type = Scalar.QUOTE_DOUBLE;
      const parent = path.at(-1);
      const isAlone = isSeq(parent) || isFlow(path.at(-2));
      // a dash, or a key between commas, with nothing behind it is easily overlooked
      if (scalar.type === Scalar.PLAIN && scalar.value === '' && isAlone) scalar.value = 'null';
    },
    Collection: (_key, node, path) => {
      if (node.flow !== true && isPair(path.at(-1))) layOutHead(node);
      if (node.flow !== true || node.items.length === 0) return;
      const isInside = path.some(isFlow);
      // a comment behind it would get among its members
      if (isInside || hasComment(node)) return;
      if (holdsComment(node) || inlineLength(node, 'failsafe') > LONGEST_FLOW) node.flow = false;
    },
  });
};

const formatOnce = (text: string): string => {
  const document = parseDocument(text, INPUT);
  layOut(document);
  return document.toString(YAML_STYLE);
};

/** What a reader sees in comments, in order. */
const commentsOf = (text: string): readonly string[] =>
  [...new Lexer().lex(text)].filter((token) => token.startsWith('#')).map((token) => token.trimEnd());

/** What the text says, as netrecon reads it; undefined where it is none. */
const meaningOf = (text: string): unknown => parseYaml(createSourceFile('', text), createProblems())?.value;

/** Whether nothing of the text is lost: its meaning, its comments, its anchors. */
const saysTheSame = (before: string, after: string): boolean =>
  isDeepStrictEqual(meaningOf(before), meaningOf(after)) &&
  isDeepStrictEqual(commentsOf(before), commentsOf(after)) &&
  isDeepStrictEqual(anchorsOf(before), anchorsOf(after));

const anchorsOf = (text: string): readonly string[] =>
  [...new Lexer().lex(text)].filter((token) => /^[&*]/.test(token));

/**
 * A YAML text in its canonical form: two blanks for each level, members of short collections on one line, double quotes,
 * at most one empty line, one blank around comments. Keys and entries keep their order, comments, anchors and aliases
 * their places, numbers and words their spelling. Formatting it again changes nothing.
 * @returns undefined where it is no state file; the problems say why
 */
export const formatYaml = (name: string, text: string, problems: Problems): string | undefined => {
  const before = text.replaceAll('\r\n', '\n');
  const known = problems.count;
  const file = createSourceFile(name, before);
  if (parseYaml(file, problems) === undefined || problems.count > known) return undefined;
  let formatted = before;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const next = formatOnce(formatted);
    if (next === formatted) return formatted;
    if (!saysTheSame(formatted, next)) break;
    formatted = next;
  }
  problems.add('NR_FORMAT', 'this cannot be formatted without a change of what it says', {
    file: name,
    line: 1,
    column: 1,
  });
  return undefined;
};
