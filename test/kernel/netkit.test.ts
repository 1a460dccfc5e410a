import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertExportIsNoChange, testCases, withQuietNamespace } from './cases/run-case.ts';
import { openTestHost } from './harness.ts';
import { lacksKind } from './support.ts';

const lacking = await lacksKind('netkit');

const fileOf = (netkit: object, addresses: readonly string[]): string =>
  `links: ${JSON.stringify({
    nk1: { kind: 'netkit', netkit: { peer: 'nk0' }, mtu: 1400, addresses: ['10.0.0.2/24'] },
    nk0: { kind: 'netkit', netkit: { peer: 'nk1', ...netkit }, addresses },
  })}`;

/** iproute2 6.1 knows no more of them; netrecon's own second dump tells the options. */
const SHOWS = {
  'link show dev nk0': [{ flags: ['UP'], link: 'nk1', linkinfo: { info_kind: 'netkit' } }],
  'link show dev nk1': [{ flags: ['UP'], link: 'nk0', mtu: 1400, linkinfo: { info_kind: 'netkit' } }],
};

describe('netkit', { skip: lacking }, () => {
  it('policies change in place, at the end that has them', () =>
    withQuietNamespace(async (ns) => {
      const host = openTestHost(ns);
      const file = (netkit: object): string => `version: 1\n${fileOf({ mode: 'l2', ...netkit }, ['10.0.0.1/24'])}\n`;
      try {
        await host.apply(file({}));
        const { status, plan } = await host.apply(file({ policy: 'blackhole', peer_policy: 'blackhole' }));
        assert.equal(status, 'applied');
        assert.deepEqual(
          plan.changes.map(({ key, action }) => [key, action]),
          [['nk0', 'update']],
        );
        await assertExportIsNoChange(host);
      } finally {
        host.close();
      }
    }));

  testCases([
    {
      name: 'options of the other end take a new pair, with all that stood on both ends',
      yaml: fileOf({}, ['10.0.0.1/24']),
      shows: SHOWS,
      next: { yaml: fileOf({ mode: 'l2' }, ['10.0.0.1/24']), shows: SHOWS, actions: ['create', 'replace'] },
    },
  ]);
});
