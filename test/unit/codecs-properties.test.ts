import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Address } from '../../src/model/address.ts';
import { type Family, formatAddress, maskBytes, parseAddress } from '../../src/model/ip.ts';
import type { Link } from '../../src/model/link.ts';
import { LINK_KINDS } from '../../src/model/link-kinds/index.ts';
import type { Neighbor } from '../../src/model/neighbor.ts';
import type { Nexthop } from '../../src/model/nexthop.ts';
import { ROUTE_TYPES, type Route } from '../../src/model/route.ts';
import type { Rule } from '../../src/model/rule.ts';
import { KIND_NAMES } from '../../src/model/state.ts';
import { type RawAttribute, sameValue, type Value } from '../../src/model/value.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { writeAddressText } from '../../src/netlink/wire/address-text.ts';
import { attributePathAt } from '../../src/netlink/wire/attribute-path.ts';
import { DecodeError, EncodeError } from '../../src/netlink/wire/codec-errors.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';
import { CAPTURES } from './codecs-captures.ts';
import { decode, encode, namesOf } from './codecs-support.ts';
import { encapOn } from './encap-values.ts';
import { optionValue } from './option-values.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** fast-check prints the seed with every counterexample. */
const check = <T>(property: fc.IRawProperty<T>, numRuns = 500): void => {
  fc.assert(property, { seed: SEED, numRuns });
};

const LINKS = { 1: 'lo', 2: 'eth0', 300: 'br0', 70000: 'veth1' } as const;
const NAMES = namesOf(LINKS);

/** Plain objects, as decoders make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const u8 = fc.nat(255);
const u16 = fc.nat(65535);
const u32 = fc.nat(0xffffffff);
const dev = fc.constantFrom(...Object.values(LINKS));
const family = fc.constantFrom<Family>('inet', 'inet6');
const bytesOf = (kind: Family): fc.Arbitrary<Uint8Array> => {
  const length = kind === 'inet' ? 4 : 16;
  return fc.uint8Array({ minLength: length, maxLength: length });
};
const addressIn = (kind: Family): fc.Arbitrary<string> => bytesOf(kind).map((bytes) => formatAddress(bytes));
const prefixIn = (kind: Family, min = 0): fc.Arbitrary<string> =>
  fc
    .tuple(bytesOf(kind), fc.integer({ min, max: kind === 'inet' ? 32 : 128 }))
    .map(([bytes, length]) => `${formatAddress(maskBytes(bytes, length))}/${length}`);
const lladdr = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) => [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join(':'));
const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,14}$/);
/** Types that no table of any kind names. */
const raw = fc.array(
  record({
    type: fc.integer({ min: 0x200, max: 0x3fff }),
    hex: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  }),
  { minLength: 1, maxLength: 2 },
) as fc.Arbitrary<RawAttribute[]>;

/** Members that are absent rather than undefined. */
const compact = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const maybeTrue = fc.constantFrom<true | undefined>(true, undefined);

const METRIC_NAMES = ['mtu', 'rtt', 'advmss', 'hoplimit', 'features', 'quickack', 'fastopen_no_cookie'];
const metrics = record({
  mtu: maybe(u32),
  window: maybe(u32),
  rtt: maybe(u16),
  rttvar: maybe(u16),
  features: maybe(u32),
  rto_min: maybe(u32),
  cc_algo: maybe(word),
  fastopen_no_cookie: maybe(fc.constant(1)),
  lock: maybe(fc.subarray(METRIC_NAMES, { minLength: 1 }).map((names) => [...names].sort())),
})
  .map(compact)
  .filter((value) => Object.keys(value).length > 0);

const hop = (kind: Family, many: boolean): fc.Arbitrary<Route['hops'][number]> =>
  record({
    via: maybe(kind === 'inet' ? family.chain(addressIn) : addressIn('inet6')),
    dev: many ? maybe(dev) : dev,
    weight: many ? fc.integer({ min: 1, max: 256 }) : fc.constant(1),
    onlink: maybeTrue,
    encap: maybe(encapOn(dev)),
    realm: many ? maybe(u32) : fc.constant(undefined),
    raw: many ? maybe(raw) : fc.constant(undefined),
  }).map(compact);

