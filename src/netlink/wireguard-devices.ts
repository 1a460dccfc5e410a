import type { SendOptions } from '../model/kernel-port.ts';
import type { Link } from '../model/link.ts';
import type { Op, OpOf, OpResult } from '../model/op.ts';
import type { OpenChannel, Trace } from './channel.ts';
import { collect } from './dump.ts';
import type { LinkNames } from './families/codec.ts';
import { maskKeys, WIREGUARD_FAMILY, WIREGUARD_NAMES } from './families/wireguard-attributes.ts';
import { joinDevice, readDeviceMessage } from './families/wireguard-read.ts';
import { encodeWireguard, writeDeviceRequest } from './families/wireguard-write.ts';
import { type GenericFamily, talkGeneric } from './generic-family.ts';
import type { LinkTable } from './link-table.ts';
import { sendOps } from './send-ops.ts';
import { EncodeError } from './wire/codec-errors.ts';
import { NLMSG_HDRLEN } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { NetlinkError } from './wire/errors.ts';
import { GENL_HDRLEN } from './wire/generic.ts';
import type { MessageWriter } from './wire/writer.ts';

const WIREGUARD: GenericFamily = { name: WIREGUARD_FAMILY, mask: maskKeys };

/** Who may not change a device is not told of it, and one that has gone meanwhile has nothing to tell. */
const UNTOLD: readonly (number | undefined)[] = [ERRNO.EPERM, ERRNO.ENODEV, ERRNO.EOPNOTSUPP];

const isWireguard = ({ kind }: Link): boolean => kind === 'wireguard';

/** Adds to the WireGuard devices among the links what their own family tells of them. */
export const withDevices = async (
  links: readonly Link[],
  open: OpenChannel,
  trace: Trace | undefined,
  names: LinkNames,
): Promise<readonly Link[]> => {
  if (!links.some(isWireguard)) return links;
  const told = new Map<number, Link>();
  await talkGeneric(open, trace, WIREGUARD, async (conversation, family) => {
    for (const link of links.filter(isWireguard)) {
      try {
        const request = { type: family, body: (writer: MessageWriter) => writeDeviceRequest(writer, link.index) };
        const parts = await collect(conversation, request, (message) =>
          message.type === family ? readDeviceMessage(message, names) : undefined,
        );
        if (parts.length > 0) told.set(link.index, { ...link, options: { ...link.options, ...joinDevice(parts) } });
      } catch (error) {
        if (!(error instanceof NetlinkError && UNTOLD.includes(error.errno))) throw error;
      }
    }
  });
  return links.map((link) => told.get(link.index) ?? link);
};

/** Sends operations of stage `wireguard`; as sendOps. */
export const sendDeviceOps = async (
  open: OpenChannel,
  trace: Trace | undefined,
  names: LinkTable,
  ops: readonly Op[],
  options: SendOptions | undefined,
): Promise<readonly OpResult[]> => {
  const results = await talkGeneric(open, trace, WIREGUARD, (conversation, family) =>
    sendOps(
      conversation,
      {
        encode: (op, writer) => encodeWireguard(op as OpOf<'link'>, family, writer, names),
        layouts: [{ first: family, last: family, header: GENL_HDRLEN - NLMSG_HDRLEN, names: WIREGUARD_NAMES }],
      },
      names,
      ops,
      options,
    ),
  );
  if (results !== undefined) return results;
  const error = new EncodeError('the kernel has no generic netlink family "wireguard"');
  return [{ ok: false, error: { errno: ERRNO.EOPNOTSUPP, name: error.code, message: error.message } }];
};
