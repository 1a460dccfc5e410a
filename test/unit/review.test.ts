import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { ConfigError } from '../../src/model/errors.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { jsonPieces } from '../../src/report/json-text.ts';
import { githubPieces } from '../../src/report/review/github.ts';
import { junitPieces } from '../../src/report/review/junit.ts';
import { renderPlanMarkdown, renderReviewMarkdown } from '../../src/report/review/markdown.ts';
import { type Finding, listFindings, type Review, reviewFailure } from '../../src/report/review/review.ts';
import { type PlanFacts, reviewPlan } from '../../src/report/review/review-plan.ts';
import { reviewSarif } from '../../src/report/review/sarif.ts';
import { readXml } from './read-xml.ts';
import { busy, EMPTY, names, source } from './sample-plans.ts';
import { SARIF_ESSENTIAL } from './sarif-essential.ts';

const factsOf = (plan: Plan, more: Partial<PlanFacts> = {}): PlanFacts => ({
  plan,
  files: ['net.yaml'],
  names,
  refusals: [],
  met: [],
  changesFail: false,
  ...more,
});

const REFUSED: Partial<PlanFacts> = {
  refusals: [{ code: 'NR_EXPECTATION', message: '8.8.8.8 gets ENETUNREACH', severity: 'error', source: source(3) }],
  met: ['10.0.0.1 goes dev eth0'],
};

const same = (file: string) => file;

const renderGithub = (...args: Parameters<typeof githubPieces>): string => [...githubPieces(...args)].join('');
const renderJunit = (...args: Parameters<typeof junitPieces>): string => [...junitPieces(...args)].join('');

const finding = (more: Partial<Finding>): Finding => ({
  level: 'warning',
  code: 'NR_TEST',
  title: 'title',
  detail: '',
  fails: false,
  ...more,
});

const reviewOf = (...findings: readonly Finding[]): Review => ({
  command: 'lint',
  files: ['net.yaml'],
  summary: 'summary',
  findings: listFindings(findings),
  passed: [],
});

/** Text that breaks whatever does not escape it. */
const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '%',
        ':',
        ',',
        '::',
        '\n',
        '\r',
        '`',
        '``',
        '|',
        '\\',
        '<',
        '&',
        '"',
        ']]>',
        '@a',
        '\ud800',
        '\0',
      ),
    )
    .map((parts) => parts.join('')),
);
const hostileFinding: fc.Arbitrary<Finding> = fc.record({
  level: fc.constantFrom('error', 'warning', 'note'),
  code: fc.constant('NR_TEST'),
  title: hostile,
  detail: hostile,
  source: fc.record({ file: hostile, line: fc.integer({ min: 1 }), column: fc.integer({ min: 1 }) }),
  fails: fc.boolean(),
});

describe('a plan as markdown', () => {
  it('has the count first, then a row an object, and folds the rest', () => {
    const lines = renderPlanMarkdown(factsOf(busy())).split('\n');
    assert.equal(lines[0], '### netrecon: 1 to create, 0 to update, 1 to replace, 1 to delete, 1 restored');
    assert.equal(lines[2], '- :warning: **NR\\_TEST** `look \\| here` (`net.yaml:1:3`)');
    assert.equal(
      lines[6],
      '| replace | `link br0` | :warning: `link br0 is made anew; what uses it is interrupted; takes 1 object that will not come back` | `net.yaml:4:3` |',
    );
    assert.ok(lines.indexOf('<details><summary>Details</summary>') < lines.indexOf('</details>'));
  });

  it('is one line where nothing is to do', () => {
    assert.equal(renderPlanMarkdown(factsOf(EMPTY)), '### netrecon: no changes\n');
  });

  it('says first that it is refused, and folds what is as expected', () => {
    const text = renderPlanMarkdown(factsOf(EMPTY, REFUSED));
    assert.match(
      text,
      /^### netrecon: refused; no changes\n\n- :x: \*\*NR\\_EXPECTATION\*\* `8\.8\.8\.8 gets ENETUNREACH`/,
    );
    assert.match(text, /<summary>1 packet as expected<\/summary>\n\n- `10\.0\.0\.1 goes dev eth0`/);
  });

  it('fits into a comment, however much there is', () => {
    const plan = busy();
    const [, change] = plan.changes;
    assert.ok(change !== undefined);
    const many = { ...plan, changes: Array.from({ length: 5000 }, () => change) };
    const text = renderPlanMarkdown(factsOf(many));
    assert.ok(text.length < 65_536, `${text.length} characters`);
    assert.match(text, /\n\.\.\. and 4900 more changes\.\n/);
    assert.match(text, /\.\.\. and \d+ more changes \(netrecon plan --limit shows more of them\)/);
  });

  it('shows any text as it is: one row, two fences that fit', () => {
    fc.assert(
      fc.property(hostile, (title) => {
        const plan = busy();
        const changes = plan.changes.map((change) => ({ ...change, title }));
        const rows = renderPlanMarkdown(factsOf({ ...plan, changes }))
          .split('\n')
          .filter((line) => /^\| (create|replace|delete) /.test(line));
        assert.equal(rows.length, 4);
        // five bars that are not escaped: a table of four columns
        for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row);
      }),
    );
  });
});

