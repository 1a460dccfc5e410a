import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Link } from '../../src/model/link.ts';
import type { OpOf } from '../../src/model/op.ts';
import type { Route } from '../../src/model/route.ts';
import type { Rule } from '../../src/model/rule.ts';
import { KIND_NAMES, type KindName } from '../../src/model/state.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { attributePathAt } from '../../src/netlink/wire/attribute-path.ts';
import { DecodeError, EncodeError } from '../../src/netlink/wire/codec-errors.ts';
import { NLM_F, RTM } from '../../src/netlink/wire/constants.ts';
import { readU16, readU32 } from '../../src/netlink/wire/reader.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';
import { attributesOf, decode, encode, namesOf } from './codecs-support.ts';

const NAMES = namesOf({ 1: 'lo', 2: 'eth0', 3: 'br0', 4: 'veth0' });
const typeOf = (bytes: Uint8Array): number => readU16(bytes, 4);
const flagsOf = (bytes: Uint8Array): number => readU16(bytes, 6);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const ROUTE: Route = {
  family: 'inet',
  to: '10.1.0.0/16',
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via: '192.0.2.1', dev: 'eth0', weight: 1 }],
};
const RULE: Rule = { family: 'inet', priority: 10, action: 'table', table: 100, protocol: 110 };
const LINK: Link = { name: 'eth0', index: 2, kind: 'bridge', options: {} };

const update = (
  stage: OpOf<'link'>['stage'],
  object: Partial<Link>,
  fields: readonly string[],
  before?: Partial<Link>,
) =>
  encode(
    {
      kind: 'link',
      action: 'update',
      ...(stage === undefined ? {} : { stage }),
      object: { ...LINK, ...object },
      fields,
      ...(before === undefined ? {} : { before: { ...LINK, ...before } }),
    },
    NAMES,
  );

