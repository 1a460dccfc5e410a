import type { Link } from '../model/link.ts';
import { presharedKey, readPeers, writePeers } from '../model/link-kinds/wireguard.ts';
import { Secret } from '../model/secret.ts';
import type { Value } from '../model/value.ts';
import type { NamespaceRecord } from '../reconcile/transaction/record.ts';
import type { Host } from './host.ts';

/** The keys of one link, in base64. */
interface LinkKeys {
  readonly own?: string;
  /** by the public key of the peer */
  readonly preshared: Readonly<Record<string, string>>;
}
/** By the namespace ('' is the one at hand) and the name of the link. */
type Keys = Readonly<Record<string, LinkKeys>>;

const keyOf = (netns: string, link: string): string => `${netns}/${link}`;

const toText = (secret: Secret): string => Buffer.from(secret.reveal()).toString('base64');

const keysOf = ({ options }: Link): LinkKeys => {
  const own = options?.private_key_file;
  const preshared = readPeers(options?.peers).flatMap(({ public_key, preshared_key_file: key }) =>
    key instanceof Secret ? [[public_key, toText(key)] as const] : [],
  );
  return { ...(own instanceof Secret ? { own: toText(own) } : {}), preshared: Object.fromEntries(preshared) };
};

/** A record with other links in the states that it goes back to. */
const mapLinks = (record: NamespaceRecord, map: (link: Link, netns: string) => Link): NamespaceRecord => {
  const { transaction } = record;
  if (transaction === undefined) return record;
  const { before, world } = transaction;
  const namespaces = world?.namespaces.map((each) => ({
    ...each,
    before: { ...each.before, link: each.before.link.map((link) => map(link, each.name)) },
  }));
  return {
    ...record,
    transaction: {
      ...transaction,
      before: { ...before, link: before.link.map((link) => map(link, '')) },
      ...(world === undefined || namespaces === undefined ? {} : { world: { ...world, namespaces } }),
    },
  };
};

/**
 * The keys that a record cannot hold, for the one pipe that leads from an apply to its guardian: what reverts it later has
 * only the record otherwise. '' where there are none.
 */
export const packKeys = (record: NamespaceRecord | undefined): string => {
  const keys: Record<string, LinkKeys> = {};
  if (record !== undefined) {
    mapLinks(record, (link, netns) => {
      if (link.kind === 'wireguard') keys[keyOf(netns, link.name)] = keysOf(link);
      return link;
    });
  }
  return Object.keys(keys).length === 0 ? '' : JSON.stringify(keys);
};

const giveKeys = (link: Link, keys: LinkKeys | undefined): Link => {
  const shown = link.options?.private_key_file;
  if (keys === undefined || link.options === undefined) return link;
  const own: Record<string, Value> =
    keys.own !== undefined && typeof shown === 'string'
      ? { private_key_file: new Secret(Buffer.from(keys.own, 'base64'), shown) }
      : {};
  const peers = readPeers(link.options.peers).map((peer) => {
    const text = keys.preshared[peer.public_key];
    return text === undefined ? peer : { ...peer, preshared_key_file: presharedKey(Buffer.from(text, 'base64')) };
  });
  return { ...link, options: { ...link.options, ...own, peers: writePeers(peers) } };
};

/** The host with a record that has its keys again, as `packKeys` took them out of it. */
export const withKeys = (host: Host, packed: string): Host => {
  if (packed === '') return host;
  const keys = JSON.parse(packed) as Keys;
  const { records } = host.state;
  const read = (): NamespaceRecord | undefined => {
    const record = records.read();
    return record && mapLinks(record, (link, netns) => giveKeys(link, keys[keyOf(netns, link.name)]));
  };
  return { ...host, state: { ...host.state, records: { ...records, read } } };
};
