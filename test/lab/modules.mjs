/**
 * What every lab kernel loads, one modprobe line each. The parameters stop modules from making devices nobody asked
 * for. Modules that make fallback devices (gre, sit, ipip ...) are left to the kernel's own loading on first use.
 * @type {readonly string[]}
 */
export const COMMON_MODULES = [
  'dummy numdummies=0',
  'ifb numifbs=0',
  'bonding max_bonds=0',
  '8021q',
  'veth',
  'bridge',
  'br_netfilter',
  'vrf',
  'vxlan',
  'macvlan',
  'macvtap',
  'ipvlan',
  'tun',
];
