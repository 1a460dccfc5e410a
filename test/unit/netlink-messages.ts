// Netlink messages by hand, independent of the code under test.
import { NLM_F, NLMSG, RTM } from '../../src/netlink/wire/constants.ts';

export interface Header {
  readonly type: number;
  readonly flags?: number;
  readonly sequence?: number;
  readonly portId?: number;
}

export const message = (
  { type, flags = 0, sequence = 0, portId = 0 }: Header,
  body: Buffer = Buffer.alloc(0),
): Buffer => {
  const bytes = Buffer.alloc(16 + ((body.length + 3) & ~3));
  bytes.writeUInt32LE(16 + body.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.writeUInt32LE(portId, 12);
  body.copy(bytes, 16);
  return bytes;
};

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

export const tlv = (type: number, payload: Buffer): Buffer => {
  const bytes = Buffer.alloc(4 + ((payload.length + 3) & ~3));
  bytes.writeUInt16LE(4 + payload.length, 0);
  bytes.writeUInt16LE(type, 2);
  payload.copy(bytes, 4);
  return bytes;
};

export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

export const ack = (sequence: number, errno = 0, tlvs: readonly Buffer[] = []): Buffer =>
  message(
    { type: NLMSG.ERROR, flags: NLM_F.CAPPED | (tlvs.length > 0 ? NLM_F.ACK_TLVS : 0), sequence },
    Buffer.concat([u32(-errno), message({ type: RTM.NEWRULE, sequence }), ...tlvs]),
  );

export const done = (sequence: number, errno = 0, flags = 0, tlvs: readonly Buffer[] = []): Buffer =>
  message({ type: NLMSG.DONE, flags: NLM_F.MULTI | flags, sequence }, Buffer.concat([u32(-errno), ...tlvs]));