describe('a review as GitHub annotations', () => {
  it('puts the summary first, then errors, warnings and notices at their lines', () => {
    const lines = renderGithub(reviewPlan(factsOf(busy(), REFUSED)), same).split('\n');
    assert.equal(
      lines[0],
      '::notice title=netrecon plan::1 to create, 0 to update, 1 to replace, 1 to delete, 1 restored',
    );
    assert.equal(
      lines[1],
      '::error file=net.yaml,line=3,col=3,title=netrecon plan%3A NR_EXPECTATION::8.8.8.8 gets ENETUNREACH',
    );
    assert.deepEqual(
      lines.map((line) => /^::(\w+)/.exec(line)?.[1]),
      ['notice', 'error', 'warning', 'warning', 'notice', 'notice', 'notice', undefined],
    );
    assert.match(lines[3] ?? '', /::replace link br0%0Abridge\.vlan_default_pvid: 1 -> 2/);
  });

  it('escapes data and properties as the runner reads them', () => {
    const text = renderGithub(
      reviewOf(finding({ title: '100%\r\n::error::x', source: { file: 'a,b:c%.yaml', line: 1, column: 2 } })),
      same,
    );
    assert.equal(
      text.split('\n')[1],
      '::warning file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=netrecon lint%3A NR_TEST::100%25%0D%0A::error::x',
    );
  });

  it('names no file for standard input', () => {
    const text = renderGithub(reviewOf(finding({ source: { file: '-', line: 4, column: 1 } })), same);
    assert.equal(text.split('\n')[1], '::warning title=netrecon lint%3A NR_TEST::title');
  });

  /** What the runner does (ActionCommand.cs): up to the first `::` the properties, the rest data. */
  const readCommand = (line: string) => {
    const [, list = '', data = ''] = /^::\w+ (.*?)::(.*)$/s.exec(line) ?? [];
    const plain = (text: string, ...codes: readonly string[]) =>
      ['0D', '0A', ...codes, '25'].reduce(
        (done, code) => done.replaceAll(`%${code}`, String.fromCharCode(Number.parseInt(code, 16))),
        text,
      );
    const properties = list.split(',').map((item) => {
      const at = item.indexOf('=');
      return [item.slice(0, at), plain(item.slice(at + 1), '3A', '2C')] as const;
    });
    return { ...Object.fromEntries(properties), data: plain(data) };
  };

  it('is read back by the rules of the runner, whatever the text', () => {
    fc.assert(
      fc.property(hostileFinding, (item) => {
        const lines = renderGithub(reviewOf(item), same).split('\n');
        assert.equal(lines.length, 3, 'one line each, whatever is in it');
        const { title, detail, source: place } = item;
        const expected = detail === '' ? title : `${title}\n${detail}`;
        const read = readCommand(lines[1] as string) as Record<string, string>;
        assert.equal(read.data, expected);
        assert.equal(read.file, place?.file === '-' ? undefined : place?.file);
      }),
    );
  });
});

/** https://www.w3.org/TR/xml/#charsets */
const isXmlCharacter = (char: string): boolean => {
  const code = char.codePointAt(0) as number;
  if (code < 0x20) return [0x9, 0xa, 0xd].includes(code);
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
};

