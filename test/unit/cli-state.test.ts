import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createContext, type GlobalOptions, type Process } from '../../src/cli/context.ts';
import { formatRecord, parseRecord } from '../../src/cli/record-text.ts';
import { openStateDirectory, openTransientState } from '../../src/cli/state-directory.ts';
import { locateStateDirectory } from '../../src/cli/state-location.ts';
import { traceText } from '../../src/cli/trace-text.ts';
import { isNetreconError } from '../../src/model/errors.ts';
import { emptyState } from '../../src/model/state.ts';
import { hasCapability, superfluousCapabilities } from '../../src/netlink/socket/capabilities.ts';
import { createSnapshot, parseSnapshot } from '../../src/observed/snapshot.ts';
import type { NamespaceRecord } from '../../src/reconcile/transaction/record.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netrecon-test-'));
after(() => rmSync(scratch, { recursive: true }));

const record: NamespaceRecord = { version: 1, owned: [{ kind: 'link', slot: 'br0' }] };

const hasCode =
  (code: string, status = 1) =>
  (error: unknown) => {
    assert.ok(isNetreconError(error), String(error));
    assert.equal(error.code, code);
    assert.equal(error.exitStatus, status);
    return true;
  };

describe('the record', () => {
  it('comes back as it was written, private, without leftovers', () => {
    const { records, lock } = openStateDirectory({ path: scratch, isShared: false }, 'net-1');
    lock('test', new Date(0)).release();
    assert.equal(records.read(), undefined);
    records.write({ version: 1, owned: [] });
    records.write(record);
    assert.deepEqual(records.read(), record);
    assert.deepEqual(readdirSync(join(scratch, 'net-1')).sort(), ['lock', 'record']);
    assert.equal(statSync(join(scratch, 'net-1')).mode & 0o777, 0o700);
    assert.equal(statSync(join(scratch, 'net-1/record')).mode & 0o777, 0o600);
  });

  it('is read once, and again whenever another process has changed it', () => {
    const open = () => openStateDirectory({ path: scratch, isShared: false }, 'net-read');
    open().lock('test', new Date(0)).release();
    const [ours, theirs] = [open().records, open().records];
    const transaction = {
      id: '1',
      startedAt: 1,
      phase: 'open',
      before: emptyState(),
      touched: [],
      ownedBefore: [],
    } as const;
    const changing = { ...record, transaction };
    theirs.write(changing);
    const first = ours.read();
    assert.deepEqual(first, changing);
    assert.equal(ours.read(), first, 'the same object: nothing was parsed');
    theirs.acknowledge?.(7);
    assert.equal(ours.read()?.transaction?.acknowledged, 7);
    theirs.write(record);
    assert.deepEqual(ours.read(), record);
    ours.write({ version: 1, owned: [] });
    assert.deepEqual(ours.read(), { version: 1, owned: [] });
    const path = join(scratch, 'net-read/record');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -3));
    assert.throws(() => ours.read(), hasCode('NR_RECORD'));
    rmSync(path);
    assert.equal(ours.read(), undefined);
  });

  it('is refused where it is torn, at every length', () => {
    const text = formatRecord(record, 'boot');
    for (let length = 0; length < text.length; length++) {
      assert.throws(
        () => parseRecord(text.slice(0, length), 'boot', 'r'),
        hasCode('NR_RECORD'),
        `${length} characters`,
      );
    }
    assert.deepEqual(parseRecord(text, 'boot', 'r'), record);
  });

  it('is refused where it was edited or is of another version', () => {
    const text = formatRecord(record, 'boot');
    assert.throws(() => parseRecord(text.replace('br0', 'br1'), 'boot', 'r'), hasCode('NR_RECORD'));
    assert.throws(() => parseRecord(text.replace(' 1 ', ' 9 '), 'boot', 'r'), hasCode('NR_RECORD'));
  });

  it('is nothing after the next boot', () => {
    assert.equal(parseRecord(formatRecord(record, 'one'), 'two', 'r'), undefined);
  });

  it('is told apart from a folder that cannot be written', () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    assert.throws(
      () => openStateDirectory({ path: file, isShared: false }, 'net-1').lock('test', new Date(0)),
      hasCode('NR_STATE_DIR'),
    );
    assert.throws(
      () => openStateDirectory({ path: join(scratch, 'missing'), isShared: false }, 'net-1').records.write(record),
      hasCode('NR_RECORD'),
    );
  });

  it('lasts as long as the process for a namespace that goes with it', () => {
    const { records, lock } = openTransientState();
    records.write(record);
    assert.deepEqual(records.read(), record);
    lock('test', new Date(0)).release();
  });
});

