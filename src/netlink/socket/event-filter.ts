import { RTM } from '../wire/constants.ts';
import { addressOf } from './libc.ts';

/** include/uapi/linux/bpf_common.h: class, size and mode of an instruction of classic BPF. */
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** Offsets in struct nlmsghdr. */
const TYPE = 4;
const PORT_ID = 12;

const PASS = 0xffffffff;
const DROP = 0;

/** struct sock_filter: u16 code, u8 jump where true, u8 jump where false, u32 operand. */
const INSTRUCTION_BYTES = 8;
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

/** BPF loads in network order what stands there in host order. */
const swap16 = (value: number): number => ((value & 0xff) << 8) | (value >>> 8);
const swap32 = (value: number): number => ((swap16(value & 0xffff) << 16) | swap16(value >>> 16)) >>> 0;

const withoutChangesOf = (portId: number): readonly Instruction[] => [
  [LOAD_HALF, 0, 0, TYPE],
  // who listens needs the names of links, whoever gave them
  [JUMP_IF_EQUAL, 4, 0, swap16(RTM.NEWLINK)],
  [JUMP_IF_EQUAL, 3, 0, swap16(RTM.DELLINK)],
  [LOAD_WORD, 0, 0, PORT_ID],
  [JUMP_IF_EQUAL, 0, 1, swap32(portId)],
  [RETURN, 0, 0, DROP],
  [RETURN, 0, 0, PASS],
];

/**
 * A filter (SO_ATTACH_FILTER) that keeps from a socket what one port's requests do, but for links: a hundred thousand
 * routes would fill its buffer, and what it is there for would be lost.
 * @returns struct sock_fprog of a 64-bit platform, and the program, which must be held until it has been attached
 */
export const echoFilter = (portId: number): { readonly value: Uint8Array; readonly program: Uint8Array } => {
  const instructions = withoutChangesOf(portId);
  const program = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(program.buffer);
  for (const [i, [code, whenTrue, whenFalse, operand]] of instructions.entries()) {
    const at = i * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, whenTrue);
    view.setUint8(at + 3, whenFalse);
    view.setUint32(at + 4, operand, true);
  }
  const value = new Uint8Array(16);
  const header = new DataView(value.buffer);
  header.setUint16(0, instructions.length, true);
  header.setBigUint64(8, addressOf(program), true);
  return { value, program };
};