describe('a review as JUnit', () => {
  it('has a case for each finding, and one for each thing that is as it should be', () => {
    const root = readXml(renderJunit(reviewPlan(factsOf(busy(), REFUSED)), same));
    const [suite] = root.children;
    assert.deepEqual(root.attributes, { name: 'netrecon plan', tests: '7', failures: '1', errors: '0', time: '0' });
    const cases = suite?.children.filter(({ name }) => name === 'testcase') ?? [];
    assert.equal(cases.length, 7);
    assert.equal(cases[0]?.attributes.name, '10.0.0.1 goes dev eth0');
    assert.deepEqual(cases[0]?.children, []);
    assert.equal(cases[1]?.children[0]?.name, 'failure');
    assert.equal(cases[1]?.children[0]?.attributes.type, 'NR_EXPECTATION');
    assert.equal(cases[1]?.attributes.file, 'net.yaml');
    assert.equal(cases[1]?.attributes.line, '3');
    assert.equal(cases[2]?.children[0]?.name, 'system-out');
  });

  it('lets changes fail where the command does', () => {
    const text = renderJunit(reviewPlan(factsOf(busy(), { changesFail: true })), same);
    assert.equal(readXml(text).attributes.failures, '4');
  });

  it('has one case where there is nothing to say', () => {
    const root = readXml(renderJunit(reviewPlan(factsOf(EMPTY)), same));
    assert.equal(root.attributes.tests, '1');
    assert.equal(root.attributes.failures, '0');
  });

  it('is well-formed whatever the text, and says it', () => {
    fc.assert(
      fc.property(hostileFinding, (item) => {
        const [suite] = readXml(renderJunit(reviewOf(item), same)).children;
        const found = suite?.children.find(({ name }) => name === 'testcase');
        const wanted = Array.from(item.title, (char) => (isXmlCharacter(char) ? char : '\ufffd')).join('');
        assert.equal(found?.attributes.name, wanted);
      }),
    );
  });
});

interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: object;
        readonly region: { readonly startLine: number };
      };
    }[];
  }[];
}

describe('a review as SARIF', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(SARIF_ESSENTIAL);
  const check = (review: Review) => {
    const pieces = jsonPieces(reviewSarif(review, { pathOf: same, version: '1.2.3' }));
    const sarif: { readonly runs: readonly [SarifRun] } = JSON.parse([...pieces].join(''));
    assert.ok(validate(sarif), JSON.stringify(validate.errors));
    return sarif.runs[0];
  };

  it('has a result for each finding, with its rule and place', () => {
    const run = check(reviewPlan(factsOf(busy(), REFUSED)));
    assert.deepEqual(
      run.results.map(({ ruleId, level }) => [ruleId, level]),
      [
        ['NR_EXPECTATION', 'error'],
        ['NR_TEST', 'warning'],
        ['replace', 'warning'],
        ['create', 'note'],
        ['restore', 'note'],
        ['delete', 'note'],
      ],
    );
    for (const { ruleId, ruleIndex } of run.results) assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
    assert.deepEqual(run.results[0]?.locations[0]?.physicalLocation, {
      artifactLocation: { uri: 'net.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 3, startColumn: 3 },
    });
    assert.equal(run.results[5]?.locations[0]?.physicalLocation.region.startLine, 1, 'a place for what has none');
  });

  it('writes paths as URIs', () => {
    const at = (file: string) =>
      check(reviewOf(finding({ source: { file, line: 1, column: 1 } }))).results[0]?.locations[0]?.physicalLocation
        .artifactLocation;
    assert.deepEqual(at('a b/ü#1.yaml'), { uri: 'a%20b/%C3%BC%231.yaml', uriBaseId: '%SRCROOT%' });
    assert.deepEqual(at('/etc/net.yaml'), { uri: 'file:///etc/net.yaml' });
    assert.equal(at('-'), undefined);
  });

  it('is valid where a command failed, and where there is nothing to say', () => {
    const problem = { code: 'NR_VALUE', message: 'no', hint: 'yes', severity: 'error', source: source(2) } as const;
    assert.equal(check(reviewFailure('plan', [], new ConfigError([problem, problem]))).results.length, 2);
    const [bug] = check(reviewFailure('plan', [], new TypeError('x is undefined'))).results;
    assert.equal(bug?.ruleId, 'NR_BUG');
    assert.equal(bug?.level, 'error');
    check(reviewPlan(factsOf(EMPTY)));
  });
});

describe('a failure as markdown', () => {
  it('names each problem', () => {
    const problem = { code: 'NR_VALUE', message: 'no `x`', severity: 'error', source: source(2) } as const;
    assert.equal(
      renderReviewMarkdown(reviewFailure('validate', [], new ConfigError([problem]))),
      '### netrecon: validate: failed: 1 problem\n\n- :x: **NR\\_VALUE** `` no `x` `` (`net.yaml:2:3`)\n',
    );
  });
});
