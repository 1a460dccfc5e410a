import { indentedJson, JsonList } from '../json-text.ts';
import { byLevel, type Finding, type PathOf, type Review } from './review.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What the codes of a plan mean; the others are explained in docs/errors.md and docs/lint.md. */
const PLAN_CODES: Readonly<Record<string, string>> = {
  create: 'An object is made.',
  update: 'An object changes in place.',
  replace: 'An object is deleted and made anew.',
  delete: 'An object goes.',
  restore: 'An object goes with another one, and comes back.',
};

const ruleOf = (code: string) => ({
  id: code,
  shortDescription: {
    text: PLAN_CODES[code] ?? `${code}: see ${code.startsWith('NR_LINT_') ? 'docs/lint.md' : 'docs/errors.md'}.`,
  },
});

/** A relative reference (RFC 3986), or a file: URI where the file is outside of the repository. */
const uriOf = (path: string): string => {
  const text = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${text}` : text;
};

/** What has no place in a file is shown at the top of the first one: a code scanner drops what has none at all. */
const locationsOf = ({ source }: Finding, { files }: Review, pathOf: PathOf) => {
  const place = source ?? { file: files[0] ?? '-', line: 1, column: 1 };
  if (place.file === '-') return [];
  const path = pathOf(place.file);
  return [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(path), ...(path.startsWith('/') ? {} : { uriBaseId: '%SRCROOT%' }) },
        region: { startLine: place.line, startColumn: place.column },
      },
    },
  ];
};

/**
 * A review as SARIF 2.1.0 (OASIS standard), one run. Columns count UTF-16 units, as the YAML reader does.
 * @param version of netrecon
 */
export const reviewSarif = (
  review: Review,
  { pathOf, version }: { readonly pathOf: PathOf; readonly version: string },
) => {
  const codes = [...new Set(review.findings.each(({ code }) => code))];
  const resultOf = (finding: Finding) => ({
    ruleId: finding.code,
    ruleIndex: codes.indexOf(finding.code),
    level: finding.level,
    message: { text: finding.detail === '' ? finding.title : `${finding.title}\n${finding.detail}` },
    locations: locationsOf(finding, review, pathOf),
  });
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'netrecon', version, rules: codes.map(ruleOf) } },
        automationDetails: { id: `netrecon/${review.command}/` },
        columnKind: 'utf16CodeUnits',
        // the command ran to its end, whatever it has to say
        invocations: [{ executionSuccessful: true }],
        results: new JsonList((indent) =>
          byLevel(review.findings, (finding) => indentedJson(resultOf(finding), indent)),
        ),
      },
    ],
  };
};
