import { release } from 'node:os';
import { optionChange } from '../../../src/model/link-kinds/change.ts';
import { LINK_KINDS } from '../../../src/model/link-kinds/index.ts';
import type { Value } from '../../../src/model/value.ts';
import { OPTION_CASES, PORT_CASES } from '../link-option-cases.ts';
import type { OptionCase } from '../option-case.ts';
import type { Expected, StateCase } from './state-case.ts';
import { TUNNELS_SHOWN } from './tunnel-options-shown.ts';

type Shown = Readonly<Record<string, Expected>>;

const hex = (value: Value): string => `0x${Number(value).toString(16)}`;
const named =
  (name: string) =>
  (value: Value): Shown => ({ [name]: value as Expected });

/** A time that the kernel keeps in ticks. */
const ticks =
  (name: string) =>
  (value: Value): Shown => ({ [name]: (shown) => Math.abs(Number(shown) - Number(value)) <= 1 });

/** A bit of IFLA_VLAN_FLAGS, which iproute2 lists by name. */
const flag =
  (word: string) =>
  (value: Value): Shown => ({
    flags: (flags) => ((flags ?? []) as readonly string[]).includes(word) === value,
  });

const qosMap =
  (name: string) =>
  (value: Value): Shown => ({
    [name]: (value as readonly string[]).map((pair) => {
      const [from, to] = pair.split(':').map(Number);
      return { from, to };
    }),
  });

const byFamily =
  (name: string) =>
  (value: Value): Shown => ({ [String(value).includes(':') ? `${name}6` : name]: value as Expected });

/** iproute2 writes a name where it knows one. */
const hasId = (value: Value) => (shown: unknown) => typeof shown === 'string' || shown === value;

/** A group that is no multicast address is called the remote. */
const group = (value: Value): Shown => byFamily(/^(ff|22[4-9]|23\d)/.test(String(value)) ? 'group' : 'remote')(value);

/** What `ip -d -j` of iproute2 6.1 calls an option, and how it writes it, where that is not the word and value of the file. */
const SHOWN: Readonly<Record<string, Readonly<Record<string, (value: Value) => Shown>>>> = {
  bridge: {
    group_address: named('group_addr'),
    group_fwd_mask: (value) => ({ group_fwd_mask: hex(value) }),
    mcast_last_member_count: named('mcast_last_member_cnt'),
    mcast_startup_query_count: named('mcast_startup_query_cnt'),
    ...Object.fromEntries(
      ['last_member', 'membership', 'querier', 'query', 'query_response', 'startup_query'].map((name) => [
        `mcast_${name}_interval`,
        ticks(`mcast_${name}_intvl`),
      ]),
    ),
    ...Object.fromEntries(['forward_delay', 'hello_time', 'max_age', 'ageing_time'].map((name) => [name, ticks(name)])),
    vlan_protocol: (value) => ({ vlan_protocol: value === '802.1q' ? '802.1Q' : (value as string) }),
  },
  vxlan: {
    group,
    local: byFamily('local'),
    dev: named('link'),
    ttl: (value) => ({ ttl: value === 'inherit' ? undefined : (value as number) }),
    tos: (value) => ({ tos: value === 'inherit' ? '0x1' : hex(value) }),
    maxaddress: named('limit'),
    srcport: (value) => {
      const [low, high] = value as readonly [number, number];
      return { port_range: { low, high } };
    },
    dstport: named('port'),
    udpcsum: named('udp_csum'),
    udp6zerocsumtx: named('udp_zero_csum6_tx'),
    udp6zerocsumrx: named('udp_zero_csum6_rx'),
    remcsumtx: named('remcsum_tx'),
    remcsumrx: named('remcsum_rx'),
    flowlabel: (value) => ({ label: hex(value) }),
  },
  macvlan: { macaddr: named('macaddr_data') },
  // numbers by the names that the host has for them
  tun: { mode: named('type'), user: (value) => ({ user: hasId(value) }), group: (value) => ({ group: hasId(value) }) },
  vlan: {
    protocol: (value) => ({ protocol: value === '802.1q' ? '802.1Q' : (value as string) }),
    reorder_hdr: flag('REORDER_HDR'),
    gvrp: flag('GVRP'),
    mvrp: flag('MVRP'),
    loose_binding: flag('LOOSE_BINDING'),
    bridge_binding: flag('BRIDGE_BINDING'),
    ingress_qos_map: qosMap('ingress_qos'),
    egress_qos_map: qosMap('egress_qos'),
  },
  bond: {
    num_grat_arp: named('num_peer_notif'),
    lacp_rate: named('ad_lacp_rate'),
    lacp_active: named('ad_lacp_active'),
  },
  ...TUNNELS_SHOWN,
  bridge_port: {
    mcast_router: named('multicast_router'),
    group_fwd_mask: (value) => ({ group_fwd_mask: hex(value) }),
  },
};

