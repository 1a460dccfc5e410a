import { relative, resolve } from 'node:path';
import { githubPieces } from '../report/review/github.ts';
import { junitPieces } from '../report/review/junit.ts';
import { renderReviewMarkdown } from '../report/review/markdown.ts';
import { type PathOf, type Review, reviewFailure } from '../report/review/review.ts';
import { reviewSarif } from '../report/review/sarif.ts';
import { type Context, jsonDocument } from './context.ts';
import type { ReviewFormat } from './formats.ts';
import { readVersion } from './package-file.ts';

/**
 * Paths as the reader of a review knows them: from the root of the repository, which GitHub names, else from the folder that
 * the command runs in. What lies outside of it keeps its whole path.
 */
const repositoryPaths = ({ process: { env } }: Context): PathOf => {
  const root = env.GITHUB_WORKSPACE ?? '.';
  return (file) => {
    if (file === '-') return file;
    const path = relative(root, file);
    return path.startsWith('..') ? resolve(file) : path;
  };
};

/** A review in the form asked for, in pieces. */
const renderReview = (context: Context, format: ReviewFormat, review: Review): Iterable<string> => {
  const pathOf = repositoryPaths(context);
  switch (format) {
    case 'markdown':
      return [renderReviewMarkdown(review)];
    case 'github':
      return githubPieces(review, pathOf);
    case 'junit':
      return junitPieces(review, pathOf);
    case 'sarif':
      return jsonDocument(reviewSarif(review, { pathOf, version: readVersion() }));
  }
};

/** A result in each form that it may be asked for in; what is not asked for is not made. */
interface Forms {
  text(): Iterable<string>;
  json(): unknown;
  review(): Review;
}

/** A result in the form that --format names, in pieces. */
export const renderAs = (context: Context, forms: Forms): Iterable<string> => {
  const { format } = context.options;
  if (format === 'text') return forms.text();
  if (format === 'json') return jsonDocument(forms.json());
  return renderReview(context, format, forms.review());
};

/** An error in the form of the reviews, for what reads only those. */
export const printFailure = async (context: Context, command: string, error: unknown): Promise<void> => {
  const { format } = context.options;
  if (format === 'text' || format === 'json') return;
  await context.printPieces(renderReview(context, format, reviewFailure(command, [], error)));
};
