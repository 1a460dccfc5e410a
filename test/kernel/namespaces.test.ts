import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type OpenedKernel, type OpenKernelOptions, openKernel } from '../../src/netlink/open-kernel.ts';
import { lockFile } from '../../src/netlink/socket/file-lock.ts';
import { openNamespace } from '../../src/netlink/socket/namespace-switch.ts';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';
import { ipRun, withNamespace } from './support.ts';

const withKernel = async <T>(options: OpenKernelOptions, use: (kernel: OpenedKernel) => Promise<T>): Promise<T> => {
  const kernel = openKernel(options);
  try {
    return await use(kernel);
  } finally {
    kernel.close();
  }
};

const ownNamespace = (): string => readlinkSync('/proc/thread-self/ns/net');
const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
const hasCode = (code: string) => (error: unknown) => error instanceof NetlinkError && error.code === code;

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
};

/** The compiled module of that name in src/netlink, for child processes. */
const moduleUrl = (name: string): string => new URL(`../../src/netlink/${name}`, import.meta.url).href;

describe('namespaces', () => {
  it('opens sockets elsewhere and stays where it is', () =>
    withNamespace(async (ns) => {
      const before = ownNamespace();
      ipRun(ns, 'link add only-here type veth peer name and-here');
      const path = `/run/netns/${ns}`;
      const child = spawn('ip', ['netns', 'exec', ns, 'sleep', '3600']);
      try {
        while (readlinkSync(`/proc/${child.pid}/ns/net`) === before) await delay(5);
        for (const namespace of [ns, path, String(child.pid)]) {
          await withKernel({ namespace }, async (kernel) => {
            assert.equal(ownNamespace(), before);
            const { link: links } = await kernel.dump({ kinds: ['link'] });
            assert.equal(ownNamespace(), before);
            assert.ok(links.some(({ name }) => name === 'only-here'));
          });
        }
        const handle = openNamespace(path);
        assert.throws(
          () =>
            handle.run(() => {
              throw new Error('inside');
            }),
          /inside/,
        );
        assert.notEqual(handle.run(ownNamespace), before);
        assert.equal(ownNamespace(), before);
        handle.close();
      } finally {
        await stop(child);
      }
    }));

  it('says that there is no such namespace, or that the file is none', () => {
    assert.throws(() => openKernel({ namespace: 'nr-does-not-exist' }), hasCode('NR_NO_NAMESPACE'));
    assert.throws(() => openKernel({ namespace: '/nowhere/ns' }), hasCode('NR_NO_NAMESPACE'));
    const before = ownNamespace();
    const descriptors = openDescriptors();
    assert.throws(() => openKernel({ namespace: '/etc/passwd' }), hasCode('NR_NO_NAMESPACE'));
    assert.equal(ownNamespace(), before);
    assert.equal(openDescriptors(), descriptors);
  });

  it('leaks no descriptor', () =>
    withNamespace((ns) => {
      const open = (): void => {
        const kernel = openKernel({ namespace: ns });
        const subscription = kernel.subscribe(['link']);
        subscription.onReadable(() => undefined);
        subscription.close();
        kernel.close();
      };
      open();
      const before = openDescriptors();
      for (let i = 0; i < 1000; i++) open();
      assert.equal(openDescriptors(), before);
    }));

  /** Prints the namespace and the links of the sandbox, and passes standard input and an exit status through. */
  const sandboxScript = (folder: string): string => {
    const script = join(folder, 'sandbox.mjs');
    writeFileSync(
      script,
      `
      import { readFileSync, readlinkSync } from 'node:fs';
      const { enterSandbox } = await import(${JSON.stringify(moduleUrl('socket/sandbox.js'))});
      const { openKernel } = await import(${JSON.stringify(moduleUrl('open-kernel.js'))});
      enterSandbox();
      const kernel = openKernel();
      const object = { dev: 'lo', family: 'inet', address: '10.0.0.1', prefixlen: 24 };
      const results = await kernel.send([{ kind: 'address', action: 'create', object }]);
      const { link } = await kernel.dump();
      console.log(JSON.stringify({
        results, links: link.map(({ name }) => name), namespace: readlinkSync('/proc/self/ns/net'),
        pid: process.pid, args: process.argv.slice(2), input: readFileSync(0, 'utf8'),
      }));
      process.exitCode = 3;
    `,
    );
    return script;
  };

  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  for (const [who, prefix] of [
    ['root', []],
    ['an ordinary user', nobody],
  ] as const) {
    it(`gives ${who} a private namespace`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'nr-sandbox-'));
      chmodSync(folder, 0o755);
      try {
        const command = [...prefix, process.execPath, sandboxScript(folder), 'a', 'b c'];
        const { status, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), {
          input: 'state',
          encoding: 'utf8',
        });
        assert.equal(stderr, '');
        assert.equal(status, 3);
        const { results, links, namespace, args, input } = JSON.parse(stdout);
        assert.deepEqual(
          { results, links, args, input },
          { results: [{ ok: true }], links: ['lo'], args: ['a', 'b c'], input: 'state' },
        );
        assert.notEqual(namespace, ownNamespace());
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

it('a file lock is held once, and released', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nr-lock-'));
  const path = join(folder, 'lock');
  try {
    const lock = lockFile(path);
    assert.ok(lock !== undefined && existsSync(path));
    assert.equal(lockFile(path), undefined);
    lock.release();
    lockFile(path)?.release();
    assert.ok(lockFile(path) !== undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
