import { byLevel, type Finding, type PathOf, type Review } from './review.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 has no way to write: https://www.w3.org/TR/xml/#charsets. The `u` flag makes half a pair match alone. */
const NO_XML_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const escapeXml = (text: string): string =>
  text.replace(NO_XML_CHARACTER, '\ufffd').replace(/[&<>"]/g, (char) => ENTITIES[char] as string);

/** A parser reads a line break in an attribute as a blank unless it is written as a reference. */
const escapeAttribute = (text: string): string =>
  escapeXml(text).replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);

const attributes = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`)
    .join('');

const bodyOf = ({ level, title, detail, fails, code }: Finding): string => {
  const text = escapeXml(detail === '' ? title : `${title}\n${detail}`);
  if (fails) return `      <failure${attributes({ type: code, message: title })}>${text}</failure>\n`;
  return `      <system-out>${escapeXml(`${level}: `)}${text}</system-out>\n`;
};

const testCase = (finding: Finding, review: Review, pathOf: PathOf): string => {
  const { source } = finding;
  const place = source === undefined ? {} : { file: pathOf(source.file), line: source.line };
  const head = attributes({ classname: `netrecon.${review.command}.${finding.code}`, name: finding.title, ...place });
  return `    <testcase${head} time="0">\n${bodyOf(finding)}    </testcase>\n`;
};

const passedCase = (name: string, { command }: Review): string =>
  `    <testcase${attributes({ classname: `netrecon.${command}.passed`, name })} time="0"/>\n`;

/** A review as a JUnit report. A case fails exactly where the exit status of the command is not 0 because of it. */
export function* junitPieces(review: Review, pathOf: PathOf): Generator<string> {
  let found = 0;
  let failures = 0;
  for (const fails of review.findings.each((finding) => `${finding.fails}`)) {
    found++;
    if (fails === 'true') failures++;
  }
  // a report without a case counts as broken with some readers
  const passed = found + review.passed.length === 0 ? [review.summary] : review.passed;
  const counts = { tests: found + passed.length, failures, errors: 0 };
  const name = `netrecon ${review.command}`;
  yield [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites${attributes({ name, ...counts })} time="0">\n`,
    `  <testsuite${attributes({ name, ...counts })} skipped="0" time="0">\n`,
    `    <properties>\n      <property${attributes({ name: 'summary', value: review.summary })}/>\n    </properties>\n`,
    ...passed.map((line) => passedCase(line, review)),
  ].join('');
  yield* byLevel(review.findings, (finding) => testCase(finding, review, pathOf));
  yield '  </testsuite>\n</testsuites>\n';
}
