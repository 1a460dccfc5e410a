/** Names of IP protocols that rules select by (IANA protocol numbers, in the words of /etc/protocols). */
const IP_PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
};

export const ipProtocolNumber = (name: string): number | undefined => {
  if (/^(0|[1-9][0-9]{0,2})$/.test(name)) return Number(name) <= 255 ? Number(name) : undefined;
  return Object.hasOwn(IP_PROTOCOLS, name) ? IP_PROTOCOLS[name] : undefined;
};

/** The name, where the number has one here. */
export const ipProtocolName = (number: number): string | undefined =>
  Object.entries(IP_PROTOCOLS).find(([, value]) => value === number)?.[0];
