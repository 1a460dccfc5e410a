import type { Link } from '../../model/link.ts';
import {
  type PeerChange,
  peerChanges,
  readPeers,
  type WireguardPeer,
  writePeers,
} from '../../model/link-kinds/wireguard.ts';
import { sameValue, type Value } from '../../model/value.ts';

/** What one message may hold: an attribute, and so the list of peers, ends at 64 KiB. */
const MOST_PEERS = 100;
const MOST_ALLOWED_IPS = 500;

const DEVICE_OPTIONS = ['private_key_file', 'listen_port', 'fwmark'] as const;

const slicesOf = (prefixes: readonly string[]): readonly (readonly string[])[] => {
  const count = Math.max(1, Math.ceil(prefixes.length / MOST_ALLOWED_IPS));
  return Array.from({ length: count }, (_, i) => prefixes.slice(i * MOST_ALLOWED_IPS, (i + 1) * MOST_ALLOWED_IPS));
};

/** Whether it would set a preshared key that has been written down meanwhile. */
const isLost = ({ peer, fields }: PeerChange): boolean =>
  fields.includes('preshared_key_file') && typeof peer.preshared_key_file === 'string';

/** The lists of peers that lead from one to another, each but one message away from the one before. */
const peerLists = (before: Value | undefined, after: Value | undefined): readonly Value[] => {
  const current = new Map<string, WireguardPeer>(readPeers(before).map((peer) => [peer.public_key, peer]));
  const lists: Value[] = [];
  let [peers, prefixes] = [0, 0];
  const close = (): void => {
    if (peers > 0) lists.push(writePeers([...current.values()]));
    [peers, prefixes] = [0, 0];
  };
  const changes = peerChanges(before, after);
  const lost = changes.filter(isLost);
  for (const change of changes) {
    const { kind, fields, allowedIps, replacesAllowedIps } = change;
    const isOnlyKey = fields.length === 1 && allowedIps.length === 0 && !replacesAllowedIps;
    if (isLost(change) && (kind === 'new' || isOnlyKey)) continue;
    const presentKey = current.get(change.peer.public_key)?.preshared_key_file ?? null;
    const peer = isLost(change) ? { ...change.peer, preshared_key_file: presentKey } : change.peer;
    let present = replacesAllowedIps ? [] : (current.get(peer.public_key)?.allowed_ips ?? []);
    for (const slice of slicesOf(allowedIps)) {
      if (peers === MOST_PEERS || (peers > 0 && prefixes + slice.length > MOST_ALLOWED_IPS)) close();
      present = [...present, ...slice].sort();
      if (kind === 'gone') current.delete(peer.public_key);
      else current.set(peer.public_key, { ...peer, allowed_ips: present });
      peers += 1;
      prefixes += slice.length;
    }
  }
  close();
  for (const { peer } of lost) {
    current.set(peer.public_key, peer);
    peers = 1;
    close();
  }
  return lists;
};

/** One message to the device: the fields that it changes, and the link before and behind it. */
interface WireguardStep {
  readonly object: Link;
  readonly before: Link;
  readonly fields: readonly string[];
}

/**
 * The messages that bring a WireGuard device to what it shall be: the device itself, then its peers. Keys that have been
 * written down cannot be set any more: they come last, each by itself, so that all else is in place.
 */
export const wireguardSteps = (object: Link, before: Link): readonly WireguardStep[] => {
  const wanted = object.options ?? {};
  const steps: WireguardStep[] = [];
  let current = before;
  const step = (options: Readonly<Record<string, Value>>): void => {
    const next = { ...object, options: { ...current.options, ...options } };
    steps.push({ object: next, before: current, fields: Object.keys(options).map((name) => `options.${name}`) });
    current = next;
  };
  const changed = DEVICE_OPTIONS.filter(
    (name) => wanted[name] !== undefined && !sameValue(wanted[name], before.options?.[name]),
  );
  const lost = changed.filter((name) => name === 'private_key_file' && typeof wanted[name] === 'string');
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, wanted[name] as Value]));
  const known = changed.filter((name) => !lost.includes(name));
  if (known.length > 0) step(pick(known));
  if (wanted.peers !== undefined) {
    for (const peers of peerLists(before.options?.peers, wanted.peers)) step({ peers });
  }
  if (lost.length > 0) step(pick(lost));
  return steps;
};