const route: fc.Arbitrary<Route> = family.chain((kind) =>
  record({
    family: fc.constant(kind),
    to: prefixIn(kind),
    from: kind === 'inet6' ? maybe(prefixIn(kind, 1)) : fc.constant(undefined),
    table: u32,
    metric: u32,
    tos: u8,
    type: fc.constantFrom(...ROUTE_TYPES),
    protocol: u8,
    scope: u8,
    src: maybe(addressIn(kind)),
    hops: fc.oneof(
      fc.constant([]),
      fc.array(hop(kind, false), { minLength: 1, maxLength: 1 }),
      fc.array(hop(kind, true), { minLength: 2, maxLength: 5 }),
    ),
    nhid: maybe(u32),
    realm: maybe(u32),
    pref: maybe(fc.constantFrom('low' as const, 'high' as const)),
    expires: maybe(fc.integer({ min: 1, max: 0xffffffff })),
    metrics: maybe(metrics),
    raw: maybe(raw),
  })
    .map(compact)
    .map((value) => {
      const hopless = ['blackhole', 'unreachable', 'prohibit', 'throw'].includes(value.type);
      // what an object drops reads back as its doing
      const type = value.nhid !== undefined && value.type === 'blackhole' ? 'unicast' : value.type;
      return value.nhid !== undefined || hopless ? { ...value, type, hops: [] } : value;
    }),
);

const address: fc.Arbitrary<Address> = family.chain((kind) => {
  const only = <T>(which: Family, arbitrary: fc.Arbitrary<T>) => (kind === which ? arbitrary : fc.constant(undefined));
  return record({
    dev,
    family: fc.constant(kind),
    address: addressIn(kind),
    prefixlen: fc.nat(kind === 'inet' ? 32 : 128),
    peer: maybe(addressIn(kind)),
    broadcast: only('inet', fc.option(addressIn('inet'), { nil: null })),
    scope: u8,
    label: only('inet', word),
    valid_lft: u32,
    preferred_lft: u32,
    metric: u32,
    noprefixroute: fc.boolean(),
    nodad: only('inet6', fc.boolean()),
    home: only('inet6', fc.boolean()),
    mngtmpaddr: only('inet6', fc.boolean()),
    autojoin: fc.boolean(),
    protocol: u8,
    raw: maybe(raw),
  })
    .map(compact)
    .filter((value) => value.peer !== value.address);
});