/** Options that iproute2 6.1 does not print: the second dump of apply and the empty second plan are all there is. */
const UNSEEN: ReadonlySet<string> = new Set([
  'bridge.mcast_hash_elasticity',
  'bridge.mst_enabled',
  'macvlan.bclim',
  'macvtap.bclim',
  'vxlan.localbypass',
  'vxlan.flowlabel_policy',
  'bridge.fdb_max_learned',
  'bridge.mdb_offload_fail_notification',
  'bridge_port.mab',
  'bridge_port.mcast_max_groups',
  'bridge_port.mcast_eht_hosts_limit',
  'bridge_port.neigh_vlan_suppress',
  'bridge_port.backup_nhid',
  'bond.coupled_control',
  'bond.broadcast_neighbor',
  'bond_port.actor_port_prio',
  'hsr.interlink',
  'geneve.srcport',
]);

const shownOf = (section: string, option: string, value: Value): Shown => {
  if (UNSEEN.has(`${section}.${option}`)) return {};
  const table = SHOWN[section.replace('vtap', 'vlan')];
  return (table?.[option] ?? named(option))(value);
};

/** `6.12.117+deb12` >= `6.7`. */
const isAtLeast = (wanted: string): boolean => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

/** An option newer than the lab's kernels, of a kind that the machine's own may lack: then no kernel here has both. */
const reasonToSkip = (lacking: string | false, lacks: Lacking['feature'], option: OptionCase): string | false => {
  const reason = lacking === false && option.needs !== undefined ? lacks(option.needs) : lacking;
  return reason !== false && option.since !== undefined ? `no kernel here has ${option.option}` : reason;
};

const title = (section: string, { option, value, given }: OptionCase): string => {
  const circumstances = given === undefined ? '' : ` given ${JSON.stringify(given)}`;
  const reader = UNSEEN.has(`${section}.${option}`) ? ', untold by iproute2' : '';
  return `${section}: ${option} ${JSON.stringify(value)}${circumstances}${reader}`;
};

export interface Lacking {
  readonly kind: (kind: string) => string | false;
  readonly feature: (needs: NonNullable<OptionCase['needs']>) => string | false;
}

/**
 * Kinds and features that only the slowest kernel of the lab has: link-kinds.test.ts goes through their options there, and
 * these tests where somebody has the time for it (NETRECON_LATE_OPTIONS=1).
 */
const GOES_LATE = process.env.NETRECON_LATE_OPTIONS === '1';
const LATE_KINDS: ReadonlySet<string> = new Set(['xfrm', 'wireguard', 'netkit']);
const LATE_FEATURES: ReadonlySet<OptionCase['needs']> = new Set(['fou', '6rd']);

