import { Secret } from '../secret.ts';
import { sameValue, type Value } from '../value.ts';
import type { LinkKindSpec, OptionSpec } from './spec.ts';

type Options = Readonly<Record<string, Value>>;

/** Octets of every key of WireGuard (WG_KEY_LEN). */
export const KEY_LENGTH = 32;

/** Somebody at the other end of a tunnel, in the words of wg(8). A key that has been written down is what it shows. */
export interface WireguardPeer {
  /** base64; tells peers apart */
  readonly public_key: string;
  /** null: none */
  readonly preshared_key_file: Secret | string | null;
  /** `192.0.2.1:51820`, `[2001:db8::1]:51820`; null: not known yet */
  readonly endpoint: string | null;
  /** seconds, 0 = off */
  readonly persistent_keepalive: number;
  /** prefixes, sorted */
  readonly allowed_ips: readonly string[];
}

/** A private key: only the public one that belongs to it is ever shown. */
export const privateKey = (bytes: Uint8Array, publicKey: string): Secret =>
  new Secret(bytes, `(hidden, its public key is ${publicKey})`);

export const presharedKey = (bytes: Uint8Array): Secret => new Secret(bytes, '(hidden)');

/** Reads the list that stands for peers in the model. */
export const readPeers = (value: Value | undefined): readonly WireguardPeer[] =>
  (value ?? []) as unknown as readonly WireguardPeer[];

/** The list that `readPeers` reads; of equal peers it is the same list. */
export const writePeers = (peers: readonly WireguardPeer[]): Value => {
  const byKey = (a: WireguardPeer, b: WireguardPeer): number => (a.public_key < b.public_key ? -1 : 1);
  return peers.toSorted(byKey) as unknown as Value;
};

const NEW_PEER: Omit<WireguardPeer, 'public_key'> = {
  preshared_key_file: null,
  endpoint: null,
  persistent_keepalive: 0,
  allowed_ips: [],
};

/** What the file does not say of a peer stays as it is; a new peer has nothing of it. */
/** A key that has been written down, and is still in the kernel, is the one that is there. */
const knownKey = (written: Value, present: Value | undefined): Value =>
  present !== undefined && sameValue(written, present) ? present : written;

/** Any port will do: the one that there is does. */
const anyPort = (written: Value, present: Value | undefined): Value =>
  written === 0 && present !== undefined ? present : written;

const completePeers = (written: Value, present: Value | undefined): Value => {
  const known = new Map(readPeers(present).map((peer) => [peer.public_key, peer]));
  const complete = (peer: WireguardPeer): WireguardPeer => {
    const there = known.get(peer.public_key);
    const key = peer.preshared_key_file;
    const isThere = there !== undefined && key !== undefined && sameValue(key, there.preshared_key_file);
    return {
      ...(there ?? NEW_PEER),
      ...peer,
      ...(isThere ? { preshared_key_file: there.preshared_key_file } : {}),
    };
  };
  return writePeers(readPeers(written).map(complete));
};

/** Without the names of files that hold keys, of which the kernel knows nothing. */
const exportPeers = (value: Value): Value =>
  readPeers(value).map(({ public_key, endpoint, persistent_keepalive, allowed_ips }) => ({
    public_key,
    ...(endpoint === null ? {} : { endpoint }),
    ...(persistent_keepalive === 0 ? {} : { persistent_keepalive }),
    ...(allowed_ips.length === 0 ? {} : { allowed_ips }),
  }));

/** An option of the device. Only who may change the device is told of them (GENL_UNS_ADMIN_PERM). */
const device = (spec: Omit<OptionSpec, 'stage' | 'change' | 'shownInstead'>): OptionSpec => ({
  ...spec,
  stage: 'wireguard',
  change: 'inPlace',
  shownInstead: (options) => (isTold(options) ? undefined : null),
});

/** Whether the kernel told of the device: it then tells of its port in any case. */
const isTold = (options: Options): boolean => options.listen_port !== undefined;

/** An encrypted tunnel to each of its peers: wg(8), include/uapi/linux/wireguard.h. */
export const wireguard: LinkKindSpec = {
  kind: 'wireguard',
  parent: 'none',
  noLladdr: true,
  options: {
    private_key_file: device({
      attr: 'WGDEVICE_A_PRIVATE_KEY',
      type: 3,
      codec: { struct: 'wireguardKey' },
      default: null,
      complete: knownKey,
      exported: () => undefined,
    }),
    // a device that comes up without one chooses one
    listen_port: device({
      attr: 'WGDEVICE_A_LISTEN_PORT',
      type: 6,
      codec: 'u16',
      max: 65535,
      default: 0,
      complete: anyPort,
    }),
    fwmark: device({ attr: 'WGDEVICE_A_FWMARK', type: 7, codec: 'u32', default: 0 }),
    peers: device({
      attr: 'WGDEVICE_A_PEERS',
      type: 8,
      codec: { struct: 'wireguardPeers' },
      default: [],
      complete: completePeers,
      exported: exportPeers,
    }),
  },
};

/** What one message changes of a peer. */
export interface PeerChange {
  readonly peer: WireguardPeer;
  readonly kind: 'new' | 'changed' | 'gone';
  /** the fields that it carries */
  readonly fields: readonly Exclude<keyof WireguardPeer, 'public_key' | 'allowed_ips'>[];
  /** prefixes that are added, or, where some leave, all that there are */
  readonly allowedIps: readonly string[];
  readonly replacesAllowedIps: boolean;
}

const PEER_FIELDS = ['preshared_key_file', 'endpoint', 'persistent_keepalive'] as const;

const goneChange = (peer: WireguardPeer): PeerChange => ({
  peer,
  kind: 'gone',
  fields: [],
  allowedIps: [],
  replacesAllowedIps: false,
});

const changesOf = (peer: WireguardPeer, before: WireguardPeer | undefined): readonly PeerChange[] => {
  // the kernel forgets no endpoint, but with its peer
  if (before !== undefined && before.endpoint !== null && peer.endpoint === null)
    return [goneChange(before), ...changesOf(peer, undefined)];
  const present = before ?? { ...NEW_PEER, public_key: peer.public_key };
  const fields = PEER_FIELDS.filter((field) => !sameValue(peer[field], present[field]));
  const had = new Set(present.allowed_ips);
  const has = new Set(peer.allowed_ips);
  const replacesAllowedIps = present.allowed_ips.some((prefix) => !has.has(prefix));
  const allowedIps = replacesAllowedIps ? peer.allowed_ips : peer.allowed_ips.filter((prefix) => !had.has(prefix));
  if (before === undefined) return [{ peer, kind: 'new', fields, allowedIps, replacesAllowedIps: true }];
  if (fields.length === 0 && allowedIps.length === 0 && !replacesAllowedIps) return [];
  return [{ peer, kind: 'changed', fields, allowedIps, replacesAllowedIps }];
};

/** What differs between two lists of peers: those that go first, so that what they were allowed is free. */
export const peerChanges = (before: Value | undefined, after: Value | undefined): readonly PeerChange[] => {
  const old = new Map(readPeers(before).map((peer) => [peer.public_key, peer]));
  const next = readPeers(after);
  const kept = new Set(next.map(({ public_key }) => public_key));
  const gone = [...old.values()].filter(({ public_key }) => !kept.has(public_key));
  return [...gone.map(goneChange), ...next.flatMap((peer) => changesOf(peer, old.get(peer.public_key)))];
};
