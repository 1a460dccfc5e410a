import { NLMSG_HDRLEN } from './constants.ts';
import type { MessageWriter } from './writer.ts';

/** Where the attributes of a generic netlink message begin: behind nlmsghdr and genlmsghdr. */
export const GENL_HDRLEN = NLMSG_HDRLEN + 4;

/** struct genlmsghdr: u8 cmd, u8 version, u16 reserved (include/uapi/linux/genetlink.h). */
export const writeGenericHeader = (writer: MessageWriter, command: number, version: number): void => {
  writer.u8(command);
  writer.u8(version);
  writer.u16(0);
};
