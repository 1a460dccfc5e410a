import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Context } from '../../src/cli/context.ts';
import { createProgress, progressText, reportOf } from '../../src/cli/progress.ts';

/** Sends `count` operations, `perOperation` milliseconds each, and returns what was written. */
const written = (
  { isTTY, ...options }: { isTTY: boolean; format?: 'text' | 'json'; quiet?: boolean },
  { count, perOperation, total }: { count: number; perOperation: number; total?: number },
): readonly string[] => {
  const texts: string[] = [];
  const stderr = { isTTY, write: (text: string) => texts.push(text) > 0 };
  const context = {
    process: { stderr },
    options: { format: 'text', color: 'auto', verbose: 0, ...options },
  } as unknown as Context;
  let now = 0;
  const progress = createProgress(context, () => now);
  progress.begin(total);
  for (let i = 0; i < count; i++) {
    now += perOperation;
    progress.advance(1);
  }
  progress.end();
  return texts;
};

describe('progress', () => {
  const long = { count: 64_000, perOperation: 0.1, total: 100_000 };

  test('is one line of a terminal, written over, and gone at the end', () => {
    const texts = written({ isTTY: true }, long);
    assert.ok(texts.length > 20 && texts.length < 32, `${texts.length} times in 5.4 s`);
    assert.match(texts[0] ?? '', /^\r12,\d{3} of 100,000 operations, 10,000\/s, 9 s left/);
    assert.equal(texts.at(-1), '\r\u001b[K');
  });

  test('is a line of JSON a second with --format json', () => {
    const reports = written({ isTTY: false, format: 'json' }, long).map((text) => JSON.parse(text));
    assert.equal(reports.length, 5);
    assert.deepEqual(Object.keys(reports[0].progress), ['done', 'total', 'perSecond', 'secondsLeft']);
  });

  test('is not there where nobody waits, or nobody looks', () => {
    assert.deepEqual(written({ isTTY: true }, { count: 9000, perOperation: 0.1 }), []);
    assert.deepEqual(written({ isTTY: false }, long), []);
    assert.deepEqual(written({ isTTY: true, quiet: true }, long), []);
  });

  test('tells no end where there is none to tell', () => {
    assert.equal(progressText(reportOf(5000, undefined, 2000)), '5,000 operations, 2,500/s');
    assert.equal(progressText(reportOf(5000, 4000, 2000)), '5,000 operations, 2,500/s');
    assert.equal(progressText(reportOf(5000, 10_000, 2000)), '5,000 of 10,000 operations, 2,500/s, 2 s left');
  });
});