describe('messages of operations', () => {
  it('write a whole route, byte for byte', () => {
    const expected = [
      // nlmsghdr: length, RTM_NEWROUTE, REQUEST | EXCL | CREATE, sequence, port id
      '3c000000',
      '1800',
      '0106',
      '00000000',
      '00000000',
      // rtmsg: inet, /16, /0, tos, main, protocol 110, universe, unicast, flags
      '02100000fe6e0001',
      '00000000',
      // RTA_TABLE, RTA_DST, RTA_OIF, RTA_GATEWAY
      '08000f00fe000000',
      '080001000a010000',
      '0800040002000000',
      '08000500c0000201',
    ];
    assert.equal(hexOf(encode({ kind: 'route', action: 'create', object: ROUTE }, NAMES)), expected.join(''));
  });

  it('carry the type and the flags of their action', () => {
    const route = { kind: 'route', object: ROUTE } as const;
    const cases: readonly (readonly [Uint8Array, number, number])[] = [
      [encode({ ...route, action: 'create' }, NAMES), RTM.NEWROUTE, NLM_F.CREATE | NLM_F.EXCL],
      [encode({ ...route, action: 'create', append: true }, NAMES), RTM.NEWROUTE, NLM_F.CREATE | NLM_F.APPEND],
      [encode({ ...route, action: 'update' }, NAMES), RTM.NEWROUTE, NLM_F.REPLACE],
      [encode({ ...route, action: 'delete' }, NAMES), RTM.DELROUTE, 0],
      [encode({ kind: 'rule', action: 'create', object: RULE }, NAMES), RTM.NEWRULE, NLM_F.CREATE | NLM_F.EXCL],
      [encode({ kind: 'rule', action: 'delete', object: RULE }, NAMES), RTM.DELRULE, 0],
      [encode({ kind: 'link', action: 'create', object: LINK }, NAMES), RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL],
      [encode({ kind: 'link', action: 'delete', object: LINK }, NAMES), RTM.DELLINK, 0],
      [update('options', { options: { priority: 1 } }, ['options.priority']), RTM.NEWLINK, 0],
      [update('base', { mtu: 1400 }, ['mtu']), RTM.SETLINK, 0],
    ];
    for (const [i, [bytes, type, flags]] of cases.entries()) {
      assert.equal(typeOf(bytes), type, `type of case ${i}`);
      assert.equal(flagsOf(bytes), NLM_F.REQUEST | flags, `flags of case ${i}`);
      assert.equal(readU32(bytes, 0), bytes.length);
    }
  });

  it('delete exactly one entry: all that tells it from others goes along', () => {
    const full: Route = { ...ROUTE, table: 100000, metric: 5, src: '10.0.0.1', metrics: { mtu: 1400 } };
    const route = encode({ kind: 'route', action: 'delete', object: full }, NAMES);
    assert.deepEqual([...attributesOf(route, 12).keys()].sort(), [1, 15, 4, 5, 6, 7, 8].sort());
    assert.deepEqual([...route.subarray(20, 24)], [252, 110, 0, 1], 'table, protocol, scope and type of the header');
    const rule = attributesOf(encode({ kind: 'rule', action: 'delete', object: RULE }, NAMES), 12);
    assert.deepEqual(Object.fromEntries(rule), { 6: '0a000000', 15: '64000000', 21: '6e' });
    const address = { dev: 'eth0', family: 'inet', address: '10.0.0.1', prefixlen: 24, label: 'eth0:1' } as const;
    const deletion = attributesOf(encode({ kind: 'address', action: 'delete', object: address }, NAMES), 8);
    assert.deepEqual([...deletion.keys()].sort(), [1, 2, 3]);
  });

  it('mark an address as ours where nothing else is said', () => {
    const object = { dev: 'eth0', family: 'inet6', address: 'fd00::1', prefixlen: 64 } as const;
    assert.equal(attributesOf(encode({ kind: 'address', action: 'create', object }, NAMES), 8).get(11), '6e');
  });

  it('ask for the index of a link that comes back, and for the peer of a veth', () => {
    const object: Link = { name: 'veth9', index: 77, kind: 'veth', options: { peer: 'veth8', peerIndex: 78 } };
    const bytes = encode({ kind: 'link', action: 'create', object }, NAMES);
    assert.equal(readU32(bytes, 20), 77);
    assert.equal(readU32(bytes, 24) | readU32(bytes, 28), 0, 'neither up nor down is asked for');
    const info = attributesOf(bytes, 16).get(18) as string;
    // VETH_INFO_PEER { ifinfomsg with index 78, IFLA_IFNAME }
    assert.ok(info.includes(`${'00000000'}4e000000${'0000000000000000'}0a000300${hexOf(Buffer.from('veth8\0'))}`));
  });

  it('change what a stage is for and nothing else', () => {
    const whole = { mtu: 1400, txqlen: 5, alias: '', promisc: true, arp: false, master: 'br0', group: 0 } as const;
    assert.deepEqual(Object.fromEntries(attributesOf(update('base', whole, ['mtu', 'alias']), 16)), {
      4: '78050000',
      20: '',
    });
    const flags = update('base', whole, ['promisc', 'arp']);
    assert.equal(readU32(flags, 24), 0x180, 'IFF_PROMISC and IFF_NOARP');
    assert.equal(readU32(flags, 28), 0x180);
    assert.deepEqual(Object.fromEntries(attributesOf(update('master', whole, ['master']), 16)), { 10: '03000000' });
    const released = update('master', { master: null }, ['master']);
    assert.deepEqual(Object.fromEntries(attributesOf(released, 16)), { 10: '00000000' });
    for (const [stage, value] of [
      ['up', 1],
      ['down', 0],
    ] as const) {
      const bytes = update(stage, {}, ['state']);
      assert.deepEqual([readU32(bytes, 24), readU32(bytes, 28)], [value, 1], stage);
    }
    const renamed = update('rename', { name: 'new0', renamed_from: 'veth0' }, ['name']);
    assert.equal(readU32(renamed, 20), 4);
    assert.deepEqual(Object.fromEntries(attributesOf(renamed, 16)), { 3: hexOf(Buffer.from('new0\0')) });
  });

  it('add altnames or remove them', () => {
    const added = update('altnames', { altnames: ['a', 'b'] }, ['altnames'], { altnames: ['a'] });
    assert.equal(typeOf(added), RTM.NEWLINKPROP);
    assert.equal(attributesOf(added, 16).get(52), '0600350062000000');
    const removed = update('altnames', { altnames: [] }, ['altnames'], { altnames: ['a'] });
    assert.equal(typeOf(removed), RTM.DELLINKPROP);
    assert.throws(() => update('altnames', { altnames: ['b'] }, ['altnames'], { altnames: ['a'] }), EncodeError);
  });

  it('take pairs out of a priority map that the kernel only adds to', () => {
    const options = { egress_qos_map: ['1:2'] };
    const before = { kind: 'vlan', options: { egress_qos_map: ['1:5', '3:4'] } };
    const bytes = update('options', { kind: 'vlan', options }, ['options.egress_qos_map'], before);
    const info = attributesOf(bytes, 16).get(18) as string;
    assert.ok(info.endsWith('1c0003800c000100030000000000000' + '00c0001000100000002000000'), info);
  });

  it('change one bit of a masked word, and all bits of one without a mask', () => {
    const options = { no_linklocal_learn: 1, mcast_vlan_snooping: 1 };
    const bridge = update('options', { options }, ['options.no_linklocal_learn']);
    assert.ok((attributesOf(bridge, 16).get(18) as string).endsWith('0c002e000100000001000000'));
    const both = { nopromisc: true, nodst: true };
    const macvlan = update('options', { kind: 'macvlan', options: both }, ['options.nodst']);
    assert.ok((attributesOf(macvlan, 16).get(18) as string).endsWith('0600020003000000'));
  });

  it('say what cannot be encoded', () => {
    const cases: readonly (() => unknown)[] = [
      () =>
        encode({ kind: 'route', action: 'create', object: { ...ROUTE, hops: [{ dev: 'nope', weight: 1 }] } }, NAMES),
      () => encode({ kind: 'route', action: 'create', object: { ...ROUTE, to: '10.0.0.256/8' } }, NAMES),
      () => encode({ kind: 'route', action: 'create', object: { ...ROUTE, to: '10.0.0.0/33' } }, NAMES),
      () => encode({ kind: 'route', action: 'create', object: { ...ROUTE, src: '1.2.3' } }, NAMES),
      () => encode({ kind: 'rule', action: 'update', object: RULE }, NAMES),
      () => encode({ kind: 'link', action: 'create', object: { name: 'x', index: 0 } }, NAMES),
      () => update('options', { options: { priority: 'no such word' } }, ['options.priority']),
      () => update('options', { options: { nonsense: 1 } }, ['options.nonsense']),
      () => update(undefined, {}, []),
    ];
    for (const [i, run] of cases.entries()) assert.throws(run, EncodeError, `case ${i}`);
  });

  it('follow one another in one buffer, which grows and is used again', () => {
    const writer = new MessageWriter(8);
    for (let round = 0; round < 2; round++) {
      writer.reset();
      for (let i = 0; i < 100; i++)
        FAMILIES.route.encode({ kind: 'route', action: 'create', object: ROUTE }, writer, NAMES);
      const one = encode({ kind: 'route', action: 'create', object: ROUTE }, NAMES);
      assert.equal(writer.length, 100 * one.length);
      assert.deepEqual(writer.bytes.slice(99 * one.length, writer.length), one);
      writer.bytes.fill(0xff);
    }
  });

  it('are taken back when they cannot be finished', () => {
    const writer = new MessageWriter();
    FAMILIES.route.encode({ kind: 'route', action: 'create', object: ROUTE }, writer, NAMES);
    const length = writer.length;
    const broken = { ...ROUTE, src: 'x' };
    assert.throws(() => FAMILIES.route.encode({ kind: 'route', action: 'create', object: broken }, writer, NAMES));
    writer.abandon();
    assert.equal(writer.length, length);
  });
});

