/**
 * What SARIF 2.1.0 asks of the members that netrecon writes (OASIS standard, sections 3.13 to 3.52). Strict where the
 * standard is open: a member that is not named here is a mistake.
 */
const object = (properties: Readonly<Record<string, object>>, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const text = { type: 'string', minLength: 1 };
const message = object({ text }, ['text']);
const countedFrom = (minimum: number) => ({ type: 'integer', minimum });

const location = object(
  {
    physicalLocation: object(
      {
        artifactLocation: object({ uri: { type: 'string', format: 'uri-reference' }, uriBaseId: text }, ['uri']),
        region: object({ startLine: countedFrom(1), startColumn: countedFrom(1) }, ['startLine']),
      },
      ['artifactLocation', 'region'],
    ),
  },
  ['physicalLocation'],
);

const result = object(
  {
    ruleId: text,
    ruleIndex: countedFrom(0),
    level: { enum: ['none', 'note', 'warning', 'error'] },
    message,
    locations: { type: 'array', items: location },
  },
  ['ruleId', 'level', 'message', 'locations'],
);

const driver = object(
  {
    name: text,
    version: text,
    rules: { type: 'array', uniqueItems: true, items: object({ id: text, shortDescription: message }, ['id']) },
  },
  ['name', 'rules'],
);

const run = object(
  {
    tool: object({ driver }, ['driver']),
    automationDetails: object({ id: text }, ['id']),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    invocations: {
      type: 'array',
      items: object({ executionSuccessful: { type: 'boolean' } }, ['executionSuccessful']),
    },
    results: { type: 'array', items: result },
  },
  ['tool', 'results'],
);

export const SARIF_ESSENTIAL = object(
  {
    $schema: { type: 'string', format: 'uri-reference' },
    version: { const: '2.1.0' },
    runs: { type: 'array', minItems: 1, items: run },
  },
  ['version', 'runs'],
);
