import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables, parseNameFile, readNameTables } from '../../src/desired/names.ts';
import { locateJson } from '../../src/desired/parse-json.ts';
import { parseYaml } from '../../src/desired/parse-yaml.ts';
import { createProblems, nearest } from '../../src/desired/problems.ts';
import { createSourceFile, type Place } from '../../src/desired/source-file.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError, type Diagnostic } from '../../src/model/errors.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const names = createNameTables({ rt_tables: [[100, 'blue']] });

/** Loads from a table of files; a name that ends in `/` lists a folder. */
const loadFiles = (
  files: Readonly<Record<string, string>>,
  paths: readonly string[] = Object.keys(files),
): Promise<Desired> =>
  loadDesired({
    files: paths,
    names,
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      return text;
    },
    listDirectory: async (path) => {
      const inside = Object.keys(files).filter((name) => name.startsWith(`${path}/`));
      return inside.length === 0 ? undefined : inside.map((name) => name.slice(path.length + 1));
    },
  });
const load = (text: string): Promise<Desired> => loadFiles({ 'a.yaml': text });

const problemsOf = async (loading: Promise<Desired>): Promise<readonly Diagnostic[]> => {
  try {
    await loading;
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.diagnostics;
  }
  assert.fail('no problem found');
};
const lines = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(
    (d) =>
      `${d.source?.file}:${d.source?.line}:${d.source?.column} ${d.code} ${d.message}${d.hint === undefined ? '' : ` (${d.hint})`}`,
  );

