import { type Address, FOREVER } from '../model/address.ts';
import type { Declared } from '../model/desired.ts';
import { addressBits, type Family, formatAddress, parseAddress } from '../model/ip.ts';
import { declare, type Entry, fieldSources, isOn, resolveName, type Surroundings } from './entry.ts';
import { readAddress, readInterfaceAddress, readLifetime } from './scalars.ts';
import type { LinkAddress } from './schema.gen.ts';

const FLAGS = ['noprefixroute', 'nodad', 'home', 'mngtmpaddr', 'autojoin'] as const;
const INET_ONLY = ['broadcast', 'label'] as const;
const INET6_ONLY = ['nodad', 'home', 'mngtmpaddr'] as const;

/**
 * An address as the file writes it, in the model's form. What is not written is not managed, so it stays absent.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeAddress = (
  entry: Entry<LinkAddress>,
  dev: string,
  { names }: Surroundings,
): Declared<Address> | undefined => {
  const { value } = entry;
  const ends = readEnds(entry);
  if (ends === undefined) return undefined;
  const before = entry.problems.count;
  refuseOtherFamily(entry, ends.family);
  const flags = Object.fromEntries(
    FLAGS.flatMap((flag) => (value[flag] === undefined ? [] : [[flag, isOn(value[flag])]])),
  );
  const lifetime = (key: 'valid_lft' | 'preferred_lft') =>
    value[key] === undefined ? undefined : readLifetime(entry, key, value[key], FOREVER);
  const validLft = lifetime('valid_lft');
  const preferredLft = lifetime('preferred_lft');
  if (preferredLft !== undefined && preferredLft > (validLft ?? FOREVER)) {
    entry.problem('NR_CONTRADICTION', `preferred_lft is longer than valid_lft`, 'preferred_lft');
  }
  if (value.label !== undefined) checkLabel(entry, value.label, dev);
  const broadcast = readBroadcast(entry, ends);
  const scope =
    value.scope === undefined ? undefined : resolveName(entry, 'scope', names.scopes, { file: 'rt_scopes', max: 255 });
  const protocol =
    value.protocol === undefined
      ? undefined
      : resolveName(entry, 'protocol', names.protocols, { file: 'rt_protos', max: 255 });
  if (entry.problems.count > before) return undefined;
  const object: Address = {
    dev,
    ...ends,
    ...(broadcast !== undefined && { broadcast }),
    ...(scope !== undefined && { scope }),
    ...(value.label !== undefined && { label: value.label }),
    ...(validLft !== undefined && { valid_lft: validLft }),
    ...(preferredLft !== undefined && { preferred_lft: preferredLft }),
    ...(value.metric !== undefined && { metric: value.metric }),
    ...flags,
    ...(protocol !== undefined && { protocol }),
  };
  return declare(entry, object, fieldSources(entry, { state: null, adopt: null }));
};

interface Ends {
  readonly family: Family;
  readonly address: string;
  readonly prefixlen: number;
  readonly peer?: string;
}

/** Both ends; the kernel keeps one length, that of the far end where there is one (IFA_ADDRESS). */
const readEnds = (entry: Entry<LinkAddress>): Ends | undefined => {
  const local = readInterfaceAddress(entry, 'address', entry.value.address);
  if (local === undefined) return undefined;
  const far = entry.value.peer === undefined ? undefined : readInterfaceAddress(entry, 'peer', entry.value.peer);
  if (entry.value.peer !== undefined && far === undefined) return undefined;
  if (far !== undefined && far.family !== local.family) {
    entry.problem('NR_CONTRADICTION', `peer ${far.address} is of another family than ${local.address}`, 'peer');
    return undefined;
  }
  if (far?.length !== undefined && local.length !== undefined && far.length !== local.length) {
    entry.problem(
      'NR_CONTRADICTION',
      `one length counts for both ends, but /${local.length} and /${far.length} are written`,
      'peer',
      'write the length with the peer only',
    );
    return undefined;
  }
  const prefixlen = far?.length ?? local.length ?? (far === undefined ? undefined : addressBits(local.family));
  if (prefixlen === undefined) {
    const host = addressBits(local.family);
    entry.problem(
      'NR_BAD_PREFIX',
      `address ${local.address} has no prefix length`,
      'address',
      `write ${local.address}/${host} for a single host, or the length of its network`,
    );
    return undefined;
  }
  const peer = far !== undefined && far.address !== local.address ? far.address : undefined;
  return { family: local.family, address: local.address, prefixlen, ...(peer !== undefined && { peer }) };
};

const refuseOtherFamily = (entry: Entry<LinkAddress>, family: Family): void => {
  for (const key of family === 'inet' ? INET6_ONLY : INET_ONLY) {
    if (entry.value[key] === undefined || entry.value[key] === false || entry.value[key] === null) continue;
    entry.problem('NR_CONTRADICTION', `an ${family === 'inet' ? 'IPv4' : 'IPv6'} address has no ${key}`, key);
  }
};

/** ipaddr_modify of `ip`: other labels are refused there, and tools that list addresses by link rely on it. */
const checkLabel = (entry: Entry<LinkAddress>, label: string, dev: string): void => {
  if (label === dev || label.startsWith(`${dev}:`)) return;
  entry.problem(
    'NR_CONTRADICTION',
    `label "${label}" must be "${dev}" or begin with "${dev}:"`,
    'label',
    `${dev}:${label}`.slice(0, 15),
  );
};

/** null = none, undefined = not managed. */
const readBroadcast = (entry: Entry<LinkAddress>, ends: Ends): string | null | undefined => {
  const written = entry.value.broadcast;
  if (written === undefined || ends.family === 'inet6') return undefined;
  if (written === null || written === '-') return null;
  if (written !== '+') {
    const address = readAddress(entry, 'broadcast', written);
    if (address?.includes(':'))
      entry.problem('NR_CONTRADICTION', 'a broadcast address is an IPv4 address', 'broadcast');
    return address;
  }
  const bytes = parseAddress(ends.peer ?? ends.address) as Uint8Array;
  for (let bit = ends.prefixlen; bit < 32; bit++) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return formatAddress(bytes);
};