export const BASIC_KINDS: readonly string[] = ['vxlan', 'macvlan', 'macvtap', 'vlan', 'vrf', 'bond'];
export const TUNNEL_KINDS: readonly string[] = ['gre', 'ip6gre', 'ipip', 'sit'];
/** Tunnels of frames. */
export const ETHERNET_TUNNEL_KINDS: readonly string[] = ['gretap', 'erspan', 'ip6gretap', 'ip6erspan'];
const ELSEWHERE = new Set(['bridge', ...BASIC_KINDS, ...TUNNEL_KINDS, ...ETHERNET_TUNNEL_KINDS, ...LATE_KINDS]);
export const OTHER_KINDS: readonly string[] = Object.keys(OPTION_CASES).filter((kind) => !ELSEWHERE.has(kind));

const WAY_TO_GROUPS = ['addr add 192.0.2.8/24 dev parent0', 'route add 239.0.0.0/8 dev parent0'];

/** Each option of the kinds, given to a link that has its default. JSON is YAML. */
export const optionCases = (lacking: Lacking, kinds: readonly string[]): readonly StateCase[] =>
  kinds.flatMap((kind) => {
    const cases = (OPTION_CASES[kind] ?? []).filter(({ needs }) => LATE_FEATURES.has(needs) === GOES_LATE);
    const spec = LINK_KINDS[kind];
    const table = spec?.options ?? {};
    const defaults = Object.fromEntries(
      Object.entries(table).map(([name, { default: value }]) => [name, value ?? null]),
    );
    const parent = spec?.parent === 'required' ? { link: 'parent0' } : {};
    const fileOf = (options: Readonly<Record<string, Value>>) =>
      `links: ${JSON.stringify({ k0: { kind, ...parent, state: 'up', [kind]: options } })}`;
    return cases
      .filter(({ option, since }) => (since === undefined || isAtLeast(since)) && table[option]?.writeOnly !== true)
      .map((row): StateCase => {
        const given = row.given ?? {};
        const changed = { ...(row.alone === true ? {} : given), [row.option]: row.value };
        const change = optionChange(table, row.option, { ...defaults, ...given }, row.value);
        return {
          name: title(kind, row),
          skip: reasonToSkip(lacking.kind(kind), lacking.feature, row),
          // a tunnel to a group comes up only where there is a way to it (ipgre_open)
          ...(kind === 'gre' && row.value === '239.1.1.1' ? { setup: WAY_TO_GROUPS } : {}),
          yaml: fileOf(given),
          shows: { 'link show dev k0': [{ flags: ['UP'], linkinfo: { info_kind: kind } }] },
          next: {
            yaml: fileOf(changed),
            shows: { 'link show dev k0': [{ linkinfo: { info_data: shownOf(kind, row.option, row.value) } }] },
            actions: [change === 'inPlace' ? 'update' : 'replace'],
          },
        };
      });
  });

/** Each option of a port. */
export const portCases = (lacking: Lacking): readonly StateCase[] =>
  Object.entries(PORT_CASES).flatMap(([kind, cases]) =>
    cases
      .filter(({ since }) => since === undefined || isAtLeast(since))
      .map((row): StateCase => {
        const fileOf = (options: Readonly<Record<string, Value>>) =>
          `links: ${JSON.stringify({
            k0: { kind, ...(row.given === undefined ? {} : { [kind]: row.given }) },
            parent0: { master: 'k0', [`${kind}_port`]: options },
            parent1: { master: 'k0' },
          })}`;
        const first = row.first ?? {};
        return {
          name: title(`${kind}_port`, row),
          skip: reasonToSkip(lacking.kind(kind), lacking.feature, row),
          ...(row.option === 'backup_nhid' ? { setup: ['nexthop add id 10 via 192.0.2.1 fdb'] } : {}),
          yaml: fileOf(first),
          shows: { 'link show dev parent0': [{ master: 'k0' }] },
          next: {
            yaml: fileOf({ ...first, [row.option]: row.value }),
            shows: {
              'link show dev parent0': [
                { linkinfo: { info_slave_data: shownOf(`${kind}_port`, row.option, row.value) } },
              ],
            },
            actions: ['update'],
          },
          leaves: { 'link show dev parent0': [{ master: undefined }] },
        };
      }),
  );
