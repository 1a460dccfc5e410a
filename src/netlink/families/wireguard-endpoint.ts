import { DecodeError } from '../wire/codec-errors.ts';
import { address, indexOfLink } from '../wire/codecs.ts';
import { AF } from '../wire/constants.ts';
import { readBe16, readU16, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';

/** struct sockaddr_in: u16 family, be16 port, 4 octets, 8 of padding. */
const SOCKADDR_IN_LENGTH = 16;
/** struct sockaddr_in6: u16 family, be16 port, be32 flow, 16 octets, u32 scope. */
const SOCKADDR_IN6_LENGTH = 28;

/**
 * A socket address as `192.0.2.1:51820` or `[fe80::1%eth0]:51820`.
 * @throws {DecodeError}
 */
export const readEndpoint = (bytes: Uint8Array, from: number, to: number, names: LinkNames): string => {
  const length = to - from;
  const family = length < 2 ? AF.UNSPEC : readU16(bytes, from);
  if (family === AF.INET && length >= SOCKADDR_IN_LENGTH)
    return `${address.read(bytes, from + 4, from + 8, names)}:${readBe16(bytes, from + 2)}`;
  if (family !== AF.INET6 || length < SOCKADDR_IN6_LENGTH)
    throw new DecodeError('WGPEER_A_ENDPOINT', `address of ${length} bytes`, bytes, from, to);
  const scope = readU32(bytes, from + 24);
  const zone = scope === 0 ? '' : `%${names.nameOf(scope) ?? scope}`;
  return `[${address.read(bytes, from + 8, from + 24, names)}${zone}]:${readBe16(bytes, from + 2)}`;
};

/**
 * Writes the socket address that `readEndpoint` reads.
 * @throws {EncodeError} where its link cannot be named
 */
export const writeEndpoint = (writer: MessageWriter, text: string, names: LinkNames): void => {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (!text.startsWith('[')) {
    writer.u16(AF.INET);
    writer.be16(port);
    address.write(writer, text.slice(0, colon), names);
    writer.zeros(8);
    return;
  }
  const [host = '', zone] = text.slice(1, colon - 1).split('%');
  writer.u16(AF.INET6);
  writer.be16(port);
  writer.zeros(4);
  address.write(writer, host, names);
  writer.u32(zone === undefined ? 0 : /^[0-9]+$/.test(zone) ? Number(zone) : indexOfLink(names, zone));
};
