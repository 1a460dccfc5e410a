import type { MessageWriter } from '../wire/writer.ts';

/** struct ifinfomsg: u8 family, u8 padding, u16 type; s32 index; u32 flags, change. */
export const IFINFOMSG_LENGTH = 16;

/** ifi_flags: include/uapi/linux/if.h. PROMISC and ALLMULTI are what was asked for, not what is in force. */
export const IFF = {
  UP: 0x1,
  NOARP: 0x80,
  PROMISC: 0x100,
  ALLMULTI: 0x200,
  MULTICAST: 0x1000,
  LOWER_UP: 0x10000,
} as const;

/**
 * Writes an ifinfomsg of family AF_UNSPEC.
 * @param change the flags that are set or cleared; 0 = none (the kernel reads a 0 beside flags that are set as all of them)
 */
export const writeIfinfomsg = (writer: MessageWriter, index: number, flags = 0, change = 0): void => {
  writer.u32(0);
  writer.u32(index);
  writer.u32(flags);
  writer.u32(change);
};