describe('dump requests', () => {
  it('carry the whole family header', () => {
    const header: Record<KindName, number> = {
      link: 24,
      address: 8,
      nexthop: 8,
      route: 12,
      mpls: 12,
      rule: 12,
      neighbor: 12,
    };
    for (const kind of KIND_NAMES) {
      for (const { body, many } of FAMILIES[kind].dumps) {
        const writer = new MessageWriter();
        body(writer);
        // the multicast database has a br_port_msg
        assert.equal(writer.length, many === undefined ? header[kind] : 8, kind);
      }
    }
  });
});

/** An address message with these attribute bytes behind its header. */
const addressMessage = (attributes: string): Uint8Array =>
  new Uint8Array(Buffer.from(`${'00'.repeat(16)}0218800002000000${attributes}`, 'hex'));
const LOCAL = '080002000a000001';

describe('decoding', () => {
  const read = (attributes: string) => decode('address', addressMessage(attributes), NAMES);

  it('takes the last attribute without its padding, and types with flag bits', () => {
    assert.equal(read(`${LOCAL}0700030078797a`)?.label, 'xyz');
    assert.equal(read('08000240' + '0a000001')?.address, '10.0.0.1');
    assert.equal(read('08000280' + '0a000001')?.address, '10.0.0.1');
  });

  it('ends a text at its first NUL', () => {
    assert.equal(read(`${LOCAL}080003007800797a`)?.label, 'x');
  });

  it('keeps what it does not know, with its flag bits', () => {
    assert.deepEqual(read(`${LOCAL}0600348012340000`)?.raw, [{ type: 0x8034, hex: '1234' }]);
  });

  it('names the attribute, the offset and the bytes of a fault', () => {
    const fault = (attributes: string): DecodeError => {
      try {
        read(attributes);
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
        return error;
      }
      throw new assert.AssertionError({ message: `${attributes} was decoded` });
    };
    assert.deepEqual(
      [fault('0700020001020300')].map(({ code, attribute, offset, hex }) => [code, attribute, offset, hex])[0],
      ['NR_DECODE', 'IFA_LOCAL', 28, '010203'],
    );
    for (const length of ['0000', '0300', 'ffff', '0900']) {
      assert.equal(fault(`${length}02000a000001`).attribute, 'nlattr', `nla_len ${length}`);
    }
    assert.equal(fault(`${LOCAL}0400`).attribute, 'nlattr', 'half a header');
    assert.equal(fault('').attribute, 'ifaddrmsg', 'no address');
    assert.throws(() => decode('address', new Uint8Array(20), NAMES), DecodeError);
  });

  it('leaves out what is no object of the kind, or stands on a link that is gone', () => {
    const cloned = encode({ kind: 'route', action: 'create', object: ROUTE }, NAMES);
    cloned[25] = 2; // RTM_F_CLONED
    assert.equal(decode('route', cloned, NAMES), undefined);
    const port = encode({ kind: 'link', action: 'create', object: LINK }, NAMES);
    port[16] = 7; // AF_BRIDGE
    assert.equal(decode('link', port, NAMES), undefined);
    const route = encode({ kind: 'route', action: 'create', object: ROUTE }, NAMES);
    assert.equal(decode('route', route, namesOf({ 1: 'lo' })), undefined);
  });

  it('keeps a parent of another namespace as a number', () => {
    const object: Link = {
      name: 'm0',
      index: 9,
      kind: 'macvlan',
      link: null,
      linkIndex: 2,
      linkNetnsid: 0,
      options: {},
    };
    const found = decode('link', encode({ kind: 'link', action: 'create', object }, NAMES), NAMES);
    assert.deepEqual([found?.link, found?.linkIndex, found?.linkNetnsid], [null, 2, 0]);
  });

  it('keeps a metric that it does not know within the nest that it came in', () => {
    const bytes = encode({ kind: 'route', action: 'create', object: { ...ROUTE, metrics: { mtu: 1400 } } }, NAMES);
    bytes[bytes.length - 6] = 60; // RTAX_MTU becomes a type without a name
    const found = decode('route', bytes, NAMES);
    assert.equal(found?.metrics, undefined);
    assert.deepEqual(found?.raw, [{ type: 8, hex: '08003c0078050000' }]);
  });
});

