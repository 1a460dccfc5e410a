import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DecodeError } from '../../src/netlink/wire/codec-errors.ts';
import { NLM_F, NLMSG, RTM } from '../../src/netlink/wire/constants.ts';
import { errnoName } from '../../src/netlink/wire/errno.ts';
import { describeAck, readReply } from '../../src/netlink/wire/extack.ts';
import { eachAttribute, MessageCursor } from '../../src/netlink/wire/framing.ts';
import { ack, done, message, text, tlv, u32 } from './netlink-messages.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
const check = <T>(property: fc.IProperty<T>, numRuns = 2000): void => fc.assert(property, { seed: SEED, numRuns });

const firstOf = (bytes: Uint8Array): MessageCursor => {
  const cursor = new MessageCursor(bytes);
  assert.ok(cursor.next());
  return cursor;
};

describe('MessageCursor', () => {
  it('walks over messages, aligned, with their headers', () => {
    const datagram = Buffer.concat([
      message({ type: 20, flags: 2, sequence: 7, portId: 0xfffffff0 }, Buffer.from([1, 2, 3, 4, 5])),
      message({ type: 21, sequence: 0xffffffff }),
    ]);
    const cursor = new MessageCursor(datagram);
    const seen: unknown[] = [];
    while (cursor.next()) {
      const { type, flags, sequence, portId, start, end } = cursor;
      seen.push([type, flags, sequence, portId, start, end]);
    }
    assert.deepEqual(seen, [
      [20, 2, 7, 0xfffffff0, 0, 21],
      [21, 0, 0xffffffff, 0, 24, 40],
    ]);
  });

  it('takes a last message without its padding', () => {
    const cursor = new MessageCursor(message({ type: 20 }, Buffer.from([9])).subarray(0, 17));
    assert.ok(cursor.next());
    assert.equal(cursor.end, 17);
    assert.equal(cursor.next(), false);
  });

  for (const [what, length] of [
    ['zero', 0],
    ['below a header', 15],
    ['beyond the datagram', 21],
  ] as const) {
    it(`refuses a length ${what}`, () => {
      const bytes = message({ type: 20 }, Buffer.alloc(4));
      bytes.writeUInt32LE(length, 0);
      assert.throws(() => new MessageCursor(bytes).next(), DecodeError);
    });
  }

  it('reads any bytes or raises DecodeError, within bounds and to an end', () => {
    check(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const cursor = new MessageCursor(bytes);
        try {
          for (let rounds = 0; cursor.next(); rounds++) {
            assert.ok(rounds <= bytes.length / 16);
            assert.ok(cursor.start >= 0 && cursor.end <= bytes.length && cursor.end - cursor.start >= 16);
            if (cursor.end - cursor.start >= 20) readReply(cursor);
          }
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
    );
  });

  it('reads any body of an error or done message, or raises DecodeError', () => {
    check(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(NLMSG.ERROR, NLMSG.DONE),
        fc.integer({ min: 0, max: 0xffff }),
        (body, type, flags) => {
          try {
            readReply(firstOf(message({ type, flags }, Buffer.from(body))));
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
          }
        },
      ),
    );
  });

  it('finds the attributes that were written', () => {
    const payloads = fc.array(fc.tuple(fc.integer({ min: 0, max: 0x3fff }), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 8,
    });
    check(
      fc.property(payloads, (attributes) => {
        const bytes = Buffer.concat(attributes.map(([type, payload]) => tlv(type | 0x8000, Buffer.from(payload))));
        const seen: [number, Uint8Array][] = [];
        eachAttribute(bytes, 0, bytes.length, (type, from, to) =>
          seen.push([type, new Uint8Array(bytes.subarray(from, to))]),
        );
        assert.deepEqual(
          seen,
          attributes.map(([type, payload]) => [type, new Uint8Array(payload)]),
        );
      }),
      500,
    );
  });
});

describe('readReply', () => {
  const tlvs = [tlv(1, text('Attribute failed policy validation')), tlv(2, u32(48))];
  const request = message({ type: RTM.NEWADDR, sequence: 3 }, Buffer.alloc(24, 0xaa));

  it('reads a capped error with its text and offset', () => {
    assert.deepEqual(readReply(firstOf(ack(3, 22, tlvs))), {
      errno: 22,
      message: 'Attribute failed policy validation',
      offset: 48,
    });
  });

  it('reads the same behind a request that is echoed whole', () => {
    const reply = message({ type: NLMSG.ERROR, flags: NLM_F.ACK_TLVS }, Buffer.concat([u32(-22), request, ...tlvs]));
    assert.equal(readReply(firstOf(reply)).offset, 48);
  });

  it('reads an error inside of NLMSG_DONE, which echoes nothing', () => {
    const reply = done(4, 2, NLM_F.ACK_TLVS, [tlv(1, text('FIB table does not exist'))]);
    assert.deepEqual(readReply(firstOf(reply)), { errno: 2, message: 'FIB table does not exist' });
  });

  it('reads success as zero, also with a warning', () => {
    assert.deepEqual(readReply(firstOf(ack(1))), { errno: 0 });
    assert.deepEqual(readReply(firstOf(ack(1, 0, [tlv(1, text('deprecated'))]))), { errno: 0, message: 'deprecated' });
    assert.deepEqual(readReply(firstOf(message({ type: NLMSG.DONE }))), { errno: 0 });
  });

  it('names what is missing, and what would be accepted', () => {
    const u64 = (value: bigint): Buffer => Buffer.from(BigUint64Array.of(value).buffer);
    const policy = tlv(0x8004, Buffer.concat([tlv(1, u32(3)), tlv(4, u64(0n)), tlv(5, u64(4094n))]));
    const reply = readReply(
      firstOf(ack(1, 34, [tlv(1, text('integer out of range')), policy, tlv(5, u32(9)), tlv(6, u32(32))])),
    );
    assert.equal(reply.missingType, 9);
    assert.equal(reply.missingNest, 32);
    assert.equal(describeAck(reply), 'integer out of range (0 to 4094)');
  });

  it('describes a length policy', () => {
    const policy = tlv(0x8004, tlv(7, u32(15)));
    const reply = readReply(firstOf(ack(1, 34, [tlv(1, text('too long')), policy])));
    assert.equal(describeAck(reply), 'too long (length at most 15)');
  });
});

it('errno has the names of Linux', () => {
  assert.deepEqual([1, 11, 17, 22, 35, 95, 99, 105, 110, 133, 41, 524].map(errnoName), [
    'EPERM',
    'EAGAIN',
    'EEXIST',
    'EINVAL',
    'EDEADLK',
    'EOPNOTSUPP',
    'EADDRNOTAVAIL',
    'ENOBUFS',
    'ETIMEDOUT',
    'EHWPOISON',
    'errno 41',
    'ENOTSUPP',
  ]);
});
