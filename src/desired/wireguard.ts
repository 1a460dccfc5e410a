import { canonicalAddress } from '../model/ip.ts';
import { readPeers } from '../model/link-kinds/wireguard.ts';
import { Secret } from '../model/secret.ts';
import type { Value } from '../model/value.ts';
import { type Entry, innerEntry } from './entry.ts';
import { isKeyText, type KeyFiles, publicKeyOf, readPresharedKey, readPrivateKey } from './key-files.ts';
import { checkLinkName, checkPrefix } from './scalars.ts';

type Section = Readonly<Record<string, Value>>;
type Peer = Readonly<Record<string, Value>>;

const MOST_PORT = 65535;

/**
 * The section of a WireGuard link with its keys in place of the files that hold them. A file that has not been read is left
 * out: the key is not managed then.
 */
export const resolveKeys = (section: Section | undefined, keys: KeyFiles): Section | undefined => {
  if (section === undefined) return undefined;
  const { private_key_file: own, peers, ...rest } = section;
  const bytes = typeof own === 'string' ? keys.get(own) : undefined;
  return {
    ...rest,
    ...(own === null ? { private_key_file: null } : {}),
    ...(bytes === undefined ? {} : { private_key_file: readPrivateKey(bytes) }),
    ...(peers === undefined ? {} : { peers: (peers as readonly Peer[]).map((peer) => resolvePeer(peer, keys)) }),
  };
};

const resolvePeer = (peer: Peer | undefined, keys: KeyFiles): Value => {
  const { preshared_key_file: path, ...rest } = peer ?? {};
  if (path === undefined || path === null) return { ...rest, ...(path === null ? { preshared_key_file: null } : {}) };
  const bytes = keys.get(String(path));
  return bytes === undefined ? rest : { ...rest, preshared_key_file: readPresharedKey(bytes) };
};

/** A key that the option holds already. */
export const readWireguardKey = (_entry: unknown, _key: string, value: Value): Value | undefined =>
  value === null || value instanceof Secret ? value : undefined;

/** `192.0.2.1:51820` or `[2001:db8::1]:51820`, in canonical form; undefined where it is neither. */
const readEndpoint = (entry: Entry<Peer>, text: string): string | undefined => {
  const match = /^(?:\[([0-9A-Fa-f:.]+)(?:%([^\]]+))?\]|([0-9.]+)):([0-9]{1,5})$/.exec(text);
  const [, inet6, zone, inet, portText] = match ?? [];
  const address = canonicalAddress(inet6 ?? inet ?? '');
  const port = Number(portText);
  const fits =
    address !== undefined && address.includes(':') === (inet6 !== undefined) && port > 0 && port <= MOST_PORT;
  if (!fits) {
    const hint = 'an address and a port: 192.0.2.1:51820, "[2001:db8::1]:51820"; names are not looked up';
    entry.problem('NR_BAD_VALUE', `endpoint "${text}" is not known`, 'endpoint', hint);
    return undefined;
  }
  if (zone !== undefined && !checkLinkName(entry, zone, 'endpoint')) return undefined;
  if (inet6 === undefined) return `${address}:${port}`;
  return `[${address}${zone === undefined ? '' : `%${zone}`}]:${port}`;
};

/** Prefixes with their lengths, sorted. */
const readAllowedIps = (entry: Entry<Peer>, list: readonly string[], taken: Map<string, string>): readonly string[] => {
  const found: string[] = [];
  const owner = String(entry.value.public_key);
  for (const [i, text] of list.entries()) {
    if (text === undefined) continue; // a gap: see fitEntry
    const prefix = checkPrefix(String(text));
    if (typeof prefix !== 'string') {
      entry.problems.add(prefix.code, `allowed_ips ${prefix.message}`, entry.valueAt('allowed_ips', i), prefix.hint);
      continue;
    }
    const full = prefix.includes('/') ? prefix : `${prefix}/${prefix.includes(':') ? 128 : 32}`;
    if (taken.has(full)) {
      const message = `allowed_ips ${full} is of two peers, and the kernel gives it to one`;
      const twice = taken.get(full) === owner ? `allowed_ips ${full} is listed twice` : message;
      entry.problems.add('NR_CONTRADICTION', twice, entry.valueAt('allowed_ips', i));
    }
    taken.set(full, owner);
    found.push(full);
  }
  return found.sort();
};

const readPeer = (entry: Entry<Peer>, taken: Map<string, string>): Value | undefined => {
  const {
    public_key: publicKey,
    preshared_key_file: preshared,
    endpoint,
    allowed_ips,
    persistent_keepalive,
  } = entry.value;
  if (!isKeyText(String(publicKey))) {
    entry.problem(
      'NR_KEY',
      'public_key is no key',
      'public_key',
      'a key is 44 characters of base64, as wg pubkey writes it',
    );
    return undefined;
  }
  const place = endpoint === undefined ? undefined : readEndpoint(entry, String(endpoint));
  return {
    public_key: publicKey as Value,
    ...(preshared === undefined ? {} : { preshared_key_file: preshared }),
    ...(place === undefined ? {} : { endpoint: place }),
    ...(persistent_keepalive === undefined
      ? {}
      : { persistent_keepalive: persistent_keepalive === 'off' ? 0 : persistent_keepalive }),
    ...(allowed_ips === undefined
      ? {}
      : { allowed_ips: readAllowedIps(entry, allowed_ips as readonly string[], taken) }),
  };
};

/** The peers of a link, in the model's form; undefined after reporting what is wrong. */
export const readWireguardPeers = (entry: Entry<Section>, key: string, value: Value): Value | undefined => {
  const before = entry.problems.count;
  const taken = new Map<string, string>();
  const peers = (value as readonly (Peer | undefined)[]).flatMap((item, i) =>
    item === undefined ? [] : (readPeer(innerEntry(entry, item, key, i), taken) ?? []),
  );
  const seen = new Set<string>();
  const own = entry.value.private_key_file;
  for (const [i, { public_key: publicKey }] of readPeers(peers).entries()) {
    if (seen.has(publicKey))
      entry.problems.add('NR_DUPLICATE', `peer ${publicKey} is listed twice`, entry.valueAt(key, i));
    seen.add(publicKey);
    if (own instanceof Secret && publicKeyOf(own.reveal()) === publicKey)
      entry.problems.add('NR_CONTRADICTION', 'a peer has the key of the link itself', entry.valueAt(key, i));
  }
  return entry.problems.count > before ? undefined : peers;
};
