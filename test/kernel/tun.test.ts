import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ioctlBytes } from '../../src/netlink/socket/libc.ts';
import { openNamespace } from '../../src/netlink/socket/namespace-switch.ts';
import { exportState } from '../../src/report/export.ts';
import { testCases } from './cases/run-case.ts';
import type { Expected } from './cases/state-case.ts';
import { NAMES, openTestHost } from './harness.ts';
import { ipJson, lacksKind, withNamespace } from './support.ts';

const lacking = await lacksKind('tun');

const fileOf = (tun: object, more: object = {}): string =>
  `links: ${JSON.stringify({ t0: { kind: 'tun', tun, ...more } })}`;
const shows = (info: Readonly<Record<string, Expected>>, more: Readonly<Record<string, Expected>> = {}) => ({
  'link show dev t0': [{ linkinfo: { info_kind: 'tun', info_data: info }, ...more }],
});

/** Opens the link as a program does that uses it. */
const holdOpen = (ns: string, name: string, flags: number): number => {
  const handle = openNamespace(`/run/netns/${ns}`);
  try {
    return handle.run(() => {
      const fd = openSync('/dev/net/tun', 'r+');
      const request = Buffer.alloc(40);
      request.write(name, 'latin1');
      request.writeUInt16LE(flags, 16);
      const TUNSETIFF = 0x400454ca;
      assert.equal(ioctlBytes(fd, TUNSETIFF, request), 0);
      return fd;
    });
  } finally {
    handle.close();
  }
};
const TAP_NO_PI = 0x1002;

describe('tun and tap', { skip: lacking }, () => {
  testCases([
    {
      name: 'with what other links have, set once it is there',
      yaml: fileOf(
        { mode: 'tap', user: 60_001, vnet_hdr: true },
        { mtu: 1400, lladdr: '02:00:00:00:00:77', txqlen: 77, alias: 'x', addresses: ['192.0.2.1/24'] },
      ),
      shows: shows(
        { type: 'tap', user: 60_001, vnet_hdr: true, pi: false, persist: true },
        { mtu: 1400, address: '02:00:00:00:00:77', txqlen: 77 },
      ),
      next: {
        yaml: fileOf({ mode: 'tap', user: 60_002, group: 60_003 }, { mtu: 1300, addresses: ['192.0.2.1/24'] }),
        shows: shows({ user: 60_002, group: 60_003, vnet_hdr: true }, { mtu: 1300, address: '02:00:00:00:00:77' }),
        actions: ['update'],
      },
    },
    {
      name: 'that is nobody’s again is made anew, with all that stood on it',
      yaml: fileOf({ mode: 'tun', user: 60_001 }, { addresses: ['192.0.2.1/24'] }),
      shows: shows({ type: 'tun', user: 60_001 }),
      next: {
        yaml: fileOf({ mode: 'tun', user: null }, { addresses: ['192.0.2.1/24'] }),
        shows: shows({ type: 'tun', user: undefined }),
        actions: ['replace'],
      },
    },
  ]);

  it('that a program holds open cannot be changed, and stays as it is', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      const file = (user: number): string => `version: 1\n${fileOf({ mode: 'tap', user })}\n`;
      await host.apply(file(60_001));
      const fd = holdOpen(ns, 't0', TAP_NO_PI);
      try {
        const outcome = await host.apply(file(60_002));
        assert.equal(outcome.status, 'rolledBack');
        assert.match('failure' in outcome ? outcome.failure.message : '', /EBUSY.*TUNSETIFF/);
        const [link] = ipJson<{ readonly linkinfo: { readonly info_data: { readonly user: number } } }>(
          ns,
          'link show t0',
        );
        assert.equal(link?.linkinfo.info_data.user, 60_001);
      } finally {
        closeSync(fd);
        host.close();
      }
    }));

  it('that only a program keeps is none that a file could make', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      const fd = holdOpen(ns, 'held0', TAP_NO_PI);
      try {
        const { links } = exportState(await host.dump(), { all: false, names: NAMES, owned: [] });
        assert.equal(links?.held0?.kind, undefined);
      } finally {
        closeSync(fd);
        host.close();
      }
    }));
});
