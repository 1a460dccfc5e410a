import type { Link, LinkConf } from '../../model/link.ts';
import { type AttributeNames, eachAttribute } from '../wire/attributes.ts';
import { AF } from '../wire/constants.ts';
import { readS32, readU8 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';

/** include/uapi/linux/if_link.h. */
const IFLA_AF_SPEC = 26;
const IFLA_INET_CONF = 1;
const IFLA_INET6_CONF = 2;
const IFLA_INET6_ADDR_GEN_MODE = 8;

/** Places in the u32 array of IFLA_INET_CONF: IPV4_DEVCONF_* - 1 (include/uapi/linux/ip.h counts from 1). */
const INET_CONF = { PROMOTE_SECONDARIES: 19, IGNORE_ROUTES_WITH_LINKDOWN: 28 } as const;
/** Places in the s32 array of IFLA_INET6_CONF: DEVCONF_* (include/uapi/linux/ipv6.h counts from 0). */
const INET6_CONF = { DISABLE_IPV6: 26, IGNORE_ROUTES_WITH_LINKDOWN: 39, KEEP_ADDR_ON_DOWN: 42 } as const;

/** IN6_ADDR_GEN_MODE_*: include/uapi/linux/if_link.h. */
const ADDR_GEN_MODES: readonly NonNullable<Link['addrgenmode']>[] = ['eui64', 'none', 'stable_secret', 'random'];

/** Names within IFLA_AF_SPEC, whose attributes are numbered by address family. */
const INET6_NAMES: (AttributeNames | undefined)[] = [];
INET6_NAMES[IFLA_INET6_CONF] = { name: 'IFLA_INET6_CONF', type: IFLA_INET6_CONF };
INET6_NAMES[IFLA_INET6_ADDR_GEN_MODE] = { name: 'IFLA_INET6_ADDR_GEN_MODE', type: IFLA_INET6_ADDR_GEN_MODE };
export const AF_SPEC_NAMES: (AttributeNames | undefined)[] = [];
AF_SPEC_NAMES[AF.INET] = {
  name: 'AF_INET',
  type: AF.INET,
  nested: { names: [undefined, { name: 'IFLA_INET_CONF', type: IFLA_INET_CONF }] },
};
AF_SPEC_NAMES[AF.INET6] = { name: 'AF_INET6', type: AF.INET6, nested: { names: INET6_NAMES } };

/** What IFLA_AF_SPEC says of a link. */
export interface AfSpec {
  readonly conf: LinkConf;
  readonly addrgenmode: Link['addrgenmode'];
}

/** One switch of an array; kernels that know fewer of them send a shorter one. */
const isOn = (bytes: Uint8Array, start: number, end: number, place: number): boolean =>
  start + 4 * place + 4 <= end && readS32(bytes, start + 4 * place) > 0;

/**
 * Reads IFLA_AF_SPEC: the settings of the device itself, before conf/all is counted in. Without an IPv6 part the link has no
 * IPv6 at all (MTU below 1280, or a kernel without it).
 * @throws {DecodeError}
 */
export const readAfSpec = (bytes: Uint8Array, start: number, end: number): AfSpec => {
  let promote = false;
  let linkdown = false;
  let linkdown6 = false;
  let keep = false;
  let disabled = true;
  let addrgenmode: Link['addrgenmode'];
  eachAttribute(bytes, start, end, (family, from, to) => {
    if (family !== AF.INET && family !== AF.INET6) return;
    eachAttribute(bytes, from, to, (type, at, stop) => {
      if (family === AF.INET && type === IFLA_INET_CONF) {
        promote = isOn(bytes, at, stop, INET_CONF.PROMOTE_SECONDARIES);
        linkdown = isOn(bytes, at, stop, INET_CONF.IGNORE_ROUTES_WITH_LINKDOWN);
      } else if (family === AF.INET6 && type === IFLA_INET6_CONF) {
        disabled = isOn(bytes, at, stop, INET6_CONF.DISABLE_IPV6);
        linkdown6 = isOn(bytes, at, stop, INET6_CONF.IGNORE_ROUTES_WITH_LINKDOWN);
        keep = isOn(bytes, at, stop, INET6_CONF.KEEP_ADDR_ON_DOWN);
      } else if (family === AF.INET6 && type === IFLA_INET6_ADDR_GEN_MODE && stop > at) {
        addrgenmode = ADDR_GEN_MODES[readU8(bytes, at)];
      }
    });
  });
  return {
    conf: {
      promote_secondaries: promote,
      keep_addr_on_down: keep,
      disable_ipv6: disabled,
      ignore_routes_with_linkdown: linkdown || linkdown6,
    },
    addrgenmode,
  };
};

/** Writes IFLA_AF_SPEC with nothing but the way IPv6 addresses are generated. */
export const writeAddrGenMode = (writer: MessageWriter, mode: NonNullable<Link['addrgenmode']>): void => {
  const spec = writer.beginNest(IFLA_AF_SPEC);
  const family = writer.beginNest(AF.INET6);
  const at = writer.beginAttribute(IFLA_INET6_ADDR_GEN_MODE);
  writer.u8(ADDR_GEN_MODES.indexOf(mode));
  writer.endAttribute(at);
  writer.endAttribute(family);
  writer.endAttribute(spec);
};
