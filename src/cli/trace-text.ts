import type { TraceFrame } from '../netlink/channel.ts';
import { NLM_F, NLMSG, NLMSG_HDRLEN, RTM } from '../netlink/wire/constants.ts';
import { errnoName } from '../netlink/wire/errno.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(NLMSG).map(([name, type]) => [type, `NLMSG_${name}`] as const),
  ...Object.entries(RTM).map(([name, type]) => [type, `RTM_${name}`] as const),
]);

/** Commands by family of generic netlink: include/uapi/linux/genetlink.h, wireguard.h. */
const COMMANDS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  nlctrl: [undefined, 'CTRL_CMD_NEWFAMILY', undefined, 'CTRL_CMD_GETFAMILY'],
  wireguard: ['WG_CMD_GET_DEVICE', 'WG_CMD_SET_DEVICE'],
};

const nameOf = ({ type, generic, bytes }: TraceFrame): string => {
  if (generic === undefined) return NAMES.get(type) ?? `type ${type}`;
  const command = bytes[NLMSG_HDRLEN] ?? 0;
  return COMMANDS[generic]?.[command] ?? `${generic} ${command}`;
};

/** The modifiers of a request; the upper byte means REPLACE ... in a NEW request and DUMP in a GET request. */
const flagNames = (type: number, flags: number): readonly string[] => {
  const isRequest = (flags & NLM_F.REQUEST) !== 0;
  const isGet = NAMES.get(type)?.startsWith('RTM_GET') === true;
  return [
    ...((flags & NLM_F.ACK) === 0 ? [] : ['ACK']),
    ...((flags & NLM_F.ECHO) === 0 ? [] : ['ECHO']),
    ...((flags & NLM_F.MULTI) === 0 ? [] : ['MULTI']),
    ...((flags & NLM_F.DUMP_INTR) === 0 ? [] : ['DUMP_INTR']),
    ...(isRequest && isGet && (flags & NLM_F.DUMP) === NLM_F.DUMP ? ['DUMP'] : []),
    ...(isRequest && !isGet
      ? (['REPLACE', 'EXCL', 'CREATE', 'APPEND'] as const).filter((name) => (flags & NLM_F[name]) !== 0)
      : []),
  ];
};

/** The answer in an NLMSG_ERROR: int errno, 0 or negative, right after the header. */
const answerText = (frame: TraceFrame): string => {
  if (frame.type !== NLMSG.ERROR || frame.bytes.length < NLMSG_HDRLEN + 4) return '';
  const view = new DataView(frame.bytes.buffer, frame.bytes.byteOffset);
  const error = view.getInt32(NLMSG_HDRLEN, true);
  return error === 0 ? ' ok' : ` ${errnoName(-error)}`;
};

const hexLines = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return (hex.match(/.{1,64}/g) ?? []).map((line) => `    ${line.replace(/.{8}(?=.)/g, '$& ')}\n`).join('');
};

/** One netlink message on one line: `> RTM_NEWROUTE seq 12 ACK CREATE EXCL, 52 bytes`, with its bytes below if asked for. */
export const traceText = (frame: TraceFrame, withBytes: boolean): string => {
  const name = nameOf(frame);
  const flags = flagNames(frame.type, frame.flags).map((flag) => ` ${flag}`);
  const line = `${frame.direction === 'out' ? '>' : '<'} ${name} seq ${frame.sequence}${flags.join('')}${answerText(frame)}, ${frame.bytes.length} bytes\n`;
  return withBytes ? line + hexLines(frame.bytes) : line;
};
