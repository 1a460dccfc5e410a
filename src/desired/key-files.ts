import { createPrivateKey, createPublicKey } from 'node:crypto';
import { KEY_LENGTH, presharedKey, privateKey } from '../model/link-kinds/wireguard.ts';
import type { Secret } from '../model/secret.ts';
import type { Entry } from './entry.ts';
import { type FileReader, resolvePath, systemReason } from './read-inputs.ts';
import type { Link } from './schema.gen.ts';

/** What the files of keys hold, by their paths as the state file writes them. */
export type KeyFiles = ReadonlyMap<string, Uint8Array>;

const KEY_TEXT = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Whether text is a key, as `wg genkey` writes it: such text is never repeated. */
export const isKeyText = (text: string): boolean => KEY_TEXT.test(text);

/** Who else may read or change a file of keys (st_mode). */
const OTHERS = 0o077;

/** RFC 8410: an X25519 private key in PKCS #8, without its 32 octets. */
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The public key that belongs to a private one, in base64 (RFC 7748). */
export const publicKeyOf = (bytes: Uint8Array): string => {
  const der = Buffer.concat([PKCS8_X25519, bytes]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
};

/** As the kernel keeps it (curve25519_clamp_secret). */
const clamp = (bytes: Uint8Array): Uint8Array => {
  const clamped = Uint8Array.from(bytes);
  clamped[0] = (clamped[0] as number) & 248;
  clamped[31] = ((clamped[31] as number) & 127) | 64;
  return clamped;
};

export const readPrivateKey = (bytes: Uint8Array): Secret => privateKey(clamp(bytes), publicKeyOf(bytes));

export const readPresharedKey = (bytes: Uint8Array): Secret => presharedKey(bytes);

interface Named {
  readonly path: string;
  /** of the problem */
  readonly at: Parameters<Entry<unknown>['problems']['add']>[2];
}

const namedBy = (entry: Entry<Link>): readonly Named[] => {
  const { wireguard } = entry.value;
  const section = entry.place.members?.get('wireguard');
  const place = (member: typeof section, key: string) => member?.members?.get(key)?.start ?? entry.place.start;
  const sourceOf = (start: number) => entry.sourceAt(start);
  const own = wireguard?.private_key_file;
  const peers = section?.members?.get('peers')?.items;
  return [
    ...(typeof own !== 'string' ? [] : [{ path: own, at: sourceOf(place(section, 'private_key_file')) }]),
    ...(wireguard?.peers ?? []).flatMap((peer, i) => {
      const path = peer?.preshared_key_file;
      return typeof path === 'string' ? [{ path, at: sourceOf(place(peers?.[i], 'preshared_key_file')) }] : [];
    }),
  ];
};

/** Reads the one file; undefined after reporting what is wrong, never with what the file holds. */
const readKeyFile = async (
  { path, at }: Named,
  { problems, file }: Entry<Link>,
  { readKey }: Required<Pick<FileReader, 'readKey'>>,
): Promise<Uint8Array | undefined> => {
  if (isKeyText(path)) {
    problems.add(
      'NR_KEY',
      'a key stands where the name of its file belongs',
      at,
      'write the key to a file of mode 0600, and replace it: it may have been seen',
    );
    return undefined;
  }
  const resolved = resolvePath(path, file.name);
  let read: Awaited<ReturnType<typeof readKey>>;
  try {
    read = await readKey(resolved);
  } catch (error) {
    problems.add('NR_FILE', `cannot read key ${resolved}: ${systemReason(error)}`, at);
    return undefined;
  }
  if (read === undefined) {
    problems.warn('NR_KEY_UNREAD', `key ${resolved} cannot be read: it is not compared`, at, 'apply needs it');
    return undefined;
  }
  const text = read.text.trim();
  const bytes = isKeyText(text) ? Buffer.from(text, 'base64') : undefined;
  if (bytes?.length !== KEY_LENGTH || bytes.every((octet) => octet === 0)) {
    problems.add(
      'NR_KEY',
      `${resolved} holds no key`,
      at,
      'a key is one line of base64, as wg genkey and wg genpsk write it',
    );
    return undefined;
  }
  if ((read.mode & OTHERS) !== 0) {
    const mode = (read.mode & 0o777).toString(8).padStart(4, '0');
    problems.warn(
      'NR_KEY_MODE',
      `key ${resolved} has mode ${mode}: others than its owner may get at it`,
      at,
      `chmod 600 ${resolved}`,
    );
  }
  return bytes;
};

/** Reads every file of keys that a link names. Where keys are not asked for, there are none. */
export const readKeyFiles = async (entry: Entry<Link>, { readKey }: FileReader): Promise<KeyFiles> => {
  const keys = new Map<string, Uint8Array>();
  if (readKey === undefined || entry.value.state === 'absent') return keys;
  for (const named of namedBy(entry)) {
    const bytes = keys.get(named.path) ?? (await readKeyFile(named, entry, { readKey }));
    if (bytes !== undefined) keys.set(named.path, bytes);
  }
  return keys;
};
