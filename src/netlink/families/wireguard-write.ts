import type { Link } from '../../model/link.ts';
import { KEY_LENGTH, type PeerChange, peerChanges } from '../../model/link-kinds/wireguard.ts';
import type { OpOf } from '../../model/op.ts';
import { Secret } from '../../model/secret.ts';
import type { Value } from '../../model/value.ts';
import { EncodeError } from '../wire/codec-errors.ts';
import { indexOfLink, prefixAddress, prefixLength } from '../wire/codecs.ts';
import { AF } from '../wire/constants.ts';
import { writeGenericHeader } from '../wire/generic.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';
import { ALLOWEDIP, DEVICE, PEER, PEER_F, WG_CMD, WG_GENL_VERSION } from './wireguard-attributes.ts';
import { writeEndpoint } from './wireguard-endpoint.ts';

/** Writes what stands behind the nlmsghdr of a request for one device. */
export const writeDeviceRequest = (writer: MessageWriter, index: number): void => {
  writeGenericHeader(writer, WG_CMD.GET_DEVICE, WG_GENL_VERSION);
  writeU32(writer, DEVICE.IFINDEX, index);
};

const writeU32 = (writer: MessageWriter, type: number, value: number): void => {
  const at = writer.beginAttribute(type);
  writer.u32(value);
  writer.endAttribute(at);
};

const writeU16 = (writer: MessageWriter, type: number, value: number): void => {
  const at = writer.beginAttribute(type);
  writer.u16(value);
  writer.endAttribute(at);
};

const writeOctets = (writer: MessageWriter, type: number, octets: Uint8Array): void => {
  const at = writer.beginAttribute(type);
  writer.octets(octets);
  writer.endAttribute(at);
};

/** Octets of a key; none is all zeros. */
const keyOctets = (value: Value | undefined, what: string): Uint8Array => {
  if (value === null || value === undefined) return new Uint8Array(KEY_LENGTH);
  if (value instanceof Secret) return value.reveal();
  throw new EncodeError(`${what} is not known here: no record, snapshot or plan holds it`);
};

const writeAllowedIp = (writer: MessageWriter, i: number, prefix: string, names: LinkNames): void => {
  const isInet6 = prefix.includes(':');
  const item = writer.beginNest(i);
  writeU16(writer, ALLOWEDIP.FAMILY, isInet6 ? AF.INET6 : AF.INET);
  const at = writer.beginAttribute(ALLOWEDIP.IPADDR);
  prefixAddress.write(writer, prefix, names);
  writer.endAttribute(at);
  const mask = writer.beginAttribute(ALLOWEDIP.CIDR_MASK);
  writer.u8(prefixLength(prefix, isInet6 ? 128 : 32));
  writer.endAttribute(mask);
  writer.endAttribute(item);
};

const flagsOf = ({ kind, replacesAllowedIps }: PeerChange): number => {
  if (kind === 'gone') return PEER_F.REMOVE_ME;
  const replace = replacesAllowedIps ? PEER_F.REPLACE_ALLOWEDIPS : 0;
  return kind === 'new' ? replace : replace | PEER_F.UPDATE_ONLY;
};

const writePeer = (writer: MessageWriter, i: number, change: PeerChange, names: LinkNames): void => {
  const { peer, fields, allowedIps } = change;
  const item = writer.beginNest(i);
  writeOctets(writer, PEER.PUBLIC_KEY, Buffer.from(peer.public_key, 'base64'));
  writeU32(writer, PEER.FLAGS, flagsOf(change));
  if (fields.includes('preshared_key_file')) {
    const what = `the preshared key of peer ${peer.public_key}`;
    writeOctets(writer, PEER.PRESHARED_KEY, keyOctets(peer.preshared_key_file, what));
  }
  if (fields.includes('endpoint') && peer.endpoint !== null) {
    const at = writer.beginAttribute(PEER.ENDPOINT);
    writeEndpoint(writer, peer.endpoint, names);
    writer.endAttribute(at);
  }
  if (fields.includes('persistent_keepalive'))
    writeU16(writer, PEER.PERSISTENT_KEEPALIVE_INTERVAL, peer.persistent_keepalive);
  if (allowedIps.length > 0) {
    const list = writer.beginNest(PEER.ALLOWEDIPS);
    for (const [n, prefix] of allowedIps.entries()) writeAllowedIp(writer, n, prefix, names);
    writer.endAttribute(list);
  }
  writer.endAttribute(item);
};

const numberOf = (link: Link, name: string): number => {
  const value = link.options?.[name];
  if (typeof value === 'number') return value;
  throw new EncodeError(`link ${link.name}: ${name} is no number`);
};

/**
 * Writes the WG_CMD_SET_DEVICE of an operation of stage `wireguard`.
 * @param family the number of the family, which is the type of its messages
 * @throws {EncodeError} where a link cannot be named, or a key is not known
 */
export const encodeWireguard = (op: OpOf<'link'>, family: number, writer: MessageWriter, names: LinkNames): void => {
  const { object, before, fields = [] } = op;
  const { options = {} } = object;
  const has = (name: string): boolean => fields.includes(`options.${name}`);
  const index = indexOfLink(names, object.name);
  writer.begin(family, 0);
  writeGenericHeader(writer, WG_CMD.SET_DEVICE, WG_GENL_VERSION);
  writeU32(writer, DEVICE.IFINDEX, index);
  if (has('private_key_file')) {
    const octets = keyOctets(options.private_key_file, `the private key of ${object.name}`);
    writeOctets(writer, DEVICE.PRIVATE_KEY, octets);
  }
  if (has('listen_port')) writeU16(writer, DEVICE.LISTEN_PORT, numberOf(object, 'listen_port'));
  if (has('fwmark')) writeU32(writer, DEVICE.FWMARK, numberOf(object, 'fwmark'));
  if (has('peers')) {
    const list = writer.beginNest(DEVICE.PEERS);
    const changes = peerChanges(before?.options?.peers, options.peers);
    for (const [i, change] of changes.entries()) writePeer(writer, i, change, names);
    writer.endAttribute(list);
  }
  writer.end();
};
