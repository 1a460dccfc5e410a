import fc from 'fast-check';
import { formatAddress } from '../../src/model/ip.ts';
import { writeVlans } from '../../src/model/link-kinds/bridge-vlans.ts';
import type { OptionSpec } from '../../src/model/link-kinds/spec.ts';
import { writeVnis } from '../../src/model/link-kinds/vxlan-vnis.ts';
import { presharedKey, writePeers } from '../../src/model/link-kinds/wireguard.ts';
import type { Value } from '../../src/model/value.ts';

const inet = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => formatAddress(bytes));
const inet6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => formatAddress(bytes));
const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'));
const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,14}$/);

const HIGHEST: Readonly<Record<string, number>> = {
  u8: 0xff,
  u16: 0xffff,
  be16: 0xffff,
  u32: 0xffffffff,
  be32: 0xffffffff,
  s32: 0x7fffffff,
};

const numberOf = ({ codec, min, max }: OptionSpec): fc.Arbitrary<number> => {
  const highest = HIGHEST[codec as string] ?? 0xffffffff;
  return fc.integer({ min: min ?? (codec === 's32' ? -0x80000000 : 0), max: max ?? highest });
};

/** Up to six VLANs or ranges, with room between them, of which one may be the pvid. */
const vlans: fc.Arbitrary<Value> = fc
  .uniqueArray(
    fc.record({
      slot: fc.integer({ min: 0, max: 40 }),
      length: fc.integer({ min: 1, max: 50 }),
      untagged: fc.boolean(),
      options: fc.constantFrom<Readonly<Record<string, Value>>>({}, { mcast_router: 2 }),
    }),
    { selector: ({ slot }) => slot, maxLength: 6 },
  )
  .map((items) =>
    writeVlans(
      items.map(({ slot, length, untagged, options }) => {
        const first = 100 * slot + 1;
        return { first, last: first + length - 1, pvid: slot === 0 && length === 1, untagged, options };
      }),
    ),
  );

/** Up to six VNIs or ranges, with room between them. */
const vnis: fc.Arbitrary<Value> = fc
  .uniqueArray(
    fc.record({
      slot: fc.nat(40),
      length: fc.integer({ min: 1, max: 99 }),
      group: fc.constantFrom(undefined, '192.0.2.1', '2001:db8::1'),
    }),
    { selector: ({ slot }) => slot, maxLength: 6 },
  )
  .map((items) =>
    writeVnis(
      items.map(({ slot, length, group }) => ({
        first: 100 * slot + 1,
        last: 100 * slot + length,
        ...(group === undefined ? {} : { group }),
      })),
    ),
  );

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const keyText = key.map((bytes) => Buffer.from(bytes).toString('base64'));

/** Up to five peers, with prefixes that belong to one of them only. */
const peers: fc.Arbitrary<Value> = fc
  .uniqueArray(
    fc.record({
      public_key: keyText,
      preshared_key_file: fc.option(key.map(presharedKey), { nil: null }),
      endpoint: fc.constantFrom(null, '192.0.2.1:51820', '[2001:db8::1]:4500'),
      persistent_keepalive: fc.nat(65535),
      allowed_ips: fc.uniqueArray(fc.nat(255), { maxLength: 6 }),
    }),
    { selector: ({ public_key }) => public_key, maxLength: 5 },
  )
  .map((list) =>
    writePeers(
      list.map((peer, i) => ({ ...peer, allowed_ips: peer.allowed_ips.map((n) => `10.${i}.${n}.0/24`).sort() })),
    ),
  );

const structOf = (struct: string, dev: fc.Arbitrary<string>): fc.Arbitrary<Value> => {
  switch (struct) {
    case 'qosMap':
      return fc
        .uniqueArray(fc.tuple(fc.nat(7), fc.integer({ min: 1, max: 7 })), { selector: ([from]) => from })
        .map((pairs) => pairs.toSorted((a, b) => a[0] - b[0]).map((pair) => pair.join(':')));
    case 'sci':
      return fc.constant('0200000000010007');
    case 'cipherSuite':
      return fc.constantFrom('gcm-aes-128', 'gcm-aes-xpn-256');
    case 'macList':
      return fc.uniqueArray(mac, { maxLength: 3 }).map((list) => list.toSorted());
    case 'bridgeVlans':
      return vlans;
    case 'vxlanVnis':
      return vnis;
    case 'wireguardKey':
      return fc.constant(null);
    case 'wireguardPeers':
      return peers;
    default:
      return dev;
  }
};

/**
 * A value that an option can have, in the file and on the wire.
 * @param dev names of links that there are
 */
export const optionValue = (spec: OptionSpec, dev: fc.Arbitrary<string>): fc.Arbitrary<Value> => {
  const { codec, words, max } = spec;
  if (spec.width !== undefined || spec.bitWord !== undefined) {
    return spec.bitWord === undefined ? numberOf(spec) : fc.oneof(numberOf(spec), fc.constant(spec.bitWord.word));
  }
  if (spec.bit !== undefined) return max === 1 ? fc.nat(1) : fc.boolean();
  if (words !== undefined) return fc.constantFrom(...Object.values(words));
  if (typeof codec === 'object') return structOf(codec.struct, dev);
  switch (codec) {
    case 'u64':
      return fc
        .bigInt({ min: BigInt(spec.min ?? 0), max: BigInt(max ?? (1n << 64n) - 1n) })
        .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n.toString()));
    case 'bool8':
    case 'flag':
      return fc.boolean();
    case 'inet':
    case 'inet6': {
      const own = (codec === 'inet' ? inet : inet6).filter((text) => text !== '0.0.0.0' && text !== '::');
      return spec.inet6 === undefined
        ? own
        : fc.oneof(
            own,
            inet6.filter((text) => text !== '::'),
          );
    }
    case 'lladdr':
      return mac;
    case 'string':
      return word;
    case 'ifindex':
      return fc.option(dev, { nil: null });
    case 'inetList':
      return fc.array(inet, { maxLength: 3 });
    case 'inet6List':
      return fc.array(inet6, { maxLength: 3 });
    case 'ethertype':
      return fc.constantFrom('802.1q', '802.1ad', '0x9100');
    case 'portRange':
      return fc.tuple(fc.nat(0xffff), fc.nat(0xffff)).map((pair) => pair.toSorted((a, b) => a - b));
    case 'hex':
      return fc.constant('00');
    default:
      return numberOf(spec);
  }
};
