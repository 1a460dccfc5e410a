import { type PeerChange, peerChanges, readPeers, type WireguardPeer } from '../model/link-kinds/wireguard.ts';
import type { Value } from '../model/value.ts';

/** `KEY preshared key (hidden) endpoint 192.0.2.1:51820 allowed ips 10.0.0.0/24`, in the words of `wg show`. */
const peerText = (peer: WireguardPeer): string =>
  [
    peer.public_key,
    ...(peer.preshared_key_file === null ? [] : [`preshared key ${peer.preshared_key_file}`]),
    ...(peer.endpoint === null ? [] : [`endpoint ${peer.endpoint}`]),
    ...(peer.allowed_ips.length === 0 ? [] : [`allowed ips ${peer.allowed_ips.join(' ')}`]),
    ...(peer.persistent_keepalive === 0 ? [] : [`persistent keepalive ${peer.persistent_keepalive}`]),
  ].join(' ');

/** Every peer of a link, whole. */
export const peersText = (value: Value): string => {
  const peers = readPeers(value);
  return peers.length === 0 ? 'none' : peers.map(peerText).join(', ');
};

const keepaliveText = (seconds: number): string => (seconds === 0 ? 'off' : `${seconds}`);

const changedText = ({ peer }: PeerChange, before: WireguardPeer, fields: readonly string[]): string => {
  const gone = before.allowed_ips.filter((prefix) => !peer.allowed_ips.includes(prefix));
  const come = peer.allowed_ips.filter((prefix) => !before.allowed_ips.includes(prefix));
  const parts = [
    ...(fields.includes('preshared_key_file') ? ['another preshared key'] : []),
    ...(fields.includes('endpoint') ? [`endpoint ${before.endpoint ?? 'none'} -> ${peer.endpoint ?? 'none'}`] : []),
    ...(fields.includes('persistent_keepalive')
      ? [
          `persistent keepalive ${keepaliveText(before.persistent_keepalive)} -> ${keepaliveText(peer.persistent_keepalive)}`,
        ]
      : []),
    ...(come.length + gone.length === 0
      ? []
      : [`allowed ips ${[...come.map((prefix) => `+${prefix}`), ...gone.map((prefix) => `-${prefix}`)].join(' ')}`]),
  ];
  return parts.join(', ');
};

/** A line for each peer that comes, goes or changes. */
export const peerChangeLines = (before: Value | undefined, after: Value | undefined): readonly string[] => {
  const old = new Map(readPeers(before).map((peer) => [peer.public_key, peer]));
  return peerChanges(before, after).map((change): string => {
    const { peer, kind, fields } = change;
    const present = old.get(peer.public_key);
    if (kind === 'gone') return `- ${peer.public_key}`;
    if (kind === 'new' || present === undefined) return `+ ${peerText(peer)}`;
    return `~ ${peer.public_key} ${changedText(change, present, fields)}`;
  });
};
