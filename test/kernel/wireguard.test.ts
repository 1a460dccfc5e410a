import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { applyWithEveryFault, assertExportIsNoChange, assertIdempotent } from './cases/run-case.ts';
import { createTestCommand, untilGone } from './command.ts';
import { openTestHost, type TestHost } from './harness.ts';
import { lacksKind, nsExec, withNamespace } from './support.ts';

/** What wg(8), of its own, says of a device: one line for the device, then one for each peer. */
const wgDump = (ns: string, device = 'wg0'): readonly (readonly string[])[] => {
  const { status, stdout, stderr } = nsExec(ns, 'wg', 'show', device, 'dump');
  assert.equal(status, 0, stderr);
  return (
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      // handshakes and counters
      .map((words) => (words.length > 4 ? [...words.slice(0, 4), ...words.slice(7)] : words))
      .map(([first = '', ...rest]) => [first, ...rest.map((word) => word.split(',').sort().join(','))])
      .toSorted((a, b) => a.length - b.length || ((a[0] as string) < (b[0] as string) ? -1 : 1))
  );
};

interface Pair {
  readonly secret: string;
  readonly open: string;
}

const fromJwk = (text: string | undefined): string => Buffer.from(text ?? '', 'base64url').toString('base64');

/** Keys as wg genkey and wg pubkey make them. */
const makePair = (): Pair => {
  const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const bytes = Buffer.from(fromJwk(d), 'base64');
  bytes[0] = (bytes[0] as number) & 248;
  bytes[31] = ((bytes[31] as number) & 127) | 64;
  return { secret: bytes.toString('base64'), open: fromJwk(x) };
};
const makePsk = (): string => randomBytes(32).toString('base64');

const [own, other] = [makePair(), makePair()];
const [peer1, peer2, peer3] = [makePair().open, makePair().open, makePair().open];
const [pskA, pskB, pskC] = [makePsk(), makePsk(), makePsk()];
const KEYS = {
  'own.key': `${own.secret}\n`,
  'other.key': `${other.secret}\n`,
  'a.psk': `${pskA}\n`,
  'b.psk': `${pskB}\n`,
  'c.psk': `${pskC}\n`,
};

const fileOf = (wireguard: object, more: object = {}): string =>
  `version: 1\nlinks: ${JSON.stringify({ wg0: { kind: 'wireguard', wireguard, ...more } })}\n`;

const A = {
  private_key_file: 'own.key',
  listen_port: 51820,
  fwmark: 16,
  peers: [
    {
      public_key: peer1,
      preshared_key_file: 'a.psk',
      endpoint: '192.0.2.1:51820',
      allowed_ips: ['10.0.0.0/24', '10.1.0.0/24', '2001:db8:1::/64'],
    },
    { public_key: peer2, endpoint: '[2001:db8::2]:4500', allowed_ips: ['10.2.0.1'], persistent_keepalive: 25 },
  ],
};
/** A prefix moves, another comes, one peer goes and one comes. */
const B = {
  private_key_file: 'other.key',
  listen_port: 51821,
  fwmark: 0,
  peers: [
    {
      public_key: peer1,
      preshared_key_file: 'b.psk',
      endpoint: '192.0.2.9:1',
      allowed_ips: ['10.0.0.0/24', '10.5.0.0/24'],
      persistent_keepalive: 5,
    },
    { public_key: peer3, preshared_key_file: 'c.psk', allowed_ips: ['10.1.0.0/24'] },
  ],
};

const sorted = (...peers: (readonly string[])[]): readonly (readonly string[])[] =>
  peers.toSorted((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1));

const SHOWS_A = [
  [own.secret, own.open, '51820', '0x10'],
  ...sorted(
    [peer1, pskA, '192.0.2.1:51820', '10.0.0.0/24,10.1.0.0/24,2001:db8:1::/64', 'off'],
    [peer2, '(none)', '[2001:db8::2]:4500', '10.2.0.1/32', '25'],
  ),
];
const SHOWS_B = [
  [other.secret, other.open, '51821', 'off'],
  ...sorted(
    [peer1, pskB, '192.0.2.9:1', '10.0.0.0/24,10.5.0.0/24', '5'],
    [peer3, pskC, '(none)', '10.1.0.0/24', 'off'],
  ),
];

const withHost = <T>(use: (ns: string, host: TestHost) => Promise<T>): Promise<T> =>
  withNamespace(async (ns) => {
    const host = openTestHost(ns);
    try {
      return await use(ns, host);
    } finally {
      host.close();
    }
  });

const lacking = await lacksKind('wireguard');

