import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalAddress,
  canonicalLladdr,
  formatAddress,
  formatPrefix,
  isLinkLocal,
  maskBytes,
  networkOf,
  parseAddress,
  parsePrefix,
  prefixContains,
  shareNetwork,
} from '../../src/model/ip.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const bytes4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const bytes16 = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // runs of zeros are what the short form is about
  fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
);
const bytes = fc.oneof(bytes4, bytes16);
/** Text that looks like an address, right or wrong. */
const nearlyAddress = fc.oneof(
  fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'F', ':', '.', '::', '25', '/', '%', ' '), maxLength: 16 }),
  bytes.map((b) => formatAddress(b)),
  fc.tuple(bytes, fc.nat(40), fc.constantFrom(':', '.', '0', 'g', '')).map(([b, at, noise]) => {
    const text = formatAddress(b);
    return text.slice(0, at) + noise + text.slice(at + 1);
  }),
);

/** The shortest text of an IPv6 address by the WHATWG URL parser, which follows RFC 5952 but for mapped addresses. */
const urlText = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1);
const isMapped = (b: Uint8Array): boolean =>
  b.length === 16 && b.subarray(0, 10).every((x) => x === 0) && b[10] === 255 && b[11] === 255;

describe('addresses', () => {
  test('share a network where their networks are one', () => {
    const near = fc.tuple(bytes, bytes, fc.nat(128), fc.nat(128)).map(([a, b, same, length]) => {
      const bits = a.length * 8;
      const other = b.length === a.length ? b : a.map((x) => 255 - x);
      const head = maskBytes(a, same % (bits + 1));
      const tail = other.map((x, i) => x ^ (maskBytes(other, same % (bits + 1))[i] as number));
      return [a, head.map((x, i) => x | (tail[i] as number)), length % (bits + 1)] as const;
    });
    fc.assert(
      fc.property(near, ([a, b, length]) => {
        const [one, other] = [formatAddress(a), formatAddress(b)];
        assert.equal(shareNetwork(one, other, length), networkOf(one, length) === networkOf(other, length));
      }),
      { seed, numRuns: 2000 },
    );
    assert.ok(!shareNetwork('10.0.0.1', '::1', 0), 'not across families');
  });

  test('are link-local below fe80::/10', () => {
    for (const text of ['fe7f::1', 'fe80::', 'fe80::1', 'fe9a:1::', 'febf:ffff::1', 'fec0::1', 'fe8::1', '::fe80:1'])
      assert.equal(isLinkLocal(text), prefixContains('fe80::/10', text), text);
    assert.ok(!isLinkLocal('10.0.0.1'));
  });

  test('text is read exactly where node:net reads it', () => {
    fc.assert(
      fc.property(nearlyAddress, (text) => {
        const parsed = parseAddress(text);
        // isIP allows a zone, which belongs to a socket address
        const version = text.includes('%') ? 0 : isIP(text);
        assert.equal(parsed === undefined ? 0 : parsed.length === 4 ? 4 : 6, version, text);
      }),
      { seed, numRuns: 20_000 },
    );
  });

  test('bytes survive text', () => {
    fc.assert(
      fc.property(bytes, (b) => assert.deepEqual(parseAddress(formatAddress(b)), Uint8Array.from(b))),
      { seed, numRuns: 5_000 },
    );
  });

  test('IPv6 text is the one of RFC 5952', () => {
    fc.assert(
      fc.property(
        bytes16.filter((b) => !isMapped(b)),
        (b) => assert.equal(formatAddress(b), urlText(formatAddress(b))),
      ),
      { seed, numRuns: 5_000 },
    );
    assert.equal(canonicalAddress('::ffff:c000:0201'), '::ffff:192.0.2.1');
    assert.equal(canonicalAddress('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
    assert.equal(canonicalAddress('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
  });

  test('what other programs read in their own way is refused', () => {
    for (const text of [
      '010.0.0.1',
      '1.2.3',
      '0x7f.1',
      '4294967295',
      '1.2.3.4.5',
      '256.0.0.1',
      '::1%eth0',
      '1::2::3',
      '1:2:3:4:5:6:7:8:9',
      ':1',
      '',
      ' 1.2.3.4',
    ]) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });
});

describe('prefixes', () => {
  const prefix = bytes.chain((b) => fc.tuple(fc.constant(b), fc.integer({ min: 0, max: b.length * 8 })));

  test('a mask keeps the leading bits and clears the rest', () => {
    fc.assert(
      fc.property(prefix, ([b, length]) => {
        const bits = (x: Uint8Array) => Array.from(x, (byte) => byte.toString(2).padStart(8, '0')).join('');
        assert.equal(
          bits(maskBytes(b, length)),
          bits(b)
            .slice(0, length)
            .padEnd(b.length * 8, '0'),
        );
      }),
      { seed, numRuns: 5_000 },
    );
  });

  test('a network contains exactly the addresses with its leading bits', () => {
    fc.assert(
      fc.property(prefix, fc.nat(127), ([b, length], flip) => {
        const network = networkOf(formatAddress(b), length);
        assert.ok(prefixContains(network, formatAddress(b)));
        const bit = flip % (b.length * 8);
        const other = Uint8Array.from(b);
        other[bit >> 3] = (other[bit >> 3] as number) ^ (0x80 >> (bit & 7));
        assert.equal(prefixContains(network, formatAddress(other)), bit >= length);
      }),
      { seed, numRuns: 5_000 },
    );
    assert.equal(prefixContains('0.0.0.0/0', '::1'), false);
  });

  test('text with a length survives, and lengths out of range do not', () => {
    fc.assert(
      fc.property(prefix, ([b, length]) => {
        const parsed = parsePrefix(formatPrefix(b, length));
        assert.deepEqual(parsed?.bytes, Uint8Array.from(b));
        assert.equal(parsed?.length, length);
      }),
      { seed },
    );
    for (const text of [
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/-1',
      '10.0.0.0/08',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '/8',
      '10.0.0.0/255.0.0.0',
    ]) {
      assert.equal(parsePrefix(text), undefined, text);
    }
    assert.equal(parsePrefix('10.0.0.1')?.length, 32);
    assert.equal(parsePrefix('::1')?.length, 128);
  });
});

test('link-layer addresses have one form', () => {
  assert.equal(canonicalLladdr('02-00-00-AB-cd-05'), '02:00:00:ab:cd:05');
  for (const text of ['2:0:0:0:0:5', '02:00:00:00:00:0g', '', '02:00:', '0200.0000.0005'])
    assert.equal(canonicalLladdr(text), undefined, text);
});
