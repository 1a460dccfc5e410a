import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findRequester, type ProcFiles, parseNetlinkTable } from '../../src/netlink/attribution.ts';
import { listNamespaces, resolveNamespace } from '../../src/netlink/namespaces.ts';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';

describe('attribution', () => {
  const table = [
    'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
    '00000000ac369f6b 0   0          00000000 0        0        0     2        0        4',
    '00000000ac369f6c 0   812        00000111 0        0        0     2        0        5001',
    '00000000ac369f6d 0   -1002      00000000 0        0        0     2        0        5002',
    '00000000ac369f6e 9   900        00000000 0        0        0     2        0        5003',
    '',
  ].join('\n');
  const proc: ProcFiles = {
    netlinkTable: () => table,
    pids: () => [1, 812, 900],
    descriptors: (pid) => (pid === 900 ? ['/dev/null', 'socket:[5001]'] : ['socket:[15001]']),
    comm: (pid) => (pid === 900 ? 'dhclient' : 'other'),
    cmdline: () => '/sbin/dhclient\0-v\0eth0\0',
  };

  it('reads rtnetlink sockets only, with unsigned port ids', () => {
    assert.deepEqual(
      [...parseNetlinkTable(table)],
      [
        [812, 5001],
        [0xfffffc16, 5002],
      ],
    );
    assert.deepEqual([...parseNetlinkTable('')], []);
  });

  it('names the process that holds the socket, not the one whose id the port happens to be', () => {
    assert.deepEqual(findRequester(812, proc), {
      pid: 900,
      comm: 'dhclient',
      cmdline: ['/sbin/dhclient', '-v', 'eth0'],
    });
  });

  it('names nobody without proof', () => {
    assert.equal(findRequester(0, proc), undefined);
    assert.equal(findRequester(900, proc), undefined);
    assert.equal(findRequester(0xfffffc16, proc), undefined);
  });
});

describe('resolveNamespace', () => {
  const paths = ['/run/netns/blue', '/run/netns/42', '/proc/42/ns/net', '/proc/7/ns/net', '/tmp/ns'];
  const files = {
    exists: (path: string) => paths.includes(path),
    list: (folder: string) =>
      paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1)),
  };

  it('takes names, paths and process ids, names first', () => {
    assert.deepEqual(
      ['blue', '42', '7', '/tmp/ns'].map((value) => resolveNamespace(value, files)),
      ['/run/netns/blue', '/run/netns/42', '/proc/7/ns/net', '/tmp/ns'],
    );
    assert.deepEqual(listNamespaces(files), ['42', 'blue']);
  });

  it('says which there are', () => {
    for (const value of ['green', '8', '/tmp/other', '.', '..', '']) {
      assert.throws(
        () => resolveNamespace(value, files),
        (error: unknown) =>
          error instanceof NetlinkError && error.code === 'NR_NO_NAMESPACE' && error.hint === 'there are: 42, blue',
      );
    }
  });
});
