import type { Address } from '../../model/address.ts';
import { networkOf, prefixContains } from '../../model/ip.ts';
import type { HostView } from './host-view.ts';

const SCOPE_LINK = 253;
const SCOPE_HOST = 254;

const scopeOf = (address: Address): number => address.scope ?? 0;

const primaries = (view: HostView, dev: string): readonly Address[] =>
  view.addressesOf(dev).filter(({ family, secondary }) => family === 'inet' && secondary !== true);

/** inet_ifa_match (include/linux/inetdevice.h): by the far end where there is one. */
const holds = ({ address, peer, prefixlen }: Address, other: string): boolean =>
  prefixContains(networkOf(peer ?? address, prefixlen), other);

/** in_dev_select_addr (net/ipv4/devinet.c). */
const anyAddress = (view: HostView, dev: string, scope: number): string | undefined =>
  primaries(view, dev).find((address) => scopeOf(address) !== SCOPE_LINK && scopeOf(address) <= scope)?.address;

/**
 * The source address for packets through a link: inet_select_addr (net/ipv4/devinet.c). The link's own first, the one in
 * the subnet of `near` before others; then the VRF's, then any link's of the same VRF.
 * @param near the gateway; undefined = none
 */
export const selectInetSource = (
  view: HostView,
  dev: string,
  near: string | undefined,
  scope: number,
): string | undefined => {
  const usable = primaries(view, dev).filter((address) => Math.min(scopeOf(address), SCOPE_HOST) <= scope);
  const own = near === undefined ? usable[0] : (usable.find((address) => holds(address, near)) ?? usable[0]);
  if (own !== undefined) return own.address;
  const vrf = view.vrfOf(dev);
  const first = vrf === undefined ? undefined : anyAddress(view, vrf, scope);
  if (first !== undefined) return first;
  for (const { name } of view.links) {
    if (view.vrfOf(name) !== vrf) continue;
    const address = anyAddress(view, name, scope);
    if (address !== undefined) return address;
  }
  return undefined;
};
