import type { NameTables } from '../desired/names.ts';
import { type Address, FOREVER } from '../model/address.ts';
import { isDefaultPrefix } from '../model/ip.ts';
import { KINDS } from '../model/kinds.ts';
import type { Link } from '../model/link.ts';
import type { MplsRoute } from '../model/mpls-route.ts';
import type { Neighbor } from '../model/neighbor.ts';
import type { Nexthop } from '../model/nexthop.ts';
import { type Route, TABLE_MAIN } from '../model/route.ts';
import type { KindName, KindTypes } from '../model/state.ts';
import { encapText } from './export-encap.ts';
import { hopText, membersText, mplsHopText, protocolText, realmText } from './value-text.ts';

/** Words that say something; `undefined`, `null` and `false` fall out. */
const words = (...parts: readonly (string | number | null | undefined | false)[]): string =>
  parts.filter((part) => part !== undefined && part !== null && part !== false && part !== '').join(' ');

const pair = (word: string, value: string | number | null | undefined): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : `${word} ${value}`;

const link = (l: Link): string =>
  words(
    `${l.index}: ${l.name}:`,
    pair('type', l.kind),
    l.state,
    l.carrier === undefined ? undefined : l.carrier ? 'carrier' : 'no-carrier',
    pair('mtu', l.mtu),
    pair('master', l.master),
    pair('parent', l.link),
    pair('address', l.lladdr),
  );

const address = (a: Address, names: NameTables): string =>
  words(
    a.peer === undefined ? `${a.address}/${a.prefixlen}` : `${a.address} peer ${a.peer}/${a.prefixlen}`,
    pair('dev', a.dev),
    a.scope === undefined ? undefined : pair('scope', names.scopes.toName(a.scope)),
    a.tentative === true && 'tentative',
    a.dadfailed === true && 'dadfailed',
    a.valid_lft === undefined || a.valid_lft === FOREVER ? undefined : `valid_lft ${a.valid_lft}sec`,
    a.protocol === undefined || a.protocol === 0
      ? undefined
      : pair('proto', protocolText('address', a.protocol, names)),
  );

const route = (r: Route, names: NameTables): string =>
  words(
    r.type === 'unicast' ? undefined : r.type,
    isDefaultPrefix(r.to) ? (r.family === 'inet6' ? '-6 default' : 'default') : r.to,
    pair('from', r.from),
    r.tos === 0 ? undefined : `tos 0x${r.tos.toString(16)}`,
    pair('nhid', r.nhid),
    r.hops.length === 1
      ? hopText(r.hops[0] as Route['hops'][number])
      : r.hops.map((hop) => `nexthop ${hopText(hop)}`).join(' '),
    r.table === TABLE_MAIN ? undefined : pair('table', names.tables.toName(r.table)),
    pair('proto', names.protocols.toName(r.protocol)),
    pair('src', r.src),
    r.metric === 0 ? undefined : pair('metric', r.metric),
    r.realm === undefined ? undefined : pair('realm', realmText(r.realm)),
  );

const mplsRoute = ({ label, hops, ttl_propagate, protocol }: MplsRoute, names: NameTables): string =>
  words(
    label,
    hops.length === 1
      ? mplsHopText(hops[0] as MplsRoute['hops'][number])
      : hops.map((hop) => `nexthop ${mplsHopText(hop)}`).join(' '),
    ttl_propagate === undefined ? undefined : `ttl-propagate ${ttl_propagate ? 'enabled' : 'disabled'}`,
    pair('proto', names.protocols.toName(protocol)),
  );

const nexthop = (n: Nexthop, names: NameTables): string =>
  words(
    `id ${n.id}`,
    n.group === undefined ? undefined : `group ${membersText(n.group)}`,
    pair('type', n.type),
    pair('buckets', n.buckets),
    pair('idle_timer', n.idle_timer),
    pair('unbalanced_timer', n.unbalanced_timer),
    n.blackhole === true && 'blackhole',
    pair('via', n.via),
    pair('dev', n.dev),
    n.onlink === true && 'onlink',
    n.encap === undefined ? undefined : `encap ${encapText(n.encap)}`,
    n.fdb === true && 'fdb',
    pair('proto', names.protocols.toName(n.protocol)),
  );

const neighbor = (n: Neighbor): string => {
  switch (n.type) {
    case 'neighbor':
      return words(n.to, pair('dev', n.dev), pair('lladdr', n.lladdr), n.router === true && 'router', n.state);
    case 'proxy':
      return words('proxy', n.to, pair('dev', n.dev));
    case 'fdb':
      return words(n.lladdr, pair('dev', n.dev), pair('vlan', n.vlan), n.where, pair('dst', n.dst), n.state);
    case 'mdb':
      return words(
        pair('mdb', n.group),
        pair('dev', n.dev),
        pair('port', n.port),
        pair('vid', n.vid),
        pair('src', n.src),
        n.state,
      );
  }
};

/** An object on one line, in the words of `ip` and `bridge`, without the kind. */
export const objectText = <K extends KindName>(kind: K, object: KindTypes[K], names: NameTables): string => {
  const texts: { readonly [N in KindName]: (object: KindTypes[N]) => string } = {
    link,
    address: (a) => address(a, names),
    nexthop: (n) => nexthop(n, names),
    route: (r) => route(r, names),
    mpls: (r) => mplsRoute(r, names),
    rule: (r) => KINDS.rule.describe(r).replace(/^rule /, ''),
    neighbor,
  };
  return texts[kind](object);
};