describe('wireguard', { skip: lacking }, () => {
  it('is made, changed in place, put back after each refusal, and goes', () =>
    withHost(async (ns, host) => {
      await applyWithEveryFault(ns, host, fileOf(A), { lists: KEYS, every: true });
      assert.deepEqual(wgDump(ns), SHOWS_A);
      await assertIdempotent(host, fileOf(A), KEYS);
      await assertExportIsNoChange(host);

      // every refusal has to bring the very keys back
      let left = 0;
      const refusing = (allowed: number) =>
        host.apply(fileOf(B), {
          lists: KEYS,
          wrap: (kernel) => {
            let sent = 0;
            return {
              ...kernel,
              send: async (ops, options) => {
                const fits = sent > allowed ? ops.length : Math.min(ops.length, allowed - sent);
                sent += fits;
                const results = await kernel.send(ops.slice(0, fits), options);
                if (fits === ops.length) return results;
                sent++;
                return [...results, { ok: false, error: { errno: 5, name: 'EIO', message: 'refused by the test' } }];
              },
            };
          },
        });
      for (;;) {
        const outcome = await refusing(left);
        if (outcome.status === 'applied') break;
        assert.equal(outcome.status, 'rolledBack', `refusal ${left}`);
        assert.deepEqual(wgDump(ns), SHOWS_A, `refusal ${left}`);
        left++;
      }
      assert.ok(left >= 2, `${left} refusals`);
      assert.deepEqual(wgDump(ns), SHOWS_B);
      await assertIdempotent(host, fileOf(B), KEYS);
      await assertExportIsNoChange(host);

      await host.apply('version: 1\n');
      assert.notEqual(nsExec(ns, 'wg', 'show', 'wg0').status, 0);
    }));

  it('sees drift of keys, and leaves alone what the file does not say', () =>
    withHost(async (ns, host) => {
      await host.apply(fileOf(A), { lists: KEYS });
      const wg = (...args: readonly string[]): void => {
        const { status, stderr } = nsExec(ns, 'bash', '-c', args.join(' '));
        assert.equal(status, 0, stderr);
      };
      wg(`wg set wg0 private-key <(echo ${other.secret}) peer ${peer1} preshared-key <(echo ${pskC})`);
      assert.notDeepEqual(wgDump(ns), SHOWS_A);
      const drifted = await host.apply(fileOf(A), { lists: KEYS });
      assert.deepEqual(
        drifted.plan.changes.map(({ action, fields }) => [action, fields.map(({ field }) => field)]),
        [['update', ['options.private_key_file', 'options.peers']]],
      );
      assert.deepEqual(wgDump(ns), SHOWS_A);

      const silent = { peers: [{ public_key: peer1 }, { public_key: peer2 }] };
      await assertIdempotent(host, fileOf(silent), KEYS);
      const without = {
        peers: [{ public_key: peer1, preshared_key_file: null, allowed_ips: [], persistent_keepalive: 7 }],
      };
      await host.apply(fileOf(without), { lists: KEYS });
      assert.deepEqual(wgDump(ns), [
        [own.secret, own.open, '51820', '0x10'],
        [peer1, '(none)', '192.0.2.1:51820', '(none)', '7'],
      ]);
    }));

  it('keeps its keys and peers where it has to be made anew, and comes up on a port of its own', () =>
    withHost(async (ns, host) => {
      await host.apply(fileOf(A), { lists: KEYS });
      const outcome = await host.apply(fileOf({ fwmark: 3 }, { numtxqueues: 4 }), { lists: KEYS });
      assert.deepEqual(
        outcome.plan.changes.map(({ action }) => action),
        ['replace'],
      );
      assert.deepEqual(wgDump(ns).slice(1), SHOWS_A.slice(1));
      assert.deepEqual(wgDump(ns)[0], [own.secret, own.open, '51820', '0x3']);
      const bare = 'version: 1\nlinks: {wg1: {kind: wireguard}}\n';
      await host.apply(bare);
      await assertIdempotent(host, bare);
      assert.match(wgDump(ns, 'wg1')[0]?.[2] ?? '', /^[1-9][0-9]*$/);
    }));

  it('takes more peers and prefixes than fit into one message', () =>
    withHost(async (ns, host) => {
      const many = Array.from({ length: 1200 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
      const peers = Array.from({ length: 150 }, (_, i) => ({
        public_key: makePair().open,
        allowed_ips: i === 0 ? many : [`172.16.${i}.0/24`],
      }));
      await host.apply(fileOf({ peers }), { lists: KEYS });
      await assertIdempotent(host, fileOf({ peers }), KEYS);
      const shown = new Map(
        wgDump(ns)
          .slice(1)
          .map(([key = '', , , ips = '']) => [key, ips.split(',').length]),
      );
      assert.equal(shown.size, 150);
      assert.equal(shown.get(peers[0]?.public_key ?? ''), 1200);
      await host.apply(fileOf({ peers: [{ ...peers[0], allowed_ips: many.slice(600) }] }));
      assert.equal(wgDump(ns)[1]?.[3]?.split(',').length, 600);
    }));
});

const command = createTestCommand();

/** Every file below a folder, with what it holds. */
const filesBelow = (folder: string): readonly (readonly [path: string, content: Buffer])[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path)] as const)
    : [];