describe('attributePathAt', () => {
  /** Every path of a message, by the offset of the attribute's header. */
  const pathsOf = (message: Uint8Array): ReadonlySet<string | undefined> =>
    new Set(Array.from({ length: message.length / 4 }, (_, i) => attributePathAt(message, 4 * i)));

  it('walks into nests, by the kind of the link', () => {
    const vlan: Link = { name: 'v5', index: 0, kind: 'vlan', link: 'eth0', options: { id: 5, reorder_hdr: false } };
    const paths = pathsOf(encode({ kind: 'link', action: 'create', object: vlan }, NAMES));
    for (const path of [
      undefined,
      'IFLA_IFNAME',
      'IFLA_LINK',
      'IFLA_LINKINFO',
      'IFLA_LINKINFO.IFLA_INFO_KIND',
      'IFLA_LINKINFO.IFLA_INFO_DATA',
      'IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VLAN_ID',
      'IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VLAN_FLAGS',
    ]) {
      assert.ok(paths.has(path), `${path} is not among ${[...paths].join(', ')}`);
    }
  });

  it('walks into the peer of a veth, the hops of a route, metrics and the options of a port', () => {
    const veth: Link = { name: 'a', index: 0, kind: 'veth', options: { peer: 'b' } };
    const peer = pathsOf(encode({ kind: 'link', action: 'create', object: veth }, NAMES));
    assert.ok(peer.has('IFLA_LINKINFO.IFLA_INFO_DATA.VETH_INFO_PEER.IFLA_IFNAME'), [...peer].join(', '));
    const hops = [
      { via: '192.0.2.1', weight: 1 },
      { via: 'fe80::1', dev: 'eth0', weight: 2 },
    ];
    const route = pathsOf(
      encode({ kind: 'route', action: 'create', object: { ...ROUTE, hops, metrics: { cc_algo: 'reno' } } }, NAMES),
    );
    for (const path of ['RTA_MULTIPATH.RTA_GATEWAY', 'RTA_MULTIPATH.RTA_VIA', 'RTA_METRICS.RTAX_CC_ALGO']) {
      assert.ok(route.has(path), `${path} is not among ${[...route].join(', ')}`);
    }
    const port = update('port', { port: { kind: 'bridge', options: { cost: 3 } } }, ['port.cost']);
    assert.ok(pathsOf(port).has('IFLA_LINKINFO.IFLA_INFO_SLAVE_DATA.IFLA_BRPORT_COST'));
    const mode = update('addrgen', { addrgenmode: 'none' }, ['addrgenmode']);
    assert.ok(pathsOf(mode).has('IFLA_AF_SPEC.AF_INET6.IFLA_INET6_ADDR_GEN_MODE'));
  });

  it('gives the number of an attribute without a name, and nothing for a header', () => {
    const raw = [{ type: 999, hex: '00000000' }];
    const message = encode({ kind: 'route', action: 'create', object: { ...ROUTE, raw } }, NAMES);
    assert.equal(attributePathAt(message, message.length - 8), 'attribute 999');
    assert.equal(attributePathAt(message, 20), undefined);
    assert.equal(attributePathAt(message, message.length), undefined);
    assert.equal(attributePathAt(new Uint8Array(8), 4), undefined);
  });
});
