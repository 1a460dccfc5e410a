import type { Link } from '../model/link.ts';
import type { State } from '../model/state.ts';

/** Settings of conf/all that count for every link of the namespace; no netlink message carries them. */
export interface SharedConf {
  readonly promote_secondaries: boolean;
  readonly keep_addr_on_down: boolean;
}

/**
 * Reads them from /proc/sys/net of the calling thread's namespace. A file that is not there (a kernel without IPv6) counts
 * as 0.
 * @param readFile undefined where there is no such file
 */
export const readSharedConf = (readFile: (path: string) => string | undefined): SharedConf => {
  const isOn = (path: string): boolean => Number(readFile(`/proc/sys/net/${path}`) ?? 0) > 0;
  return {
    promote_secondaries: isOn('ipv4/conf/all/promote_secondaries'),
    keep_addr_on_down: isOn('ipv6/conf/all/keep_addr_on_down'),
  };
};

/**
 * The state with the settings of conf/all counted in, as the kernel does (IN_DEV_ORCONF in inetdevice.h for
 * promote_secondaries, addrconf_ifdown for keep_addr_on_down). Pure.
 */
export const withSharedConf = (state: State, shared: SharedConf): State => {
  if (!shared.promote_secondaries && !shared.keep_addr_on_down) return state;
  const merge = (link: Link): Link => {
    if (link.conf === undefined) return link;
    const { promote_secondaries, keep_addr_on_down } = link.conf;
    return {
      ...link,
      conf: {
        ...link.conf,
        promote_secondaries: promote_secondaries || shared.promote_secondaries,
        keep_addr_on_down: keep_addr_on_down || shared.keep_addr_on_down,
      },
    };
  };
  return { ...state, link: state.link.map(merge) };
};