describe('what a file says', () => {
  test('the example of the contract', async () => {
    const { objects, exactAddresses, prune } = await load(`version: 1
links:
  eth0:
    mtu: 1500
    addresses:
      - 192.0.2.10/24
      - {address: 192.0.2.11/24, label: eth0:web}
      - {address: 2001:DB8::10/64, nodad: true}
  veth0: {kind: veth, veth: {peer: veth1}, master: br0, bridge_port: {hairpin: on}}
  br0:
    kind: bridge
    bridge: {stp_state: true, ageing_time: 300, mcast_snooping: off}
  eth0.5: {kind: vlan, link: eth0, vlan: {id: 5, protocol: 802.1AD}, state: down}
  old0: {state: absent}
addresses:
  - {address: 10.0.0.2/24, dev: br0, broadcast: +, valid_lft: forever}
`);
    assert.deepEqual(
      objects.link.map((d) => d.object),
      [
        { name: 'eth0', index: 0, state: 'up', mtu: 1500 },
        {
          name: 'veth0',
          index: 0,
          kind: 'veth',
          state: 'up',
          master: 'br0',
          options: { peer: 'veth1' },
          port: { kind: 'bridge', options: { hairpin: true } },
        },
        {
          name: 'br0',
          index: 0,
          kind: 'bridge',
          state: 'up',
          options: { stp_state: 1, ageing_time: 300, mcast_snooping: 0 },
        },
        {
          name: 'eth0.5',
          index: 0,
          kind: 'vlan',
          state: 'down',
          link: 'eth0',
          options: { id: 5, protocol: '802.1ad' },
        },
        { name: 'old0', index: 0 },
      ],
    );
    assert.deepEqual(
      objects.link.map((d) => d.absent),
      [false, false, false, false, true],
    );
    assert.deepEqual(
      objects.address.map((d) => d.object),
      [
        { dev: 'eth0', family: 'inet', address: '192.0.2.10', prefixlen: 24 },
        { dev: 'eth0', family: 'inet', address: '192.0.2.11', prefixlen: 24, label: 'eth0:web' },
        { dev: 'eth0', family: 'inet6', address: '2001:db8::10', prefixlen: 64, nodad: true },
        {
          dev: 'br0',
          family: 'inet',
          address: '10.0.0.2',
          prefixlen: 24,
          broadcast: '10.0.0.255',
          valid_lft: 0xffffffff,
        },
      ],
    );
    // the long form does not make the list of a link exact
    assert.deepEqual([...exactAddresses], [['eth0', { file: 'a.yaml', line: 5, column: 5 }]]);
    assert.equal(prune, 'own');
  });

  test('routes come in the reading of the kernel', async () => {
    const { objects } = await load(`version: 1
routes:
  - {to: default, via: 192.0.2.1}
  - {to: default, via: "fe80::1", dev: eth0}
  - {to: default, via: "fe80::1", dev: eth0, family: inet, metric: 5}
  - {to: 10.1.0.0/16, dev: eth0}
  - {to: 10.2.0.0/16, type: blackhole, table: blue}
  - {to: 10.3.0.1, type: local, dev: lo}
  - {to: "2001:db8::/32", dev: eth0, metric: 0}
  - {to: 10.4.0.0/16, nexthops: [{via: 10.0.0.1, weight: 7, realm: 3}]}
  - {to: 10.5.0.0/16, via: 10.0.0.1, mtu: 1400, advmss: 0, lock: [mtu], features: ecn, congctl: bbr, realm: 1/2}
`);
    const common = { tos: 0, type: 'unicast', protocol: 110 };
    const inet = { family: 'inet', table: 254, metric: 0, scope: 0, ...common };
    const inet6 = { family: 'inet6', table: 254, metric: 1024, scope: 0, ...common };
    assert.deepEqual(
      objects.route.map((d) => d.object),
      [
        { ...inet, to: '0.0.0.0/0', hops: [{ via: '192.0.2.1', weight: 1 }] },
        { ...inet6, to: '::/0', hops: [{ via: 'fe80::1', dev: 'eth0', weight: 1 }] },
        { ...inet, to: '0.0.0.0/0', metric: 5, hops: [{ via: 'fe80::1', dev: 'eth0', weight: 1 }] },
        { ...inet, to: '10.1.0.0/16', scope: 253, hops: [{ dev: 'eth0', weight: 1 }] },
        { ...inet, to: '10.2.0.0/16', type: 'blackhole', table: 100, hops: [] },
        { ...inet, to: '10.3.0.1/32', type: 'local', table: 255, scope: 254, hops: [{ dev: 'lo', weight: 1 }] },
        { ...inet6, to: '2001:db8::/32', hops: [{ dev: 'eth0', weight: 1 }] },
        { ...inet, to: '10.4.0.0/16', hops: [{ via: '10.0.0.1', weight: 1 }], realm: 3 },
        {
          ...inet,
          to: '10.5.0.0/16',
          hops: [{ via: '10.0.0.1', weight: 1 }],
          realm: 0x10002,
          metrics: { mtu: 1400, features: 1, cc_algo: 'bbr', lock: ['mtu'] },
        },
      ],
    );
  });

  test('a VRF lends its table to its routes, from any of the files', async () => {
    const { objects } = await loadFiles({
      'a.yaml': 'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, vrf: red}]\n',
      'b.yaml': 'version: 1\nlinks: {red: {kind: vrf, vrf: {table: blue}}}\n',
    });
    assert.equal(objects.route[0]?.object.table, 100);
    assert.deepEqual(objects.link[0]?.object.options, { table: 100 });
  });

  test('an alias stands for what its anchor holds', async () => {
    const { objects } = await load(
      'version: 1\nroutes:\n  - {to: 10.1.0.0/16, nexthops: &h [{dev: a}, {dev: b}]}\n  - {to: 10.2.0.0/16, nexthops: *h}\n',
    );
    assert.deepEqual(objects.route[1]?.object.hops, objects.route[0]?.object.hops);
  });

  test('rules and neighbors', async () => {
    const { objects } = await load(`version: 1
links:
  p0: {master: br0}
rules:
  - {priority: 10, from: 10.0.0.0/24, table: blue}
  - {priority: 11, family: inet6, fwmark: 0x10/0xff}
  - {priority: 12, from: all, dport: 80-90, ipproto: tcp, action: prohibit, not: true}
  - {priority: 13, l3mdev: true, tun_id: "18446744073709551615"}
  - {priority: 14, goto: 20, uidrange: 0-999}
neighbors:
  - {to: 10.0.0.5, lladdr: 02-00-00-00-00-05, dev: br0}
  - {proxy: 10.0.0.77}
  - {fdb: "02:00:00:00:00:06", dev: p0, vlan: 5}
  - {fdb: "00:00:00:00:00:00", dev: vx0, dst: 192.0.2.9}
`);
    const rule = { family: 'inet', protocol: 110 };
    assert.deepEqual(
      objects.rule.map((d) => d.object),
      [
        { ...rule, priority: 10, from: '10.0.0.0/24', action: 'table', table: 100 },
        { ...rule, priority: 11, family: 'inet6', fwmark: 16, fwmask: 255, action: 'table', table: 254 },
        { ...rule, priority: 12, not: true, ipproto: 6, dport: [80, 90], action: 'prohibit' },
        { ...rule, priority: 13, tun_id: '18446744073709551615', l3mdev: true, action: 'table', table: 0 },
        { ...rule, priority: 14, uidrange: [0, 999], action: 'goto', goto: 20 },
      ],
    );
    assert.deepEqual(
      objects.neighbor.map((d) => d.object),
      [
        {
          type: 'neighbor',
          family: 'inet',
          dev: 'br0',
          to: '10.0.0.5',
          lladdr: '02:00:00:00:00:05',
          state: 'permanent',
          protocol: 110,
        },
        { type: 'proxy', family: 'inet', to: '10.0.0.77', protocol: 110 },
        { type: 'fdb', dev: 'p0', lladdr: '02:00:00:00:00:06', where: 'master', state: 'static', vlan: 5 },
        { type: 'fdb', dev: 'vx0', lladdr: '00:00:00:00:00:00', where: 'self', state: 'permanent', dst: '192.0.2.9' },
      ],
    );
  });

  test('every written field keeps its place, by the name of the model', async () => {
    const { objects } = await load(`version: 1
links:
  br0:
    kind: bridge
    bridge:
      stp_state: 1
routes:
  - to: 10.0.0.0/8
    dev: br0
    mtu: 1400
`);
    const at = (line: number, column: number) => ({ file: 'a.yaml', line, column });
    assert.deepEqual(objects.link[0]?.source, at(3, 3));
    assert.deepEqual(objects.link[0]?.fields, { kind: at(4, 5), 'options.stp_state': at(6, 7) });
    assert.deepEqual(objects.route[0]?.source, at(8, 5));
    assert.deepEqual(objects.route[0]?.fields, { to: at(8, 5), hops: at(9, 5), metrics: at(10, 5) });
  });

  test('JSON says the same as YAML, at its own places', async () => {
    const text = '{"version": 1, "routes": [{"to": "10.0.0.0/8", "dev": "eth0"}],\n "prune": "all"}';
    const [json, yaml] = await Promise.all([loadFiles({ 'a.json': text }), loadFiles({ 'a.yaml': text })]);
    const renamed = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll('a.yaml', 'a.json'));
    assert.deepEqual(renamed(json), renamed(yaml));
    assert.deepEqual(json.objects.route[0]?.object, yaml.objects.route[0]?.object);
    assert.equal(json.prune, 'all');
  });

  test('the two ways to find places in JSON agree', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', 'é', ' ', ':'), minLength: 1, maxLength: 6 });
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 1, -2.5, 1e21, 'x, y]}', ''),
        fc.dictionary(key, tie('any'), { maxKeys: 4, noNullPrototype: true }),
        fc.array(tie('any'), { maxLength: 4 }),
      ),
    })).any;
    const plain = (place: Place): unknown => ({
      start: place.start,
      end: place.end,
      key: place.key,
      members: place.members && Object.fromEntries([...place.members].map(([name, member]) => [name, plain(member)])),
      items: place.items?.map(plain),
    });
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (data, indent) => {
        const text = JSON.stringify({ data }, undefined, indent);
        const yaml = parseYaml(createSourceFile('a', text), createProblems());
        assert.ok(yaml !== undefined, text);
        assert.deepEqual(yaml.value, JSON.parse(text));
        assert.deepEqual(plain(locateJson(text).root), plain(yaml.place));
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe('several files', () => {
  test('merge; a folder gives its files in order', async () => {
    const files = {
      'net.d/20.yaml': 'version: 1\nroutes: [{to: 10.2.0.0/16, dev: b}]\n',
      'net.d/10.json': '{"version": 1, "routes": [{"to": "10.1.0.0/16", "dev": "a"}]}',
      'net.d/notes.txt': 'not read',
      '-': 'version: 1\nroutes: [{to: 10.3.0.0/16, dev: c}]\n',
    };
    const { objects, files: read } = await loadFiles(files, ['net.d', '-']);
    assert.deepEqual(
      objects.route.map((d) => d.object.to),
      ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'],
    );
    assert.deepEqual(read, ['net.d/10.json', 'net.d/20.yaml', '-']);
  });

  test('a slot declared twice names both places', async () => {
    const diagnostics = await problemsOf(
      loadFiles({
        'a.yaml': 'version: 1\nlinks: {eth0: {addresses: [10.0.0.1/24]}}\nroutes: [{to: default, via: 10.0.0.2}]\n',
        'b.yaml':
          'version: 1\nprune: all\naddresses: [{address: 10.0.0.1/24, dev: eth0}]\nroutes: [{to: 0.0.0.0/0, dev: x}]\n',
      }),
    );
    assert.deepEqual(lines(diagnostics), [
      'b.yaml:3:13 NR_DUPLICATE address 10.0.0.1/24 dev eth0 is declared twice (first at a.yaml:2:28)',
      'b.yaml:4:10 NR_DUPLICATE route default is declared twice (first at a.yaml:3:10)',
    ]);
  });

  test('a list of prefixes', async () => {
    const files = {
      'etc/a.yaml': 'version: 1\nroutes: [{to_file: lists/c.txt, via: 10.0.0.1, dev: e}]\n',
      'etc/lists/c.txt': '# c\n10.1.0.0/16\n\n 10.2.0.1 # host\n',
    };
    const { objects } = await loadFiles(files, ['etc/a.yaml']);
    assert.deepEqual(
      objects.route.map((d) => [d.object.to, d.source]),
      [
        ['10.1.0.0/16', { file: 'etc/lists/c.txt', line: 2, column: 1 }],
        ['10.2.0.1/32', { file: 'etc/lists/c.txt', line: 4, column: 2 }],
      ],
    );
    const bad = { ...files, 'etc/lists/c.txt': '10.1.0.0/33\n  10.1.2.3/16\n2001:db8::/32\n' };
    assert.deepEqual(lines(await problemsOf(loadFiles(bad, ['etc/a.yaml']))), [
      'etc/a.yaml:2:38 NR_CONTRADICTION an IPv6 route cannot go by the IPv4 gateway 10.0.0.1',
      'etc/lists/c.txt:1:1 NR_BAD_PREFIX "10.1.0.0/33" is not an IP prefix (the length is a number from 0 to 32)',
      'etc/lists/c.txt:2:3 NR_HOST_BITS "10.1.2.3/16" has bits set behind its length (the network is 10.1.0.0/16)',
    ]);
    const empty = await problemsOf(loadFiles({ ...files, 'etc/lists/c.txt': '# nothing\n' }, ['etc/a.yaml']));
    assert.equal(empty[0]?.code, 'NR_EMPTY_FILE');
  });
});

describe('problems', () => {
  const cases: readonly (readonly [text: string, expected: string])[] = [
    ['', 'a.yaml:1:1 NR_EMPTY_FILE the file is empty'],
    ['# nothing\n---\n', 'a.yaml:1:1 NR_EMPTY_FILE the file is empty'],
    ['links: {}', 'a.yaml:1:1 NR_SCHEMA the file needs "version"'],
    ['version: 2', 'a.yaml:1:10 NR_SCHEMA version must be 1, not 2'],
    ['version: 1\nlinks: [', 'a.yaml:2:9 NR_YAML'],
    [
      'version: 1\nversion: 1',
      'a.yaml:2:1 NR_DUPLICATE_KEY key "version" is here for the second time (first at a.yaml:1:1)',
    ],
    ['version: 1\n---\nversion: 1', 'a.yaml:2:1 NR_YAML a second YAML document'],
    ['version: 1\nlinks: {e: &a {x: *a}}', 'a.yaml:2:19 NR_YAML no anchor &a before this alias'],
    ['version: 1\nlinks:', 'a.yaml:2:7 NR_SCHEMA links must be a mapping, but nothing is written'],
    [
      'version: 1\nlinks: {e: {adress: [1]}}',
      'a.yaml:2:13 NR_UNKNOWN_KEY unknown key "adress" in links.e (did you mean "addresses"?)',
    ],
    ['version: 1\nlinks: {e: {<<: {}}}', 'a.yaml:2:13 NR_UNKNOWN_KEY unknown key "<<" in links.e (merge keys'],
    [
      'version: 1\nlinks: {e: {promisc: yes}}',
      'a.yaml:2:22 NR_SCHEMA links.e.promisc must be true or false, not "yes"',
    ],
    ['version: 1\nlinks: {e: {mtu: 67}}', 'a.yaml:2:18 NR_SCHEMA links.e.mtu must be from 68'],
    [
      'version: 1\nlinks: {e: {mtu: "1500"}}',
      'a.yaml:2:18 NR_SCHEMA links.e.mtu must be a whole number, not "1500" (write it without quotes)',
    ],
    ['version: 1\nlinks: {e: {txqlen: 010}}', 'a.yaml:2:21 NR_BAD_VALUE unquoted 010 is the number 10'],
    [
      'version: 1\nlinks: {e: {alias: 1.10}}',
      'a.yaml:2:20 NR_SCHEMA links.e.alias must be text, not 1.10 (unquoted 1.10 is read as 1.1: quote it, "1.10")',
    ],
    [
      'version: 1\nlinks: {a-name-of-17-char: {}}',
      'a.yaml:2:9 NR_BAD_VALUE "a-name-of-17-char" cannot be the name of a link',
    ],
    ['version: 1\nlinks: {e: {lladdr: 0200.0000.0001}}', 'a.yaml:2:21 NR_BAD_VALUE lladdr'],
    ...(
      [
        ['mdb: 239.1.1.1, dev: b', '19 NR_CONTRADICTION a group needs "port"'],
        ['mdb: 239.1.1.1, dev: b, port: b', '44 NR_CONTRADICTION a group goes to a port, not to the bridge itself'],
        ['mdb: 192.0.2.1, dev: b, port: p', '19 NR_BAD_VALUE 192.0.2.1 is no multicast address'],
        ['mdb: "02:00:00:00:00:01", dev: b, port: p', '19 NR_BAD_VALUE 02:00:00:00:00:01 is no multicast address'],
        ['mdb: fe80::1, dev: b, port: p', '19 NR_BAD_VALUE fe80::1 is no multicast address'],
        ['mdb: 239.1.1.1, dev: b, port: p, vlan: 5', '53 NR_CONTRADICTION vlan does not go with "mdb"'],
        ['mdb: 239.1.1.1, dev: b, port: p, state: static', '54 NR_CONTRADICTION state static does not go with "mdb"'],
        ['fdb: "02:00:00:00:00:01", dev: x, dst: 192.0.2.1, port: p', '70 NR_CONTRADICTION port "p" is no UDP port'],
      ] as const
    ).map(([entry, problem]) => [`version: 1\nneighbors: [{${entry}}]`, `a.yaml:2:${problem}`] as const),
    ...(
      [
        ['[5, 4095]', '49 NR_BAD_VALUE 4095 is no VLAN id, nor a range of them (they go from 1 to 4094)'],
        ['[20-10]', '46 NR_BAD_VALUE 20-10 is no VLAN id'],
        ['[1-2-3]', '46 NR_BAD_VALUE 1-2-3 is no VLAN id'],
        ['[ten]', '46 NR_BAD_VALUE ten is no VLAN id'],
        ['[5-9, 9]', '51 NR_BAD_VALUE VLAN 9 is listed twice'],
        ['[{vid: 5-9, pvid: true}]', '46 NR_BAD_VALUE a pvid is a single VLAN'],
        ['[{vid: 5, pvid: true}, {vid: 6, pvid: on}]', '68 NR_BAD_VALUE 5 is the pvid already'],
        ['[{vid: 5-7, tunnel_info: {id: 10-11}}]', '46 NR_BAD_VALUE 3 VLANs and 2 tunnel ids do not go together'],
        ['[{vid: 5, tunnel_info: {id: 16777216}}]', '46 NR_BAD_VALUE tunnel id 16777216 is not within'],
        [
          '[{vid: 5-7, tunnel_info: {id: 10}}, {vid: 8, tunnel_info: {id: 12}}]',
          '81 NR_BAD_VALUE tunnel id 12 belongs to two VLANs',
        ],
        ['[{vid: 5, tunnel_info: {id: 1}}], vlan_tunnel: false', '45 NR_CONTRADICTION tunnel_info needs vlan_tunnel'],
        ['[[5]]', '46 NR_SCHEMA links.e.bridge_port.vlans.0 must be a number, a range such as 20-30, or a mapping'],
        ['[{vid: 5, pvid: 2}]', '61 NR_SCHEMA links.e.bridge_port.vlans.0.pvid must be true or false'],
      ] as const
    ).map(
      ([vlans, problem]) =>
        [`version: 1\nlinks: {e: {master: b, bridge_port: {vlans: ${vlans}}}}`, `a.yaml:2:${problem}`] as const,
    ),
    [
      'version: 1\nlinks: {e: {bridge: {stp_state: 1}}}',
      'a.yaml:2:21 NR_CONTRADICTION options of kind bridge on a link without kind (add "kind: bridge")',
    ],
    [
      'version: 1\nlinks: {e: {kind: vlan, vlan: {id: 5}}}',
      'a.yaml:2:19 NR_CONTRADICTION a vlan stands on another link: it needs "link"',
    ],
    [
      'version: 1\nlinks: {e: {kind: ip6erspan, ip6erspan: {external: true, okey: 5}}}',
      'a.yaml:2:64 NR_CONTRADICTION okey means nothing with external',
    ],
    ['version: 1\nlinks: {e: {kind: vlan, link: f}}', 'a.yaml:2:19 NR_CONTRADICTION a vlan needs "vlan: {id: ...}"'],
    [
      'version: 1\nlinks: {e: {kind: vlan, link: f, vlan: {id: 4095}}}',
      'a.yaml:2:45 NR_SCHEMA links.e.vlan.id must be from 0 to 4094',
    ],
    ['version: 1\nlinks: {e: {master: e}}', 'a.yaml:2:21 NR_CONTRADICTION e cannot be its own master'],
    [
      'version: 1\nlinks: {e: {master: b}, b: {state: absent}}',
      'a.yaml:2:13 NR_CONTRADICTION e needs b, which must not exist',
    ],
    [
      'version: 1\nlinks: {e: {master: b}, b: {kind: dummy}}',
      'a.yaml:2:13 NR_CONTRADICTION b is a dummy, which has no ports',
    ],
    ['version: 1\nlinks: {e: {bridge_port: {cost: 1}}}', 'a.yaml:2:26 NR_CONTRADICTION bridge_port needs "master"'],
    [
      'version: 1\nlinks: {e: {state: absent, addresses: [10.0.0.1/8]}}',
      'a.yaml:2:39 NR_CONTRADICTION an absent link cannot have addresses',
    ],
    [
      'version: 1\nlinks: {a: {kind: macvlan, link: b}, b: {kind: macvlan, link: c}, c: {kind: vlan, link: a, vlan: {id: 1}}}',
      'a.yaml:2:83 NR_CYCLE links stand on each other in a circle: a -> b -> c -> a',
    ],
    [
      'version: 1\nlinks: {a: {kind: veth, veth: {peer: b}}, b: {kind: veth, veth: {peer: c}}}',
      'a.yaml:2:32 NR_CONTRADICTION a says that its peer is b, and b that its peer is c',
    ],
    [
      'version: 1\nlinks: {e: {addresses: [10.0.0.1]}}',
      'a.yaml:2:25 NR_BAD_PREFIX address 10.0.0.1 has no prefix length (write 10.0.0.1/32',
    ],
    [
      'version: 1\nlinks: {e: {addresses: [10.0.0.010/24]}}',
      'a.yaml:2:25 NR_BAD_PREFIX address "10.0.0.010/24" is not an address with a prefix length (leading zeros mean octal to some programs: write 10.0.0.10)',
    ],
    [
      'version: 1\nlinks: {e: {addresses: [{address: 10.0.0.1/24, label: web}]}}',
      'a.yaml:2:55 NR_CONTRADICTION label "web" must be "e" or begin with "e:"',
    ],
    [
      'version: 1\nlinks: {e: {addresses: [{address: 10.0.0.1/24, nodad: true}]}}',
      'a.yaml:2:55 NR_CONTRADICTION an IPv4 address has no nodad',
    ],
    [
      'version: 1\nlinks: {e: {addresses: [10.0.0.1/24, 10.0.0.1/24]}}',
      'a.yaml:2:38 NR_DUPLICATE address 10.0.0.1/24 dev e is declared twice (first at a.yaml:2:25)',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.5/24, dev: e}]',
      'a.yaml:2:15 NR_HOST_BITS to "10.0.0.5/24" has bits set behind its length (the network is 10.0.0.0/24)',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/255.0.0.0, dev: e}]',
      'a.yaml:2:15 NR_BAD_PREFIX to "10.0.0.0/255.0.0.0" is not an IP prefix (write the number of leading one bits',
    ],
    ['version: 1\nroutes: [{to: 10.0.0.0/8}]', 'a.yaml:2:10 NR_CONTRADICTION route 10.0.0.0/8 leads nowhere'],
    [
      'version: 1\nnexthops: [{id: 1}]',
      'a.yaml:2:12 NR_CONTRADICTION nexthop 1 leads nowhere (write via, dev, group or blackhole)',
    ],
    [
      'version: 1\nnexthops: [{id: 1, via: 10.0.0.1, group: [2]}]',
      'a.yaml:2:25 NR_CONTRADICTION via does not go with group (the members say where to send)',
    ],
    [
      'version: 1\nnexthops: [{id: 1, group: [2, {id: 2, weight: 3}]}]',
      'a.yaml:2:27 NR_CONTRADICTION nexthop 2 is in the group twice (give it a weight)',
    ],
    ['version: 1\nnexthops: [{id: 1, group: [1]}]', 'a.yaml:2:27 NR_CONTRADICTION group 1 is a member of itself'],
    [
      'version: 1\nnexthops: [{id: 1, group: [2], buckets: 8}]',
      'a.yaml:2:41 NR_CONTRADICTION buckets does not go with a group of type mpath (write type: resilient)',
    ],
    [
      'version: 1\nnexthops: [{id: 1, group: [2], type: resilient}]',
      'a.yaml:2:12 NR_CONTRADICTION a resilient group needs "buckets"',
    ],
    [
      'version: 1\nnexthops: [{id: 1, via: 10.0.0.1, fdb: true, dev: e}]',
      'a.yaml:2:51 NR_CONTRADICTION dev does not go with fdb (the VXLAN finds the way to the remote end by itself)',
    ],
    [
      'version: 1\nnexthops: [{id: 1, blackhole: true, dev: e}]',
      'a.yaml:2:42 NR_CONTRADICTION dev does not go with blackhole (it sends nowhere)',
    ],
    [
      'version: 1\nnexthops: [{id: 1, via: 10.0.0.1, family: inet6}]',
      'a.yaml:2:43 NR_CONTRADICTION family inet6 does not fit the gateway 10.0.0.1',
    ],
    [
      'version: 1\nnexthops: [{id: 1, via: 10.0.0.1, onlink: true}]',
      'a.yaml:2:43 NR_CONTRADICTION onlink needs both via and dev',
    ],
    [
      'version: 1\nnexthops: [{id: 1, dev: e}, {id: 1, dev: f}]',
      'a.yaml:2:29 NR_DUPLICATE nexthop id 1 is declared twice (first at a.yaml:2:12)',
    ],
    [
      'version: 1\nlinks: {e: {state: absent}}\nnexthops: [{id: 1, dev: e}]',
      'a.yaml:3:20 NR_CONTRADICTION nexthop id 1 needs e, which must not exist',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, encap: {type: mpls, ttl: 5}}]',
      'a.yaml:2:35 NR_CONTRADICTION encap type mpls needs "labels"',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, encap: {type: ip, labels: [5], dst: 10.0.0.1}}]',
      'a.yaml:2:61 NR_CONTRADICTION labels does not go with encap type ip',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, encap: {type: ip, dst: "2001:db8::1"}}]',
      'a.yaml:2:58 NR_CONTRADICTION dst 2001:db8::1 is no address of family inet',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, encap: {type: seg6, segs: [10.0.0.1]}}]',
      'a.yaml:2:61 NR_CONTRADICTION segment 10.0.0.1 is no IPv6 address',
    ],
    [
      'version: 1\nroutes: [{to: "2001:db8::1", dev: e, encap: {type: seg6local, action: End.DT6}}]',
      'a.yaml:2:38 NR_CONTRADICTION End.DT6 needs "table" or "vrftable"',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, type: blackhole, encap: {type: mpls, labels: [5]}}]',
      'a.yaml:2:51 NR_CONTRADICTION encap does not go with type blackhole (such a route sends nowhere)',
    ],
    [
      'version: 1\nnexthops: [{id: 1, group: [2], encap: {type: mpls, labels: [5]}}]',
      'a.yaml:2:39 NR_CONTRADICTION encap does not go with group (the members say where to send)',
    ],
    ['version: 1\nroutes: [{dev: e}]', 'a.yaml:2:10 NR_SCHEMA a route needs "to" or "to_file"'],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, type: blackhole, via: 10.0.0.1}]',
      'a.yaml:2:49 NR_CONTRADICTION via does not go with type blackhole',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, via: 10.0.0.1, nexthops: [{dev: e}]}]',
      'a.yaml:2:32 NR_CONTRADICTION via does not go with nexthops',
    ],
    [
      'version: 1\nroutes: [{to: "2001:db8::/32", via: 10.0.0.1}]',
      'a.yaml:2:37 NR_CONTRADICTION an IPv6 route cannot go by the IPv4 gateway',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, src: "::1"}]',
      'a.yaml:2:40 NR_CONTRADICTION src ::1 is of another family',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, nexthops: [{dev: e, weight: 257}]}]',
      'a.yaml:2:55 NR_SCHEMA routes[0].nexthops[0].weight must be from 1 to 256, not 257',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, metric: 4294967296}]',
      'a.yaml:2:43 NR_SCHEMA routes[0].metric must be from 0 to 4294967295',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, table: mian}]',
      'a.yaml:2:42 NR_UNKNOWN_NAME table "mian" is not known (did you mean "main"?)',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, vrf: red}]',
      'a.yaml:2:40 NR_CONTRADICTION "red" is not declared as a VRF',
    ],
    [
      'version: 1\nroutes: [{to: 10.0.0.0/8, dev: e, lock: [mtu]}]',
      'a.yaml:2:41 NR_CONTRADICTION lock names mtu, for which no value is written',
    ],
    [
      'version: 1\nlinks: {e: {state: absent}}\nroutes: [{to: 10.0.0.0/8, dev: e}]',
      'a.yaml:3:10 NR_CONTRADICTION route 10.0.0.0/8 needs e, which must not exist',
    ],
    ['version: 1\nrules: [{from: 10.0.0.0/8}]', 'a.yaml:2:9 NR_SCHEMA rules[0] needs "priority"'],
    [
      'version: 1\nrules: [{priority: 9, from: 10.0.0.0/8, to: "::1"}]',
      'a.yaml:2:45 NR_CONTRADICTION from and to are of different families',
    ],
    ['version: 1\nrules: [{priority: 9, goto: 9}]', 'a.yaml:2:29 NR_CONTRADICTION goto 9 does not lead onwards'],
    ['version: 1\nrules: [{priority: 9, dport: 90-80}]', 'a.yaml:2:30 NR_BAD_VALUE dport "90-80" is not a range'],
    ['version: 1\nrules: [{priority: 9, fwmark: 0x1/0x1/2}]', 'a.yaml:2:31 NR_BAD_VALUE fwmark'],
    [
      'version: 1\nneighbors: [{dev: e}]',
      'a.yaml:2:13 NR_CONTRADICTION a neighbor needs one of "to", "proxy", "fdb" and "mdb"',
    ],
    [
      'version: 1\nneighbors: [{to: 10.0.0.1, dev: e}]',
      'a.yaml:2:13 NR_CONTRADICTION a permanent neighbor needs "lladdr"',
    ],
    [
      'version: 1\nneighbors: [{to: 10.0.0.1, lladdr: "02:00:00:00:00:01", dev: e, vni: 5}]',
      'a.yaml:2:70 NR_CONTRADICTION vni does not go with "to"',
    ],
  ];
  for (const [text, expected] of cases) {
    test(`${JSON.stringify(text.replace('version: 1\n', ''))} -> ${expected.replace(/^\S+ /, '')}`, async () => {
      const found = lines(await problemsOf(load(text)));
      assert.ok(
        found.some((line) => line.startsWith(expected)),
        found.join('\n'),
      );
      assert.equal(found.length, 1, found.join('\n'));
    });
  }

  test('all of them are told at once, in the order of the text', async () => {
    const found = await problemsOf(
      load(`version: 1
links:
  e: {mtu: x, addresses: [10.0.0.1]}
routes:
  - {to: 10.0.0.1/8, dev: e, mertic: 1, via: 1.2.3}
foo: 1
`),
    );
    assert.deepEqual(
      found.map((d) => `${d.source?.line} ${d.code}`),
      ['3 NR_SCHEMA', '3 NR_BAD_PREFIX', '5 NR_HOST_BITS', '5 NR_UNKNOWN_KEY', '5 NR_BAD_PREFIX', '6 NR_UNKNOWN_KEY'],
    );
  });

  test('a file that is not there', async () => {
    assert.deepEqual(lines(await problemsOf(loadFiles({}, ['x.yaml']))), [
      'x.yaml:1:1 NR_FILE cannot read x.yaml: no such file',
    ]);
  });

  test('any text loads or gives problems, nothing else', async () => {
    const words = fc.constantFrom(
      'version: 1',
      'links:',
      'routes:',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '&a ',
      '*a',
      'to',
      '10.0.0.0/8',
      '"',
      "'",
      '#',
      '|',
      '?',
      '!!x ',
      ',',
      'eth0',
      '\t',
      '__proto__',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(words, { maxLength: 30 }).map((list) => list.join('')),
          fc.string(),
        ),
        fc.constantFrom('a.yaml', 'a.json'),
        async (text, name) => {
          try {
            await loadFiles({ [name]: text });
          } catch (error) {
            assert.ok(error instanceof ConfigError, `${JSON.stringify(text)}: ${error}`);
            assert.ok(error.diagnostics.length > 0);
          }
        },
      ),
      { seed, numRuns: 2_000 },
    );
  });

  test('the time grows with the text, not with its square', async () => {
    const text = (count: number): string => {
      const links = Array.from({ length: count }, (_, i) => `  e${i}: {mtu: 1500}`);
      const routes = Array.from({ length: count }, (_, i) => `  - {to: 10.${i >> 8}.${i & 255}.0/24, dev: e${i}}`);
      return `version: 1\nlinks:\n${links.join('\n')}\nroutes:\n${routes.join('\n')}\n`;
    };
    const time = async (count: number): Promise<number> => {
      const input = text(count);
      const start = process.hrtime.bigint();
      await load(input);
      return Number(process.hrtime.bigint() - start);
    };
    await time(500);
    const small = await time(1_000);
    const large = await time(16_000);
    assert.ok(large / small < 80, `16 times the text took ${(large / small).toFixed(1)} times as long`);
  });
});

