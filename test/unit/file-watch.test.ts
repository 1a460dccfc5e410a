import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { watchFiles } from '../../src/cli/watch/file-watch.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netrecon-files-'));
after(() => rmSync(scratch, { recursive: true }));

/** A change that is not told of would be waited for in vain. */
describe('the files of a watch', { timeout: 120_000 }, () => {
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

  for (const [what, replace] of [
    ['renamed over it', (path: string) => renameSync(`${path}.new`, path)],
    [
      'written after it was deleted',
      (path: string) => {
        rmSync(path);
        writeFileSync(path, 'b');
      },
    ],
  ] as const) {
    it(`are to be read again where a link is followed by a file that is ${what}`, async () => {
      const folder = mkdtempSync(join(scratch, 'link-'));
      const path = join(folder, 'state.yaml');
      mkdirSync(join(folder, 'there'));
      writeFileSync(join(folder, 'there/state.yaml'), 'a');
      symlinkSync('there/state.yaml', path);
      writeFileSync(`${path}.new`, 'b');
      let told = () => {};
      const files = await watchFiles([], () => told());
      try {
        await files.follow([path]);
        // of the link itself, which it has found
        await delay(1000);
        const change = new Promise<void>((resolve) => {
          told = resolve;
        });
        replace(path);
        await change;
      } finally {
        await files.close();
      }
    });
  }
});
