import { Document, type Node, type ScalarTag, type SchemaOptions, type Tags, type YAMLMap } from 'yaml';

/** Members in braces or brackets are on one line; what is longer has a line for each. */
export const LONGEST_FLOW = 100;

/** How YAML is written, wherever netrecon writes it. */
export const YAML_STYLE = {
  indent: 2,
  lineWidth: 0,
  flowCollectionPadding: false,
  singleQuote: null,
  verifyAliasOrder: false,
} as const;

/** A blank within braces and none within brackets, `{ link: a, addresses: [b, c] }`: the library knows one rule for both. */
const padMaps = (tags: Tags): Tags =>
  tags.map((tag) => {
    if (typeof tag === 'string' || tag.collection === undefined) return tag;
    const flowCollectionPadding = tag.collection === 'map' ? ' ' : '';
    const stringify: ScalarTag['stringify'] = (node, context, onComment, onChompKeep) =>
      (node as unknown as YAMLMap).toString({ ...context, flowCollectionPadding }, onComment, onChompKeep);
    // the library calls it for collections too, and its types do not say so
    return { ...tag, stringify } as unknown as Tags[number];
  });

/** For every document that is to be written. */
export const YAML_TAGS = { customTags: padMaps } satisfies SchemaOptions;

/**
 * How long a value is on one line of its own.
 * @param schema that the value was made with: `failsafe` knows text alone
 */
export const inlineLength = (node: Node, schema: 'core' | 'failsafe'): number => {
  const document = new Document(null, { schema, ...YAML_TAGS });
  document.contents = node;
  return document.toString(YAML_STYLE).trimEnd().length;
};
