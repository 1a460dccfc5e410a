import type { NameTables } from '../desired/names.ts';
import type { LinkAddress } from '../desired/schema.gen.ts';
import { type Address, FOREVER } from '../model/address.ts';
import { formatAddress, parseAddress } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';

const RT_SCOPE_HOST = 254;
const FLAGS = ['noprefixroute', 'nodad', 'home', 'mngtmpaddr', 'autojoin'] as const;

/** An address under its link: the short form where the length says it all. */
export const exportAddress = (address: Address, names: NameTables): string | LinkAddress => {
  const length = `/${address.prefixlen}`;
  const extras = exportExtras(address, names);
  if (address.peer !== undefined) return { address: address.address, peer: `${address.peer}${length}`, ...extras };
  const short = `${address.address}${length}`;
  return Object.keys(extras).length === 0 ? short : { address: short, ...extras };
};

const exportExtras = (address: Address, names: NameTables): Partial<LinkAddress> => {
  const { broadcast, label, dev, protocol, metric } = address;
  const validLft = lifetime(address.valid_lft);
  const preferredLft = lifetime(address.preferred_lft);
  return {
    ...(typeof broadcast === 'string' && { broadcast: broadcast === computedBroadcast(address) ? '+' : broadcast }),
    ...(isOddScope(address) && { scope: names.scopes.toName(address.scope ?? 0) }),
    // a label that `ip` would refuse is left as it is
    ...(label?.startsWith(`${dev}:`) && { label }),
    ...(validLft !== undefined && { valid_lft: validLft }),
    ...(preferredLft !== undefined && { preferred_lft: preferredLft }),
    ...(metric !== undefined && metric !== 0 && { metric }),
    ...Object.fromEntries(FLAGS.flatMap((flag) => (address[flag] === true ? [[flag, true]] : []))),
    ...(protocol !== undefined &&
      protocol !== 0 &&
      protocol !== NETRECON_PROTOCOL && { protocol: names.protocols.toName(protocol) }),
  };
};

/** Written where it is not the one that follows from the address; the kernel derives those of IPv6 itself. */
const isOddScope = ({ family, address, scope }: Address): boolean =>
  family === 'inet' && scope !== undefined && scope !== (address.startsWith('127.') ? RT_SCOPE_HOST : 0);

const lifetime = (seconds: number | undefined): number | undefined => (seconds === FOREVER ? undefined : seconds);

/** What `+` stands for. */
const computedBroadcast = ({ address, peer, prefixlen }: Address): string => {
  const bytes = parseAddress(peer ?? address) as Uint8Array;
  for (let bit = prefixlen; bit < 32; bit++) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return formatAddress(bytes);
};
