import { type Address, FOREVER } from '../../model/address.ts';
import type { Family } from '../../model/ip.ts';
import {
  type IpObject,
  type IpReading,
  isSet,
  numberIn,
  objectsIn,
  requireAddress,
  requireNumber,
  requireText,
  textIn,
} from './ip-json.ts';

const FILE = 'addr.json';

const readAddress = (dev: string, info: IpObject, { names, gaps }: IpReading): Address => {
  const family = requireText(info, 'family', FILE) as Family;
  const address = requireAddress(textIn(info.local), FILE);
  const peer = textIn(info.address);
  const protocol = textIn(info.protocol);
  if (protocol === undefined) {
    gaps.add('which addresses netrecon made: this ip prints no protocol of addresses, so they count as made by hand');
  }
  const valid = numberIn(info.valid_life_time) ?? FOREVER;
  return {
    dev,
    family,
    address,
    prefixlen: numberIn(info.prefixlen) ?? (family === 'inet' ? 32 : 128),
    ...(peer === undefined ? {} : { peer: requireAddress(peer, FILE) }),
    scope: requireNumber(textIn(info.scope) ?? '0', names.scope, FILE),
    valid_lft: valid,
    preferred_lft: numberIn(info.preferred_life_time) ?? FOREVER,
    metric: numberIn(info.metric) ?? 0,
    noprefixroute: isSet(info, 'noprefixroute'),
    autojoin: isSet(info, 'autojoin'),
    protocol: ADDRESS_PROTOCOLS[protocol ?? ''] ?? names.protocol(protocol ?? '0') ?? 0,
    dynamic: isSet(info, 'dynamic'),
    ...(family === 'inet'
      ? {
          broadcast: textIn(info.broadcast) ?? null,
          label: textIn(info.label) ?? dev,
          secondary: isSet(info, 'secondary'),
        }
      : {
          nodad: isSet(info, 'nodad'),
          home: isSet(info, 'home'),
          mngtmpaddr: isSet(info, 'mngtmpaddr'),
          temporary: isSet(info, 'temporary'),
          tentative: isSet(info, 'tentative'),
          dadfailed: isSet(info, 'dadfailed'),
        }),
  };
};

/** IFAPROT_* by iproute2's words (ipaddress.c). */
const ADDRESS_PROTOCOLS: Readonly<Record<string, number>> = { kernel_lo: 1, kernel_ra: 2, kernel_ll: 3 };

/** What `ip -d -j addr show` says. */
export const readAddresses = (objects: readonly IpObject[], reading: IpReading): readonly Address[] =>
  objects.flatMap((object) => {
    const dev = requireText(object, 'ifname', FILE);
    return objectsIn(object.addr_info).map((info) => readAddress(dev, info, reading));
  });