describe('the lock', () => {
  it('names its holder to whoever comes second, and is free after release', () => {
    const first = openStateDirectory({ path: scratch, isShared: false }, 'net-2');
    const lock = first.lock('apply a.yaml', new Date(0));
    assert.throws(
      () => openStateDirectory({ path: scratch, isShared: false }, 'net-2').lock('apply b.yaml', new Date()),
      (error: unknown) => {
        hasCode('NR_LOCKED', 6)(error);
        assert.match(
          (error as Error).message,
          new RegExp(`netrecon apply a\\.yaml \\(process ${process.pid}, since 1970-01-01T`),
        );
        return true;
      },
    );
    openStateDirectory({ path: scratch, isShared: false }, 'net-3').lock('other namespace', new Date()).release();
    lock.release();
    first.lock('again', new Date()).release();
  });

  it('says so too before the holder has written its name', () => {
    const lock = openStateDirectory({ path: scratch, isShared: false }, 'net-4').lock('x', new Date());
    writeFileSync(join(scratch, 'net-4/lock'), '');
    assert.throws(
      () => openStateDirectory({ path: scratch, isShared: false }, 'net-4').lock('y', new Date()),
      /another netrecon is at work/,
    );
    lock.release();
  });
});

describe('the state directory', () => {
  it('is the one that was named, and nothing is made before the lock', () => {
    const path = join(scratch, 'named/deep');
    const location = locateStateDirectory(path, { XDG_RUNTIME_DIR: scratch });
    assert.deepEqual(location, { path, isShared: false });
    const state = openStateDirectory(location, 'net-1');
    assert.equal(state.records.read(), undefined);
    assert.equal(existsSync(path), false);
    state.lock('test', new Date(0)).release();
    assert.equal(statSync(path).mode & 0o777, 0o700);
  });

  it('of root is in /run; of an ordinary user in the runtime folder, else private', () => {
    const env = { XDG_RUNTIME_DIR: scratch };
    const root = locateStateDirectory(undefined, env, { uid: 0, isHostRoot: true });
    assert.deepEqual(root, { path: '/run/netrecon', isShared: false });
    const user = { uid: 1000, isHostRoot: false };
    assert.deepEqual(locateStateDirectory(undefined, env, user), { path: join(scratch, 'netrecon'), isShared: false });
    const temporary = { path: join(tmpdir(), 'netrecon-1000'), isShared: true };
    assert.deepEqual(locateStateDirectory(undefined, {}, user), temporary);
    assert.deepEqual(locateStateDirectory(undefined, { XDG_RUNTIME_DIR: 'relative' }, user), temporary);
  });

  it('in a shared place must be nobody else’s', () => {
    const path = join(scratch, 'shared');
    const open = () => openStateDirectory({ path, isShared: true }, 'net-1');
    open().lock('test', new Date(0)).release();
    open();
    chmodSync(path, 0o755);
    assert.throws(open, hasCode('NR_STATE_DIR'));
    rmSync(path, { recursive: true });
    mkdirSync(join(scratch, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(scratch, 'elsewhere'), path);
    assert.throws(open, hasCode('NR_STATE_DIR'));
  });
});

describe('snapshots', () => {
  it('come back as they were written', () => {
    const snapshot = createSnapshot(
      { state: emptyState(), owned: [{ kind: 'link', slot: 'a' }] },
      '6.1.0',
      new Date(0),
    );
    assert.deepEqual(parseSnapshot(JSON.stringify(snapshot), 's'), snapshot);
  });

  const broken: readonly (readonly [string, RegExp])[] = [
    ['{', /is no snapshot: it is not JSON/],
    ['[]', /is no snapshot/],
    ['{"version": 2}', /is a snapshot of version 2/],
    ['{"version": 1}', /it holds no state/],
    ['{"version": 1, "state": {"link": []}}', /state\.address is no list/],
    [JSON.stringify({ version: 1, state: { ...emptyState(), rule: [1] } }), /state\.rule is no list of objects/],
  ];
  for (const [text, message] of broken) {
    it(`refuses ${text.slice(0, 40)}`, () => {
      assert.throws(
        () => parseSnapshot(text, 's.json'),
        (error: unknown) => hasCode('NR_SNAPSHOT')(error) && message.test((error as Error).message),
      );
    });
  }
});

describe('small things of the edge', () => {
  it('reads capabilities', () => {
    assert.equal(hasCapability('Name:\tx\nCapEff:\t0000000000001000\n', 12), true);
    assert.equal(hasCapability('CapEff:\t0000000000000fff\n', 12), false);
    assert.equal(hasCapability('CapPrm:\tffffffffffffffff\n', 12), false);
  });

  it('drops what root has beyond its needs, and nothing where it may not', () => {
    const status = (effective: string) => `CapEff:\t${effective}\nCapBnd:\t00000000000031ff\n`;
    assert.deepEqual(superfluousCapabilities(status('00000000000031ff'), [12]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 13]);
    assert.deepEqual(superfluousCapabilities(status('0000000000001000'), [12]), []);
    assert.deepEqual(superfluousCapabilities('CapEff:\t0000000000000100\nCapBnd:\t0000000000001000\n', [12]), []);
  });

  it('decides on colours by option, FORCE_COLOR, NO_COLOR and terminal, in this order', () => {
    const colours = (color: GlobalOptions['color'], isTTY: boolean, env: Process['env']): boolean => {
      const stream = { isTTY } as NodeJS.WriteStream;
      const context = createContext(
        { stdin: process.stdin, stdout: stream, stderr: stream, env },
        { color, format: 'text', verbose: 0 },
      );
      return context.paint.create('x') !== 'x';
    };
    assert.equal(colours('auto', true, {}), true);
    assert.equal(colours('auto', false, {}), false);
    assert.equal(colours('auto', true, { TERM: 'dumb' }), false);
    assert.equal(colours('auto', true, { NO_COLOR: '1' }), false);
    assert.equal(colours('auto', false, { FORCE_COLOR: '1', NO_COLOR: '1' }), true);
    assert.equal(colours('auto', true, { FORCE_COLOR: '0' }), false);
    assert.equal(colours('always', false, { NO_COLOR: '1' }), true);
    assert.equal(colours('never', true, { FORCE_COLOR: '1' }), false);
  });

  it('shows netlink messages on one line', () => {
    const request = new Uint8Array(20);
    assert.equal(
      traceText({ direction: 'out', type: 24, flags: 0x605, sequence: 7, bytes: request }, false),
      '> RTM_NEWROUTE seq 7 ACK EXCL CREATE, 20 bytes\n',
    );
    assert.match(
      traceText({ direction: 'out', type: 26, flags: 0x301, sequence: 8, bytes: request }, false),
      /RTM_GETROUTE seq 8 DUMP,/,
    );
    const answer = Uint8Array.from([...new Uint8Array(16), 0xef, 0xff, 0xff, 0xff]);
    assert.equal(
      traceText({ direction: 'in', type: 2, flags: 0, sequence: 7, bytes: answer }, true),
      `< NLMSG_ERROR seq 7 EEXIST, 20 bytes\n    ${'00000000 '.repeat(4)}efffffff\n`,
    );
  });
});

describe('docs/errors.md', () => {
  const root = join(import.meta.dirname, '../../..');
  // advice is no error: it has a page of its own
  const codesOf = (text: string): readonly string[] =>
    [...text.matchAll(/\bNR_(?!LINT_)[A-Z0-9_]*[A-Z0-9]\b/g)].map(([code]) => code);

  it('explains every code of the sources, and no other', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => codesOf(readFileSync(join(root, 'src', name), 'utf8')));
    const headings = readFileSync(join(root, 'docs/errors.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('### '));
    const explained = headings.flatMap(codesOf);
    assert.deepEqual([...new Set(explained)].sort(), explained.toSorted(), 'explained twice');
    assert.deepEqual(explained.toSorted(), [...new Set(sources)].sort());
  });
});
