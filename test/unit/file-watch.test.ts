import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { watchFiles } from '../../src/cli/watch/file-watch.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netrecon-files-'));
after(() => rmSync(scratch, { recursive: true }));

describe('the files of a watch', () => {
  it('are to be read again where other folders are watched than before, and tell of changes from then on', async () => {
    const [one, two] = ['one', 'two'].map((name) => join(scratch, name)) as [string, string];
    for (const folder of [one, two]) mkdirSync(folder);
    const file = join(one, 'state.yaml');
    writeFileSync(file, 'a');
    let told = () => {};
    const files = await watchFiles([], () => told());
    try {
      assert.equal(await files.follow([file]), true);
      assert.equal(await files.follow([file]), false, 'nothing can have been missed');
      assert.equal(await files.follow([file, join(two, 'list.txt')]), true);
      const change = new Promise<void>((resolve) => {
        told = resolve;
      });
      writeFileSync(join(two, 'list.txt'), 'b');
      await change;
    } finally {
      await files.close();
    }
  });
});