const range = (item: fc.Arbitrary<number>): fc.Arbitrary<readonly [number, number]> => fc.tuple(item, item);
const rule: fc.Arbitrary<Rule> = family.chain((kind) =>
  record({
    family: fc.constant(kind),
    priority: u32,
    not: maybeTrue,
    from: maybe(prefixIn(kind, 1)),
    to: maybe(prefixIn(kind, 1)),
    iif: maybe(word),
    oif: maybe(word),
    mark: maybe(fc.tuple(u32, maybe(fc.nat(0xfffffffe)))),
    tos: maybe(fc.integer({ min: 1, max: 255 })),
    dscp: maybe(fc.nat(63)),
    ipproto: maybe(u8),
    sport: maybe(range(u16)),
    dport: maybe(range(u16)),
    uidrange: maybe(range(u32)),
    tun_id: maybe(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
    suppress_prefixlength: maybe(fc.nat(128)),
    suppress_ifgroup: maybe(fc.nat(0xfffffffe)),
    realms: maybe(u32),
    protocol: u8,
    target: fc.oneof(
      record({ action: fc.constant('table' as const), table: u32 }),
      record({ action: fc.constant('table' as const), table: fc.constant(0), l3mdev: fc.constant(true) }),
      record({ action: fc.constant('goto' as const), goto: u32 }),
      record({ action: fc.constantFrom('nop', 'blackhole', 'unreachable', 'prohibit') }),
    ),
    raw: maybe(raw),
  }).map(
    ({ target, mark, ...rest }) =>
      compact({ ...rest, ...target, ...(mark === undefined ? {} : { fwmark: mark[0], fwmask: mark[1] }) }) as Rule,
  ),
);

const neighbor: fc.Arbitrary<Neighbor> = family.chain((kind) =>
  fc
    .oneof(
      record({
        type: fc.constant('neighbor' as const),
        family: fc.constant(kind),
        dev,
        to: addressIn(kind),
        lladdr: maybe(lladdr),
        state: fc.constantFrom('permanent' as const, 'noarp' as const, 'dynamic' as const),
        router: maybeTrue,
        extern_learn: maybeTrue,
        protocol: u8,
        raw: maybe(raw),
      }),
      record({
        type: fc.constant('proxy' as const),
        family: fc.constant(kind),
        dev: maybe(dev),
        to: addressIn(kind),
        router: maybeTrue,
        protocol: u8,
        raw: maybe(raw),
      }),
      record({
        type: fc.constant('fdb' as const),
        dev,
        lladdr,
        where: fc.constantFrom('self' as const, 'master' as const),
        state: fc.constantFrom('permanent' as const, 'static' as const, 'dynamic' as const),
        vlan: maybe(fc.integer({ min: 1, max: 4094 })),
        dst: maybe(addressIn(kind)),
        vni: maybe(u32),
        port: maybe(u16),
        via: maybe(dev),
        nhid: maybe(u32),
        extern_learn: maybeTrue,
        sticky: maybeTrue,
        raw: maybe(raw),
      }),
    )
    .map((value) => compact(value) as Neighbor),
);

const nexthop: fc.Arbitrary<Nexthop> = family.chain((kind) =>
  fc
    .oneof(
      record({
        family: fc.constant(kind),
        dev: maybe(dev),
        via: maybe(addressIn(kind)),
        onlink: maybeTrue,
        encap: maybe(encapOn(dev)),
        blackhole: maybeTrue,
        fdb: maybeTrue,
      }),
      record({
        family: fc.constant('unspec' as const),
        group: fc.array(record({ id: u32, weight: fc.integer({ min: 1, max: 65536 }) }), { minLength: 1 }),
      }),
      record({
        family: fc.constant('unspec' as const),
        group: fc.array(record({ id: u32, weight: fc.constant(1) }), { minLength: 1 }),
        type: fc.constant('resilient' as const),
        buckets: fc.integer({ min: 1, max: 65535 }),
        idle_timer: u32.map((ticks) => ticks / 100),
        unbalanced_timer: u32.map((ticks) => ticks / 100),
      }),
    )
    .chain((part) =>
      record({ id: u32, protocol: u8, raw: maybe(raw) }).map((rest) => compact({ ...rest, scope: 0, ...part })),
    ),
) as fc.Arbitrary<Nexthop>;

describe('codecs', () => {
  const table = { address, nexthop, route, rule, neighbor } as const;
  for (const kind of Object.keys(table) as (keyof typeof table)[]) {
    it(`${kind}: what is encoded decodes to the object`, () => {
      check(
        fc.property(table[kind] as fc.Arbitrary<never>, (object: object) => {
          const decoded = decode(kind, encode({ kind, action: 'create', object: object as never }, NAMES), NAMES);
          const found = decoded as unknown as Record<string, unknown>;
          // an address has findings of the kernel besides
          for (const [field, value] of Object.entries(object)) assert.deepEqual(found[field], value, field);
          if (kind !== 'address') assert.deepEqual(found, object);
        }),
      );
    });
  }

  it('link: every option of every kind decodes to what was encoded', () => {
    for (const spec of Object.values(LINK_KINDS)) {
      const sent = Object.entries(spec.options).filter(
        ([, option]) => option.readOnly !== true && option.reportedAs === undefined && option.stage === undefined,
      );
      const options = record(Object.fromEntries(sent.map(([name, option]) => [name, optionValue(option, dev)])));
      check(
        fc.property(options, (wanted) => {
          const object = { name: 'x0', index: 7, kind: spec.kind, options: wanted as Record<string, Value> } as Link;
          const bytes = encode({ kind: 'link', action: 'create', object }, NAMES);
          const found = decode('link', bytes, NAMES);
          for (const [name, option] of sent) {
            if (name === 'peer') continue;
            const value = found?.options?.[name] ?? option.default ?? null;
            const same = sameValue(value, object.options?.[name]) || sameValue(option.default, object.options?.[name]);
            assert.ok(same, `${spec.kind} ${name}: ${JSON.stringify(value)}`);
          }
        }),
        100,
      );
    }
  });

  it('link: an update of options says what changes and nothing else', () => {
    for (const spec of Object.values(LINK_KINDS)) {
      for (const [name, option] of Object.entries(spec.options)) {
        if (option.readOnly === true || name === 'peer' || option.codec === 'flag') continue;
        // sent in one attribute or message and reported in another
        if (option.reportedAs !== undefined || option.stage !== undefined) continue;
        check(
          fc.property(optionValue(option, dev), (value) => {
            const object = { name: 'eth0', index: 2, kind: spec.kind, options: { [name]: value } } as Link;
            const fields = [`options.${name}`];
            const op = { kind: 'link', action: 'update', stage: 'options', object, fields } as const;
            const named = { ...object, name: 'eth0' };
            const message = encode({ ...op, object: named }, NAMES);
            const at = message.length;
            // as if it were a dump: an ifinfomsg, a name and the same IFLA_LINKINFO
            const dumped = new Uint8Array(at + 12);
            dumped.set(message);
            dumped.set([9, 0, 3, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0], at);
            const found = decode('link', dumped, NAMES)?.options ?? {};
            // what is not there has no value (the key of a tunnel without one)
            assert.ok(
              sameValue(found[name] ?? null, value ?? null),
              `${spec.kind} ${name}: ${JSON.stringify(found[name])}`,
            );
          }),
          20,
        );
      }
    }
  });

  it('addresses: written as the strict parser reads them, in any form', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    // runs of zeros and mapped addresses are where forms differ
    const sparse = fc.tuple(bytes, fc.nat(0xffff)).map(([all, mask]) => all.map((b, i) => (mask & (1 << i) ? 0 : b)));
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      sparse.map((all) => formatAddress(all)),
      fc.stringMatching(/^[0-9a-f:.]{1,20}$/),
    );
    check(
      fc.property(text, (value) => {
        const writer = new MessageWriter(4);
        const expected = parseAddress(value);
        if (expected === undefined) return;
        writeAddressText(writer, value, value.length);
        assert.deepEqual(writer.bytes.slice(0, writer.length), expected);
      }),
      5000,
    );
    for (const wrong of ['1.2.3', '1.2.3.4.5', '1:2', ':1:2:3:4:5:6:7:8', ':::', '1::2::3', 'g::', '12345::', '']) {
      assert.throws(() => writeAddressText(new MessageWriter(), wrong, wrong.length), EncodeError, wrong);
    }
  });

  it('decode any bytes, or say that they cannot', () => {
    const garbage = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 28, maxLength: 120 }));
    check(
      fc.property(fc.constantFrom(...KIND_NAMES), garbage, u32, (kind, bytes, type) => {
        const message = Uint8Array.from([...new Array<number>(16).fill(0), ...bytes]);
        message[16] = [0, 2, 10, 7][type % 4] as number;
        try {
          decode(kind, message, NAMES);
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
          assert.ok(error.offset <= message.length);
        }
        attributePathAt(message, type % 300);
      }),
      5000,
    );
  });

  it('decode messages of the kernel with bytes changed or cut off, or say that they cannot', () => {
    const change = fc.array(fc.tuple(fc.nat(4000), u8), { maxLength: 6 });
    check(
      fc.property(fc.constantFrom(...CAPTURES), change, fc.nat(4000), ({ kind, hex }, changes, cut) => {
        const whole = new Uint8Array(Buffer.from(hex, 'hex'));
        for (const [at, value] of changes) whole[16 + (at % (whole.length - 16))] = value;
        const bytes = cut % 3 === 0 ? whole.subarray(0, 16 + (cut % whole.length)) : whole;
        try {
          decode(kind, bytes, NAMES);
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
        }
        attributePathAt(bytes, cut % (bytes.length + 8));
      }),
      5000,
    );
  });

  it('never read behind the end of the message', () => {
    for (const { kind, hex } of CAPTURES) {
      const bytes = new Uint8Array(Buffer.from(`${hex}${'ff'.repeat(64)}`, 'hex'));
      const alone = decode(kind, bytes.slice(0, hex.length / 2), NAMES);
      const view = { type: 0, flags: 0, bytes, start: 0, end: hex.length / 2 };
      // the same object, whatever follows in the datagram
      assert.deepEqual(FAMILIES[kind].decode(view, NAMES), alone);
    }
  });
});
