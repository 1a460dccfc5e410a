/** The forms that reviewers and their programs read. */
const REVIEW_FORMATS = ['markdown', 'github', 'junit', 'sarif'] as const;
export type ReviewFormat = (typeof REVIEW_FORMATS)[number];

/** What --format takes. Most commands have the first two alone. */
export const FORMATS = ['text', 'json', ...REVIEW_FORMATS] as const;
export type Format = (typeof FORMATS)[number];

/** Commands whose result is about the lines of files, and comes in the forms of reviewers. */
export const REVIEW_COMMANDS: ReadonlySet<string> = new Set(['plan', 'validate', 'lint']);
