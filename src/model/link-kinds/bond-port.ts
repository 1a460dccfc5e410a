import type { OptionSpec, OptionTable } from './spec.ts';

const reported = (
  name: string,
  type: number,
  codec: OptionSpec['codec'],
  more: Partial<OptionSpec> = {},
): OptionSpec => ({
  attr: `IFLA_BOND_SLAVE_${name}`,
  type,
  codec,
  change: 'inPlace',
  readOnly: true,
  ...more,
});

/** A port of a bond (drivers/net/bonding/bond_netlink.c bond_slave_changelink). */
export const bondPort: OptionTable = {
  state: reported('STATE', 1, 'u8', { words: { 0: 'ACTIVE', 1: 'BACKUP' } }),
  mii_status: reported('MII_STATUS', 2, 'u8', { words: { 0: 'UP', 1: 'GOING_DOWN', 2: 'DOWN', 3: 'GOING_BACK' } }),
  link_failure_count: reported('LINK_FAILURE_COUNT', 3, 'u32'),
  perm_hwaddr: reported('PERM_HWADDR', 4, 'lladdr'),
  // 0 = none; otherwise below the number of the bond's transmit queues and used by one port only
  queue_id: { attr: 'IFLA_BOND_SLAVE_QUEUE_ID', type: 5, codec: 'u16', change: 'inPlace', default: 0 },
  ad_aggregator_id: reported('AD_AGGREGATOR_ID', 6, 'u16'),
  ad_actor_oper_port_state: reported('AD_ACTOR_OPER_PORT_STATE', 7, 'u8'),
  ad_partner_oper_port_state: reported('AD_PARTNER_OPER_PORT_STATE', 8, 'u16'),
  // kernel 6.0 on; modes active-backup, balance-tlb and balance-alb
  prio: { attr: 'IFLA_BOND_SLAVE_PRIO', type: 9, codec: 's32', change: 'inPlace', default: 0 },
  // kernel 6.18 on; mode 802.3ad
  actor_port_prio: { attr: 'IFLA_BOND_SLAVE_ACTOR_PORT_PRIO', type: 10, codec: 'u16', change: 'inPlace', default: 255 },
  ad_churn_actor_state: reported('AD_CHURN_ACTOR_STATE', 11, 'u8'),
  ad_churn_partner_state: reported('AD_CHURN_PARTNER_STATE', 12, 'u8'),
};