describe('keys of wireguard', { skip: lacking }, () => {
  it('are in nothing that netrecon prints or keeps', () =>
    withNamespace(async (ns) => {
      for (const [name, text] of Object.entries(KEYS)) chmodSync(command.file(name, text), 0o600);
      const a = command.file('a.yaml', fileOf(A));
      const b = command.file('b.yaml', fileOf(B, { mtu: 1400 }));
      const failing = command.file('failing.yaml', fileOf(B, { addresses: ['192.0.2.77/24'] }));
      chmodSync(command.path('c.psk'), 0o644);
      const secrets = [own.secret, other.secret, pskA, pskB, pskC];
      const encodings = secrets.flatMap((secret) => {
        const bytes = Buffer.from(secret, 'base64');
        return [secret, bytes.toString('hex'), bytes.toString('base64url')].map((text) => text.replace(/=+$/, ''));
      });
      const assertNone = (what: string, content: string): void => {
        // -vvv prints bytes in groups
        const joined = content.replace(/\s+/g, '');
        for (const text of encodings) assert.ok(!joined.includes(text), `${what} holds a key`);
      };
      const run = (expected: number, ...args: readonly string[]): string => {
        const { status, stdout, stderr } = command.run(ns, ...args);
        assert.equal(status, expected, `${args.join(' ')}: ${stderr}${stdout}`);
        assertNone(args.join(' '), stdout + stderr);
        return stdout + stderr;
      };
      run(0, 'apply', a, '--yes', '-vvv');
      assert.deepEqual(wgDump(ns), SHOWS_A);
      const warned = run(0, 'plan', b, '-vvv');
      assert.match(warned, /NR_KEY_MODE.*c\.psk|c\.psk.*NR_KEY_MODE/s);
      assert.match(warned, /another preshared key/);
      run(0, 'snapshot');
      run(0, 'export', '--all');
      // it fails behind the keys, and puts back those that were there
      run(3, 'apply', failing, '--yes', '-vvv', '--check', 'false');
      assert.deepEqual(wgDump(ns), SHOWS_A);
      // nobody confirms it: the guardian has the keys that the record has not
      run(0, 'apply', b, '--yes', '--confirm', '20');
      await untilGone(command.pending().guardian);
      assert.deepEqual(wgDump(ns), SHOWS_A, 'the guardian has put the keys back');
      run(0, 'apply', b, '--yes', '-vvv');
      assert.deepEqual(wgDump(ns), SHOWS_B);
      for (const content of command.records()) assertNone('the record', content);
      for (const [path, content] of filesBelow(command.path('state'))) {
        assertNone(path, content.toString('latin1'));
        for (const secret of secrets)
          assert.ok(!content.includes(Buffer.from(secret, 'base64')), `${path} holds a key`);
      }
      // a saved plan has no keys: those that are there stay, others it cannot set
      const saved = command.path('plan.saved');
      run(0, 'plan', a, '--out', saved);
      assertNone('the saved plan', readFileSync(saved, 'latin1'));
      assert.match(run(1, 'apply', '--plan', saved), /NR_KEY/);
      // nobody has the old keys any more: it says so
      const told = run(4, 'rollback', '--yes');
      assert.ok(
        told.includes(
          `the preshared key of peer ${peer1}, the private key of wg0: not known here, for no record holds a key`,
        ),
        told,
      );
      // all but the keys is as it was: the other peer is back, and the one whose key is lost has the rest of its old settings
      assert.deepEqual(wgDump(ns), [
        [other.secret, other.open, '51820', '0x10'],
        ...sorted(
          [peer1, pskB, '192.0.2.1:51820', '10.0.0.0/24,10.1.0.0/24,2001:db8:1::/64', 'off'],
          [peer2, '(none)', '[2001:db8::2]:4500', '10.2.0.1/32', '25'],
        ),
      ]);

      const inline = command.file('inline.yaml', fileOf({ private_key_file: own.secret }));
      assert.match(run(1, 'plan', inline), /NR_KEY/);
      command.file('broken.key', `${own.secret.slice(0, 43)}\n`);
      assert.match(run(1, 'plan', command.file('broken.yaml', fileOf({ private_key_file: 'broken.key' }))), /no key/);
    }));

  it('are not needed for a plan', () =>
    withNamespace((ns) => {
      const file = command.file('away.yaml', fileOf({ private_key_file: 'away.key', listen_port: 9 }));
      const { status, stdout, stderr } = command.run(ns, 'plan', file);
      assert.equal(status, 0, stderr);
      assert.match(stdout + stderr, /NR_KEY_UNREAD/);
      const applied = command.run(ns, 'apply', file, '--yes');
      assert.equal(applied.status, 1);
      assert.match(applied.stderr, /NR_FILE/);
      assert.throws(() => execFileSync('ip', ['-n', ns, 'link', 'show', 'wg0'], { stdio: 'ignore' }));
    }));
});
