import { byLevel, type Finding, type PathOf, type Review } from './review.ts';

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
const COMMANDS: Readonly<Record<Finding['level'], string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** As actions/toolkit escapes the text of a workflow command (packages/core/src/command.ts, escapeData). */
const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** Properties are divided by commas and ended by a colon on top of that (escapeProperty). */
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

type Properties = Readonly<Record<string, string | number | undefined>>;

const command = (name: string, properties: Properties, message: string): string => {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  const list = given.map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${list.join(',')}::${escapeData(message)}\n`;
};

const annotation = ({ level, code, title, detail, source }: Finding, review: Review, pathOf: PathOf): string => {
  // standard input is no file of the repository
  const place =
    source === undefined || source.file === '-'
      ? {}
      : { file: pathOf(source.file), line: source.line, col: source.column };
  const message = detail === '' ? title : `${title}\n${detail}`;
  return command(COMMANDS[level], { ...place, title: `netrecon ${review.command}: ${code}` }, message);
};

/**
 * A review as commands of a GitHub workflow, which become annotations at the lines of the files. The most urgent come
 * first, and the summary before all: GitHub shows ten of a level for each step.
 */
export function* githubPieces(review: Review, pathOf: PathOf): Generator<string> {
  yield command('notice', { title: `netrecon ${review.command}` }, review.summary);
  yield* byLevel(review.findings, (finding) => annotation(finding, review, pathOf));
}