describe('names', () => {
  test('a file of iproute2 is numbers and names', () => {
    assert.deepEqual(parseNameFile('# c\n100 blue\n0x65\tred # r\n#1 no\nx y\n'), [
      [100, 'blue'],
      [101, 'red'],
    ]);
  });

  test('/etc comes before /usr/share, and *.conf adds to both', () => {
    const files: Readonly<Record<string, string>> = {
      '/usr/share/iproute2/rt_tables': '50 share\n',
      '/etc/iproute2/rt_protos': '186 bgp\n77 mine\n',
      '/usr/share/iproute2/rt_protos': '78 hidden\n',
      '/etc/iproute2/rt_tables.d/a.conf': '51 more\n',
      '/usr/share/iproute2/rt_tables.d/a.conf': '52 hidden\n',
      '/usr/share/iproute2/rt_tables.d/b.conf': '53 also\n',
      '/usr/share/iproute2/rt_tables.d/README': '54 no\n',
    };
    const tables = readNameTables({
      readFile: (path) => files[path],
      listDirectory: (path) =>
        Object.keys(files)
          .filter((name) => name.startsWith(`${path}/`))
          .map((name) => name.slice(path.length + 1)),
    });
    assert.deepEqual(['share', 'more', 'hidden', 'also', 'no', 'main', '0x10'].map(tables.tables.toNumber), [
      50,
      51,
      undefined,
      53,
      undefined,
      254,
      16,
    ]);
    assert.deepEqual([77, 78, 110, 2].map(tables.protocols.toName), ['mine', '78', 'netrecon', 'kernel']);
    assert.equal(tables.protocols.toNumber('netrecon'), 110);
  });

  test('a name that moved to another number is not written for the first', () => {
    const { tables } = createNameTables({
      rt_tables: [
        [5, 'x'],
        [6, 'x'],
      ],
    });
    assert.equal(tables.toName(5), '5');
    assert.equal(tables.toName(6), 'x');
  });

  test('the nearest word', () => {
    assert.equal(nearest('adress', ['address', 'addresses', 'dev']), 'address');
    assert.equal(nearest('hairpin_mode', ['hairpin', 'flood']), undefined);
    assert.equal(nearest('ageing-time', ['ageing_time']), 'ageing_time');
    assert.equal(nearest('x', ['to', 'via']), undefined);
  });
});
