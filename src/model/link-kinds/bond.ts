import { bondPort } from './bond-port.ts';
import type { LinkKindSpec, OptionSpec } from './spec.ts';

const option = (name: string, type: number, codec: OptionSpec['codec'], more: Partial<OptionSpec>): OptionSpec => ({
  attr: `IFLA_BOND_${name}`,
  type,
  codec,
  change: 'inPlace',
  ...more,
});

/** The kernel's numbering from 0, as a table of words. */
const words = (...names: readonly string[]): Readonly<Record<number, string>> => Object.fromEntries(names.entries());

/** Modes of some options, as bond_opts has them (unsuppmodes). */
const WITH_ACTIVE = ['active-backup', 'balance-tlb', 'balance-alb'] as const;
const WITH_ARP = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'] as const;
const LACP = ['802.3ad'] as const;

/**
 * Several links as one. What changes in place follows the flags of bond_opts (drivers/net/bonding/bond_options.c):
 * BOND_OPTFLAG_NOSLAVES is `recreate`, BOND_OPTFLAG_IFDOWN is `whileDown`. Most options exist in some modes only; the
 * kernel refuses them in the others (EACCES), even at their default, and reports them all the same. Times are in
 * milliseconds.
 */
export const bond: LinkKindSpec = {
  kind: 'bond',
  parent: 'none',
  attachDown: true,
  // bond_enslave; the port gets its own back as it leaves
  givesLladdr: ({ fail_over_mac = 'none' }) => fail_over_mac === 'none',
  options: {
    mode: option('MODE', 1, 'u8', {
      words: words('balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'),
      change: 'recreate',
      default: 'balance-rr',
    }),
    // moves by itself when links fail; acknowledged without effect while the bond is down
    active_slave: option('ACTIVE_SLAVE', 2, 'ifindex', { modes: WITH_ACTIVE, afterPorts: true, default: null }),
    // miimon and arp_interval exclude each other: setting one clears the other and what depends on it. 802.3ad,
    // balance-tlb and balance-alb turn 0 into 100 when the mode is set
    miimon: option('MIIMON', 3, 'u32', { max: 0x7fffffff, default: 0 }),
    // multiples of miimon, refused (EPERM) while that is 0
    updelay: option('UPDELAY', 4, 'u32', { max: 0x7fffffff, default: 0 }),
    downdelay: option('DOWNDELAY', 5, 'u32', { max: 0x7fffffff, default: 0 }),
    // from kernel 6.18 on always 1
    use_carrier: option('USE_CARRIER', 6, 'u8', { max: 1, default: 1 }),
    arp_interval: option('ARP_INTERVAL', 7, 'u32', { modes: WITH_ARP, max: 0x7fffffff, default: 0 }),
    arp_ip_target: option('ARP_IP_TARGET', 8, 'inetList', { default: [] }),
    arp_validate: option('ARP_VALIDATE', 9, 'u32', {
      modes: WITH_ARP,
      words: words('none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'),
      default: 'none',
    }),
    arp_all_targets: option('ARP_ALL_TARGETS', 10, 'u32', { words: words('any', 'all'), default: 'any' }),
    // may be named before it is a port, but is reported only once it is one
    primary: option('PRIMARY', 11, 'ifindex', { modes: WITH_ACTIVE, afterPorts: true, default: null }),
    primary_reselect: option('PRIMARY_RESELECT', 12, 'u8', {
      words: words('always', 'better', 'failure'),
      default: 'always',
    }),
    fail_over_mac: option('FAIL_OVER_MAC', 13, 'u8', {
      words: words('none', 'active', 'follow'),
      change: 'recreate',
      default: 'none',
    }),
    xmit_hash_policy: option('XMIT_HASH_POLICY', 14, 'u8', {
      words: words('layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'),
      default: 'layer2',
    }),
    resend_igmp: option('RESEND_IGMP', 15, 'u32', { max: 255, default: 1 }),
    num_grat_arp: option('NUM_PEER_NOTIF', 16, 'u8', { default: 1, aliases: ['num_unsol_na', 'num_peer_notif'] }),
    all_slaves_active: option('ALL_SLAVES_ACTIVE', 17, 'u8', { max: 1, default: 0 }),
    min_links: option('MIN_LINKS', 18, 'u32', { max: 0x7fffffff, default: 0 }),
    // seconds
    lp_interval: option('LP_INTERVAL', 19, 'u32', { min: 1, max: 0x7fffffff, default: 1 }),
    packets_per_slave: option('PACKETS_PER_SLAVE', 20, 'u32', { modes: ['balance-rr'], max: 65535, default: 1 }),
    lacp_rate: option('AD_LACP_RATE', 21, 'u8', {
      modes: LACP,
      words: words('slow', 'fast'),
      whileDown: true,
      default: 'slow',
    }),
    ad_select: option('AD_SELECT', 22, 'u8', {
      words: words('stable', 'bandwidth', 'count', 'actor_port_prio'),
      whileDown: true,
      default: 'stable',
    }),
    ad_info: option('AD_INFO', 23, 'hex', { readOnly: true }),
    // the three ad_ options below are reported to CAP_NET_ADMIN in mode 802.3ad only
    ad_actor_sys_prio: option('AD_ACTOR_SYS_PRIO', 24, 'u16', { modes: LACP, min: 1, default: 65535 }),
    ad_user_port_key: option('AD_USER_PORT_KEY', 25, 'u16', { modes: LACP, max: 1023, whileDown: true, default: 0 }),
    ad_actor_system: option('AD_ACTOR_SYSTEM', 26, 'lladdr', { modes: LACP, default: '00:00:00:00:00:00' }),
    tlb_dynamic_lb: option('TLB_DYNAMIC_LB', 27, 'u8', {
      modes: ['balance-tlb', 'balance-alb'],
      max: 1,
      whileDown: true,
      default: 1,
    }),
    // multiples of miimon
    peer_notify_delay: option('PEER_NOTIF_DELAY', 28, 'u32', { max: 300000, default: 0 }),
    lacp_active: option('AD_LACP_ACTIVE', 29, 'u8', {
      modes: LACP,
      words: words('off', 'on'),
      whileDown: true,
      default: 'on',
    }),
    arp_missed_max: option('MISSED_MAX', 30, 'u8', { min: 1, default: 2, aliases: ['missed_max'] }),
    // kernel 5.19 on
    ns_ip6_target: option('NS_IP6_TARGET', 31, 'inet6List', { default: [] }),
    // kernel 6.8 on
    coupled_control: option('COUPLED_CONTROL', 32, 'u8', {
      modes: LACP,
      words: words('off', 'on'),
      whileDown: true,
      default: 'on',
    }),
    // kernel 6.17 on
    broadcast_neighbor: option('BROADCAST_NEIGH', 33, 'u8', { modes: LACP, words: words('off', 'on'), default: 'off' }),
  },
  port: bondPort,
};
