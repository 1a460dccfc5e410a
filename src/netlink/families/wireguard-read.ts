import {
  KEY_LENGTH,
  presharedKey,
  privateKey,
  type WireguardPeer,
  writePeers,
} from '../../model/link-kinds/wireguard.ts';
import type { Value } from '../../model/value.ts';
import { eachAttribute } from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { address } from '../wire/codecs.ts';
import { GENL_HDRLEN } from '../wire/generic.ts';
import { readU8, readU16, readU32 } from '../wire/reader.ts';
import type { LinkNames, MessageView } from './codec.ts';
import { ALLOWEDIP, DEVICE, PEER } from './wireguard-attributes.ts';
import { readEndpoint } from './wireguard-endpoint.ts';

const expectLength = (name: string, length: number, bytes: Uint8Array, from: number, to: number): void => {
  if (to - from < length) throw new DecodeError(name, `payload of ${to - from} bytes`, bytes, from, to);
};

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const readKey = (name: string, bytes: Uint8Array, from: number, to: number): Uint8Array => {
  if (to - from !== KEY_LENGTH) throw new DecodeError(name, `key of ${to - from} bytes`, bytes, from, to);
  return bytes.subarray(from, to);
};

const readAllowedIp = (bytes: Uint8Array, start: number, end: number, names: LinkNames): string => {
  let ip: string | undefined;
  let length: number | undefined;
  eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === ALLOWEDIP.IPADDR) {
      if (!address.accepts(to - from)) throw new DecodeError('WGALLOWEDIP_A_IPADDR', 'no address', bytes, from, to);
      ip = address.read(bytes, from, to, names);
    } else if (type === ALLOWEDIP.CIDR_MASK) {
      expectLength('WGALLOWEDIP_A_CIDR_MASK', 1, bytes, from, to);
      length = readU8(bytes, from);
    }
  });
  if (ip === undefined || length === undefined)
    throw new DecodeError('WGPEER_A_ALLOWEDIPS', 'half a prefix', bytes, start, end);
  return `${ip}/${length}`;
};

const readPeer = (bytes: Uint8Array, start: number, end: number, names: LinkNames): WireguardPeer => {
  const peer: { -readonly [K in keyof WireguardPeer]: WireguardPeer[K] } = {
    public_key: '',
    preshared_key_file: null,
    endpoint: null,
    persistent_keepalive: 0,
    allowed_ips: [],
  };
  eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === PEER.PUBLIC_KEY) peer.public_key = toBase64(readKey('WGPEER_A_PUBLIC_KEY', bytes, from, to));
    else if (type === PEER.PRESHARED_KEY) {
      const key = readKey('WGPEER_A_PRESHARED_KEY', bytes, from, to);
      if (key.some((octet) => octet !== 0)) peer.preshared_key_file = presharedKey(key);
    } else if (type === PEER.ENDPOINT) peer.endpoint = readEndpoint(bytes, from, to, names);
    else if (type === PEER.PERSISTENT_KEEPALIVE_INTERVAL) {
      expectLength('WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL', 2, bytes, from, to);
      peer.persistent_keepalive = readU16(bytes, from);
    } else if (type === PEER.ALLOWEDIPS) {
      const prefixes: string[] = [];
      eachAttribute(bytes, from, to, (_type, begin, stop) => {
        prefixes.push(readAllowedIp(bytes, begin, stop, names));
      });
      peer.allowed_ips = prefixes;
    }
  });
  if (peer.public_key === '') throw new DecodeError('WGPEER_A_PUBLIC_KEY', 'missing', bytes, start, end);
  return peer;
};

/** What one message of a dump tells of a device. A peer with many prefixes goes on in the next one. */
export interface DevicePart {
  readonly options: Readonly<Record<string, Value>>;
  readonly peers: readonly WireguardPeer[];
}

/**
 * Reads a WG_CMD_GET_DEVICE reply.
 * @throws {DecodeError} without the bytes at fault, which may be those of a key
 */
export const readDeviceMessage = (message: MessageView, names: LinkNames): DevicePart => {
  try {
    return readPart(message, names);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(error.attribute, 'a message of WireGuard breaks the format', new Uint8Array(), 0, 0);
  }
};

const readPart = (message: MessageView, names: LinkNames): DevicePart => {
  const { bytes, end } = message;
  const options: Record<string, Value> = {};
  const peers: WireguardPeer[] = [];
  let secret: Uint8Array | undefined;
  let publicKey = '';
  eachAttribute(bytes, message.start + GENL_HDRLEN, end, (type, from, to) => {
    if (type === DEVICE.PRIVATE_KEY) secret = readKey('WGDEVICE_A_PRIVATE_KEY', bytes, from, to);
    else if (type === DEVICE.PUBLIC_KEY) publicKey = toBase64(readKey('WGDEVICE_A_PUBLIC_KEY', bytes, from, to));
    else if (type === DEVICE.LISTEN_PORT) {
      expectLength('WGDEVICE_A_LISTEN_PORT', 2, bytes, from, to);
      options.listen_port = readU16(bytes, from);
    } else if (type === DEVICE.FWMARK) {
      expectLength('WGDEVICE_A_FWMARK', 4, bytes, from, to);
      options.fwmark = readU32(bytes, from);
    } else if (type === DEVICE.PEERS) {
      eachAttribute(bytes, from, to, (_type, begin, stop) => {
        peers.push(readPeer(bytes, begin, stop, names));
      });
    }
  });
  if (secret !== undefined) options.private_key_file = privateKey(secret, publicKey);
  return { options, peers };
};

/** The options of a device, from all parts of its dump. */
export const joinDevice = (parts: readonly DevicePart[]): Readonly<Record<string, Value>> => {
  const peers = new Map<string, WireguardPeer>();
  for (const peer of parts.flatMap((part) => part.peers)) {
    const known = peers.get(peer.public_key);
    peers.set(
      peer.public_key,
      known === undefined ? peer : { ...known, allowed_ips: [...known.allowed_ips, ...peer.allowed_ips] },
    );
  }
  const list = [...peers.values()].map((peer) => ({ ...peer, allowed_ips: peer.allowed_ips.toSorted() }));
  const options = Object.assign({}, ...parts.map((part) => part.options)) as Record<string, Value>;
  return { private_key_file: null, ...options, peers: writePeers(list) };
};
