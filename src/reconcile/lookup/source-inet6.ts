import type { Address } from '../../model/address.ts';
import { parseAddress, prefixContains } from '../../model/ip.ts';
import type { HostView } from './host-view.ts';

/** Scopes of RFC 4291, 2.7; unicast has those of net/ipv6/addrconf_core.c __ipv6_addr_type. */
const LINK_LOCAL = 2;
const SITE_LOCAL = 5;
const GLOBAL = 14;

const isMulticast = (address: string): boolean => prefixContains('ff00::/8', address);

const scopeOf = (address: string): number => {
  if (isMulticast(address)) return (parseAddress(address)?.[1] ?? 0) & 0xf;
  if (address === '::1' || prefixContains('fe80::/10', address)) return LINK_LOCAL;
  return prefixContains('fec0::/10', address) ? SITE_LOCAL : GLOBAL;
};

/** The kernel's own policy table (net/ipv6/addrlabel.c), longest prefix first. */
const LABELS: readonly (readonly [string, number])[] = [
  ['::1/128', 0],
  ['::/96', 3],
  ['::ffff:0.0.0.0/96', 4],
  ['2001::/32', 6],
  ['2001:10::/28', 7],
  ['3ffe::/16', 12],
  ['2002::/16', 2],
  ['fec0::/10', 11],
  ['fc00::/7', 5],
];
const labelOf = (address: string): number => LABELS.find(([prefix]) => prefixContains(prefix, address))?.[1] ?? 1;

const commonBits = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) ^ (b[i] as number);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return a.length * 8;
};

const isOrchid = (address: string): boolean => prefixContains('2001:10::/28', address);

/** One number for each rule of RFC 6724, section 5, in its order; more is better (ipv6_get_saddr_eval). */
const scoresOf = (source: Address, to: string, dev: string | undefined): readonly number[] => {
  const scope = scopeOf(source.address);
  const bits = commonBits(parseAddress(source.address) as Uint8Array, parseAddress(to) as Uint8Array);
  return [
    source.address === to ? 1 : 0,
    scope >= scopeOf(to) ? -scope : scope - 128,
    source.preferred_lft === 0 && source.address !== '::1' ? 0 : 1,
    source.home === true ? 1 : 0,
    dev === undefined || source.dev === dev ? 1 : 0,
    labelOf(source.address) === labelOf(to) ? 1 : 0,
    source.temporary === true ? 0 : 1,
    isOrchid(source.address) === isOrchid(to) ? 1 : 0,
    Math.min(bits, source.prefixlen),
  ];
};

const isBetter = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((score, i) => score !== b[i]);
  return at >= 0 && (a[at] as number) > (b[at] as number);
};

const best = (candidates: readonly Address[], to: string, dev: string | undefined): Address | undefined => {
  let found: { readonly address: Address; readonly scores: readonly number[] } | undefined;
  for (const address of candidates) {
    const scores = scoresOf(address, to, dev);
    if (found === undefined || isBetter(scores, found.scores)) found = { address, scores };
  }
  return found?.address;
};

const candidatesOn = (view: HostView, dev: string): readonly Address[] =>
  view
    .addressesOf(dev)
    .filter(({ family, tentative, dadfailed }) => family === 'inet6' && tentative !== true && dadfailed !== true);

/** The source address for a packet through a link: ipv6_dev_get_saddr (net/ipv6/addrconf.c), RFC 6724. */
export const selectInet6Source = (view: HostView, dev: string | undefined, to: string): string | undefined => {
  if (dev !== undefined && (isMulticast(to) || scopeOf(to) <= LINK_LOCAL)) {
    return best(candidatesOn(view, dev), to, dev)?.address;
  }
  const vrf = view.vrfOf(dev);
  if (vrf !== undefined && dev !== undefined) {
    const near = best(candidatesOn(view, dev), to, dev) ?? best(candidatesOn(view, vrf), to, dev);
    if (near !== undefined) return near.address;
  }
  const all = view.links.filter(({ name }) => view.vrfOf(name) === vrf).flatMap(({ name }) => candidatesOn(view, name));
  return best(all, to, dev)?.address;
};
