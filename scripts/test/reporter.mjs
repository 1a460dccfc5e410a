// A node:test reporter: one JSON line a leaf test, one a stray error, and a last line that says the process came to its end.
//
// Counted are leaves (tests without subtests) and parents that fail by themselves, such as by a hook.

/** @param {any} error as node:test hands it over: a wrapper whose cause is what the test threw */
const explain = (error) => {
  const cause = error?.cause ?? error;
  return typeof cause?.stack === 'string' ? cause.stack : String(cause?.message ?? cause);
};

/** @param {AsyncIterable<{ type: string, data: any }>} source */
// biome-ignore lint/style/noDefaultExport: node --test-reporter takes the default export
export default async function* reporter(source) {
  /** @type {string[]} names of the tests that are open, by depth */
  const path = [];
  /** @type {boolean[]} whether the test of that depth has shown a subtest */
  const parents = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      path.length = data.nesting;
      path.push(data.name);
      parents.length = data.nesting;
      parents[data.nesting - 1] = true;
    }
    // node tells here of errors thrown after their test was over; the summary's own lines are of no interest
    if (type === 'test:diagnostic' && /error/i.test(data.message)) {
      yield `${JSON.stringify({ outcome: 'note', error: data.message })}\n`;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isParent = parents[data.nesting] === true;
    const record = {
      name: [...path.slice(0, data.nesting), data.name].join(' > '),
      ms: Math.round(data.details.duration_ms),
    };
    if (type === 'test:fail') {
      const { error } = data.details;
      if (isParent && error?.failureType === 'subtestsFailed') continue;
      yield `${JSON.stringify({ ...record, outcome: 'fail', error: explain(error) })}\n`;
    } else if (data.skip !== undefined && data.skip !== false) {
      yield `${JSON.stringify({ ...record, outcome: 'skip', reason: data.skip === true ? '' : data.skip })}\n`;
    } else if (data.todo !== undefined && data.todo !== false) {
      yield `${JSON.stringify({ ...record, outcome: 'fail', error: 'a test marked todo proves nothing' })}\n`;
    } else if (!isParent) {
      yield `${JSON.stringify({ ...record, outcome: 'pass' })}\n`;
    }
  }
  yield `${JSON.stringify({ outcome: 'end' })}\n`;
}
