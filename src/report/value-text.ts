import type { NameTables } from '../desired/names.ts';
import { FOREVER } from '../model/address.ts';
import type { Encap } from '../model/encap.ts';
import type { MplsHop } from '../model/mpls-route.ts';
import type { NexthopMember } from '../model/nexthop.ts';
import type { RouteHop } from '../model/route.ts';
import { Secret } from '../model/secret.ts';
import type { KindName } from '../model/state.ts';
import type { Value } from '../model/value.ts';
import { encapText } from './export-encap.ts';
import { peersText } from './peers-text.ts';
import { visibleText } from './visible-text.ts';

/** `via 10.0.0.254 dev eth0 weight 2`, as `ip route` prints a hop; the weight only where it says something. */
export const hopText = (hop: RouteHop): string =>
  [
    ...(hop.via === undefined ? [] : ['via', hop.via]),
    ...(hop.dev === undefined ? [] : ['dev', hop.dev]),
    ...(hop.weight === 1 ? [] : ['weight', `${hop.weight}`]),
    ...(hop.onlink === true ? ['onlink'] : []),
    ...(hop.encap === undefined ? [] : ['encap', encapText(hop.encap)]),
  ].join(' ');

/** `as 200/300 via 192.0.2.2 dev eth0`. */
export const mplsHopText = ({ as, via, dev }: MplsHop): string =>
  [
    ...(as.length === 0 ? [] : ['as', as.join('/')]),
    ...(via === undefined ? [] : ['via', via]),
    ...(dev === undefined ? [] : ['dev', dev]),
  ].join(' ');

/** `1/2,3`: members and weights as `ip nexthop` prints them. */
export const membersText = (group: readonly NexthopMember[]): string =>
  group.map(({ id, weight }) => (weight === 1 ? `${id}` : `${id},${weight}`)).join('/');

/** RTA_FLOW and FRA_FLOW: the source realm in the upper half. */
export const realmText = (realm: number): string =>
  realm >>> 16 === 0 ? `${realm}` : `${realm >>> 16}/${realm & 0xffff}`;

const plain = (value: Value): string => {
  if (value === null) return 'none';
  if (value === '') return '""';
  if (value instanceof Secret) return value.shown;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `[${value.map(plain).join(', ')}]`;
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, item]) => `${key} ${plain(item)}`)
      .join(', ');
  }
  return visibleText(`${value}`);
};

/** `10 pvid untagged, 20-30 tunnel_info id 1020-1030`, in the words of `bridge vlan add`. */
const vlansText = (vlans: readonly Value[]): string => (vlans.length === 0 ? 'none' : vlans.map(vlanText).join(', '));

const vlanText = (vlan: Value): string => {
  if (typeof vlan !== 'object' || vlan === null) return `${vlan}`;
  const { vid, ...more } = vlan as Readonly<Record<string, Value>>;
  const words = Object.entries(more).map(([word, value]) => (value === true ? word : `${word} ${plain(value)}`));
  return [vid, ...words].join(' ');
};

/** IFAPROT_* (include/uapi/linux/if_addr.h) by iproute2's words: the numbers of addresses are not those of routes. */
const ADDRESS_PROTOCOLS: Readonly<Record<number, string>> = { 1: 'kernel_lo', 2: 'kernel_ra', 3: 'kernel_ll' };

/** Whose an object is, by name. */
export const protocolText = (kind: KindName, protocol: number, names: NameTables): string =>
  (kind === 'address' ? ADDRESS_PROTOCOLS[protocol] : undefined) ?? names.protocols.toName(protocol);

const TIMERS: ReadonlySet<string> = new Set(['idle_timer', 'unbalanced_timer']);

const LIFETIMES: ReadonlySet<string> = new Set(['valid_lft', 'preferred_lft']);

/**
 * A field's value for people, in iproute2's words: `proto bgp` rather than 186, hops as `ip route` prints them.
 * @param value undefined = the object has no such field
 */
export const valueText = (kind: KindName, field: string, value: Value | undefined, names: NameTables): string => {
  if (value === undefined) return '(none)';
  if (typeof value === 'number') {
    if (field === 'protocol') return protocolText(kind, value, names);
    if (field === 'table' || field === 'options.table') return names.tables.toName(value);
    if (field === 'scope') return names.scopes.toName(value);
    if (field === 'group' && kind === 'link') return names.groups.toName(value);
    if (field === 'realm' || field === 'realms') return realmText(value);
    if (LIFETIMES.has(field)) return value === FOREVER ? 'forever' : `${value}s`;
  }
  if (field === 'hops' && Array.isArray(value)) {
    if (value.length === 0) return 'none';
    const texts =
      kind === 'mpls'
        ? (value as unknown as readonly MplsHop[]).map(mplsHopText)
        : (value as unknown as readonly RouteHop[]).map(hopText);
    return texts.join(', ');
  }
  if (kind === 'nexthop' && field === 'group' && Array.isArray(value))
    return membersText(value as unknown as readonly NexthopMember[]);
  if (field === 'encap') return encapText(value as unknown as Encap);
  if (TIMERS.has(field)) return `${plain(value)}s`;
  if (field === 'options.peers') return peersText(value);
  if ((field === 'options.vlans' || field === 'port.vlans') && Array.isArray(value)) return vlansText(value);
  return plain(value);
};
