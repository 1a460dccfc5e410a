import type { Link } from '../../model/link.ts';
import { peerChanges, readPeers, writePeers } from '../../model/link-kinds/wireguard.ts';
import type { Op } from '../../model/op.ts';
import { Secret } from '../../model/secret.ts';
import type { State } from '../../model/state.ts';

/** A preshared key that a transaction replaces. The record tells that it was, and never what it was. */
export interface ReplacedKey {
  readonly link: string;
  /** public key of the peer */
  readonly peer: string;
}

/** The preshared keys that an operation takes from peers which had one. */
export const replacedBy = (op: Op): readonly ReplacedKey[] => {
  if (op.kind !== 'link' || op.stage !== 'wireguard') return [];
  const before = op.before?.options?.peers;
  const had = new Set(
    readPeers(before).flatMap(({ public_key, preshared_key_file }) =>
      preshared_key_file === null ? [] : [public_key],
    ),
  );
  return peerChanges(before, op.object.options?.peers)
    .filter(
      ({ kind, fields, peer }) =>
        kind === 'changed' && fields.includes('preshared_key_file') && had.has(peer.public_key),
    )
    .map(({ peer }) => ({ link: op.object.name, peer: peer.public_key }));
};

/** What an operation would have to set and nobody here knows: the key was written down meanwhile (a saved plan, a record). */
export const unknownKeys = (op: Op): readonly string[] => {
  if (op.kind !== 'link' || op.stage !== 'wireguard') return [];
  const { object, before, fields = [] } = op;
  const isOwn = fields.includes('options.private_key_file') && typeof object.options?.private_key_file === 'string';
  const peers = peerChanges(before?.options?.peers, object.options?.peers).filter(
    ({ peer, fields: changed }) =>
      changed.includes('preshared_key_file') && typeof peer.preshared_key_file === 'string',
  );
  return [
    ...(isOwn ? [`the private key of ${object.name}`] : []),
    ...peers.map(({ peer }) => `the preshared key of peer ${peer.public_key}`),
  ];
};

/** What stands for a key that was replaced: equal to none, so that a rollback tries to put it back, and says that it cannot. */
const REPLACED = '(hidden, replaced since)';

/**
 * The state before a transaction, as it is to be recorded. A private key that was replaced shows by its public key; of a
 * preshared key nothing shows, and without this any would pass for the one that was there.
 */
export const withReplacedKeys = (before: State, replaced: readonly ReplacedKey[]): State => {
  if (replaced.length === 0) return before;
  const mark = (link: Link): Link => {
    const keys = new Set(replaced.flatMap((key) => (key.link === link.name ? [key.peer] : [])));
    if (keys.size === 0) return link;
    const peers = readPeers(link.options?.peers).map((peer) => {
      const key = peer.preshared_key_file;
      return keys.has(peer.public_key) && key instanceof Secret
        ? { ...peer, preshared_key_file: new Secret(key.reveal(), REPLACED) }
        : peer;
    });
    return { ...link, options: { ...link.options, peers: writePeers(peers) } };
  };
  return { ...before, link: before.link.map(mark) };
};
