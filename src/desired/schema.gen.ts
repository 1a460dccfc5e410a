// Made from schemas/state.schema.json by scripts/build-schema.mjs; do not edit.

/**
 * What the network of a host must be, in the words of iproute2. What is not written is not managed, unless its description states what unset means. A `default` of a link option is what the kernel gives to a new link; unset it is not managed.
 */
export interface StateFile {
  /**
   * Version of this format.
   */
  version: 1;
  /**
   * What an apply may delete beyond `state: absent`. own: what netrecon made and the files no longer name, and other static addresses of links that list `addresses`. none: nothing. all: also static routes, permanent neighbors and rules that no daemon owns, in the tables and on the links that the files name, and such nexthop objects where the files name any.
   */
  prune?: 'own' | 'none' | 'all';
  /**
   * What routes that share a way (gateway, link, encapsulation, or the same several of them) go by, from 64 routes of one way on. auto: by a nexthop object that netrecon makes, numbered from 110000 on, so that another gateway for all of them is one operation; where the kernel takes none (no carrier, before Linux 5.3), by the way itself. none: by what each route says. It is about the namespace at hand: others say it for themselves.
   */
  nexthop_objects?: 'auto' | 'none';
  /**
   * What `netrecon watch` does, by section, about changes that others make: correct them, or only report them. Default: what --on-drift says.
   */
  on_drift?: {
    /**
     * correct: put back what others change of the links. report: only tell.
     */
    links?: 'correct' | 'report';
    /**
     * correct: put back what others change of the addresses. report: only tell.
     */
    addresses?: 'correct' | 'report';
    /**
     * correct: put back what others change of the nexthops. report: only tell.
     */
    nexthops?: 'correct' | 'report';
    /**
     * correct: put back what others change of the routes. report: only tell.
     */
    routes?: 'correct' | 'report';
    /**
     * correct: put back what others change of the rules. report: only tell.
     */
    rules?: 'correct' | 'report';
    /**
     * correct: put back what others change of the neighbors. report: only tell.
     */
    neighbors?: 'correct' | 'report';
  };
  /**
   * Network interfaces by name.
   */
  links?: {
    [k: string]: Link | undefined;
  };
  /**
   * Addresses in the long form, for generated files. They do not make the list of their link exact.
   */
  addresses?: Address[];
  /**
   * Nexthop objects, which routes name by `nhid`.
   */
  nexthops?: Nexthop[];
  /**
   * Routes of both families.
   */
  routes?: Route[];
  /**
   * Routing policy rules of both families.
   */
  rules?: Rule[];
  /**
   * Entries of the ARP and NDP tables, proxy entries, and entries of forwarding databases.
   */
  neighbors?: Neighbor[];
  /**
   * Named network namespaces (`ip netns`), and what each must have. One that does not exist is made; `{}` asks for no more than that. What is not named here is not touched.
   */
  namespaces?: {
    [k: string]: Namespace | undefined;
  };
  /**
   * Where packets must go once the state is as the files say: plan checks it by a model of the kernel's look-up, apply asks the kernel as well, and a miss is rolled back.
   */
  expect?: Expectation[];
}
/**
 * A network interface.
 */
export interface Link {
  /**
   * Kind of a virtual link. Hardware has none, and is never created or deleted.
   */
  kind?:
    | 'veth'
    | 'bridge'
    | 'vxlan'
    | 'macvlan'
    | 'macvtap'
    | 'ifb'
    | 'dummy'
    | 'vlan'
    | 'vrf'
    | 'bond'
    | 'geneve'
    | 'bareudp'
    | 'gre'
    | 'gretap'
    | 'erspan'
    | 'ip6gre'
    | 'ip6gretap'
    | 'ip6erspan'
    | 'ipip'
    | 'sit'
    | 'ip6tnl'
    | 'vti'
    | 'vti6'
    | 'xfrm'
    | 'ipvlan'
    | 'ipvtap'
    | 'macsec'
    | 'hsr'
    | 'team'
    | 'batadv'
    | 'nlmon'
    | 'vcan'
    | 'wireguard'
    | 'tun'
    | 'netkit';
  /**
   * up, down, or absent (only the name counts then).
   */
  state?: 'up' | 'down' | 'absent';
  /**
   * The link may be missing: until it comes, it and what stands on it are left out of the plan. `netrecon watch` configures it when it appears.
   */
  optional?: boolean;
  /**
   * Largest packet, bytes. Below 1280 the kernel takes IPv6 off the link.
   */
  mtu?: number;
  /**
   * Link-layer address.
   */
  lladdr?: string;
  /**
   * Length of the transmit queue, packets.
   */
  txqlen?: number;
  /**
   * Free text of at most 255 bytes; empty: none.
   */
  alias?: string;
  /**
   * All further names of the link, each of at most 127 characters; []: none.
   */
  altnames?: string[];
  /**
   * Group of links: a number or a name of the file `group`; 0 is default.
   */
  group?: number | string;
  /**
   * Bridge, bond or VRF that this link is a port of; null: none.
   */
  master?: string | null;
  /**
   * Link that this one stands on (parent), for kinds such as vlan and macvlan.
   */
  link?: string | null;
  /**
   * Network namespace that the link goes to, one of `namespaces` (only in the links of the file itself): one that is there moves, one of a kind is made there, on its `link` here. Everything else of the entry is about the link in its new place.
   */
  netns?: string;
  /**
   * Receive packets for other link-layer addresses too.
   */
  promisc?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Receive all multicast packets.
   */
  allmulticast?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * The link carries multicast.
   */
  multicast?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Use ARP on the link.
   */
  arp?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Transmit queues; fixed at creation.
   */
  numtxqueues?: number;
  /**
   * Receive queues; fixed at creation.
   */
  numrxqueues?: number;
  /**
   * Largest segmentation offload packet to be sent, bytes.
   */
  gso_max_size?: number;
  /**
   * Most segments in such a packet.
   */
  gso_max_segs?: number;
  /**
   * Largest packet that received ones are merged into, bytes.
   */
  gro_max_size?: number;
  /**
   * As gso_max_size, for IPv4 (kernel 6.3 on), bytes.
   */
  gso_ipv4_max_size?: number;
  /**
   * As gro_max_size, for IPv4 (kernel 6.3 on), bytes.
   */
  gro_ipv4_max_size?: number;
  /**
   * How the kernel makes IPv6 link-local addresses.
   */
  addrgenmode?: 'eui64' | 'none' | 'stable_secret' | 'random';
  /**
   * If no link has this name yet, rename the link that has that one.
   */
  renamed_from?: string;
  /**
   * Addresses of the link. A list, even an empty one, is exact: other static addresses go (see `prune`).
   */
  addresses?: (string | LinkAddress)[];
  /**
   * Take over a link of this name that another program made.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Options of kind veth.
   */
  veth?: {
    /**
     * Name of the other end.
     */
    peer?: string;
    /**
     * Network namespace of the other end, one of `namespaces`; default: that of the link.
     */
    netns?: string;
  };
  /**
   * Options of kind bridge.
   */
  bridge?: {
    /**
     * Time in the listening and in the learning state, hundredths of a second.
     */
    forward_delay?: number;
    /**
     * Time between hello packets of a root bridge, hundredths of a second.
     */
    hello_time?: number;
    /**
     * Age at which a received hello is no longer believed, hundredths of a second.
     */
    max_age?: number;
    /**
     * Time that a learned address stays without traffic, hundredths of a second; 0: no learning from traffic.
     */
    ageing_time?: number;
    /**
     * Spanning tree by the kernel.
     */
    stp_state?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Priority in the spanning tree, the lower becomes root.
     */
    priority?: number;
    /**
     * Forward by VLAN membership of the ports.
     */
    vlan_filtering?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Ethertype of the VLAN tags that filtering looks at.
     */
    vlan_protocol?: string;
    /**
     * Bit mask of the link-local groups 01:80:c2:00:00:0X to forward; bits 0 to 2 are refused.
     */
    group_fwd_mask?: number;
    /**
     * Address of the spanning tree group.
     */
    group_address?: string;
    /**
     * The same as `group_address`.
     */
    group_addr?: string;
    /**
     * Multicast routers beyond the bridge itself: 0 none, 1 as detected, 2 always.
     */
    mcast_router?: number;
    /**
     * IGMP and MLD snooping.
     */
    mcast_snooping?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Use the address of the bridge as source of IGMP queries rather than 0.0.0.0.
     */
    mcast_query_use_ifaddr?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Send IGMP and MLD queries.
     */
    mcast_querier?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Most entries in the multicast table; a power of two.
     */
    mcast_hash_max?: number;
    /**
     * Queries to be sent after a leave before the group counts as empty.
     */
    mcast_last_member_count?: number;
    /**
     * Queries to be sent at start.
     */
    mcast_startup_query_count?: number;
    /**
     * Time between the queries after a leave, hundredths of a second.
     */
    mcast_last_member_interval?: number | string;
    /**
     * Time after which a silent member is dropped, hundredths of a second.
     */
    mcast_membership_interval?: number | string;
    /**
     * Time after which another querier counts as gone, hundredths of a second.
     */
    mcast_querier_interval?: number | string;
    /**
     * Time between queries, hundredths of a second.
     */
    mcast_query_interval?: number | string;
    /**
     * Longest time to answer a query, hundredths of a second.
     */
    mcast_query_response_interval?: number | string;
    /**
     * Time between the queries at start, hundredths of a second.
     */
    mcast_startup_query_interval?: number | string;
    /**
     * Show bridged IPv4 packets to iptables.
     */
    nf_call_iptables?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Show bridged IPv6 packets to ip6tables.
     */
    nf_call_ip6tables?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Show bridged ARP packets to arptables.
     */
    nf_call_arptables?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * VLAN that untagged packets of a new port belong to; 0: none.
     */
    vlan_default_pvid?: number;
    /**
     * Count packets for each VLAN.
     */
    vlan_stats_enabled?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Count IGMP and MLD packets.
     */
    mcast_stats_enabled?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * IGMP version.
     */
    mcast_igmp_version?: number;
    /**
     * MLD version.
     */
    mcast_mld_version?: number;
    /**
     * Count packets for each VLAN and port. Cannot change while ports have VLANs.
     */
    vlan_stats_per_port?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Do not learn from link-local frames (01:80:c2:00:00:0X).
     */
    no_linklocal_learn?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Snooping for each VLAN by itself.
     */
    mcast_vlan_snooping?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Multiple spanning trees (kernel 5.18 on). Cannot change while VLANs exist.
     */
    mst_enabled?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Tell of multicast entries that hardware did not take (kernel 6.16 on).
     */
    mdb_offload_fail_notification?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Look up local addresses in VLAN 0 for every VLAN (kernel 6.18 on).
     */
    fdb_local_vlan_0?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Most addresses to be learned (kernel 6.7 on); 0: no limit.
     */
    fdb_max_learned?: number;
    /**
     * VLANs of the bridge as a host: what comes in by its ports and is for the bridge itself. A list, even an empty one, is exact; without one vlan_default_pvid is all.
     */
    vlans?: ((number | string) | BridgeVlan)[];
  };
  /**
   * Options of kind vxlan.
   */
  vxlan?: {
    /**
     * VXLAN network identifier (VNI).
     */
    id?: number;
    /**
     * Where traffic to unknown addresses goes: a multicast group or a remote end; null: nowhere.
     */
    group?: string | null;
    /**
     * The same as `group`.
     */
    remote?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Source address of the outer packets; null: chosen by the route.
     */
    local?: string | null;
    /**
     * TTL of the outer packets; 0: the route's; `inherit`: that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * Learn remote ends from received packets.
     */
    learning?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Seconds that a learned remote end stays without traffic.
     */
    ageing?: number;
    /**
     * Most entries in the forwarding database; 0: no limit.
     */
    maxaddress?: number;
    /**
     * First and last UDP source port; [0, 0]: the kernel's range.
     *
     * @minItems 2
     * @maxItems 2
     */
    srcport?: [number, number];
    /**
     * Answer ARP and NDP requests for known neighbors.
     */
    proxy?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Route short circuit.
     */
    rsc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Tell user space of unknown link-layer addresses.
     */
    l2miss?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Tell user space of unknown network addresses.
     */
    l3miss?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP port of the remote end. The kernel's own default is 8472, IANA's is 4789.
     */
    dstport?: number;
    /**
     * UDP checksum in outer IPv4 packets.
     */
    udpcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * No UDP checksum in sent outer IPv6 packets.
     */
    udp6zerocsumtx?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Accept outer IPv6 packets without UDP checksum.
     */
    udp6zerocsumrx?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload, sending.
     */
    remcsumtx?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload, receiving.
     */
    remcsumrx?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Group policy extension.
     */
    gbp?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload without partial checksums.
     */
    remcsum_nopartial?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote ends are given packet by packet (collect metadata) rather than by the device.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Flow label of outer IPv6 packets.
     */
    flowlabel?: number;
    /**
     * Where the flow label comes from (kernel 6.7 on).
     */
    flowlabel_policy?: 'fixed' | 'inherit' | 0 | 1;
    /**
     * Generic protocol extension.
     */
    gpe?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Do-not-fragment bit of the outer packets.
     */
    df?: 'unset' | 'set' | 'inherit' | 0 | 1 | 2;
    /**
     * Accept only listed VNIs (kernel 5.18 on). Needs `external`.
     */
    vnifilter?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * With vnifilter: the VNIs that it takes. A list, even an empty one, is exact.
     */
    vnis?: ((number | string) | VxlanVni)[];
    /**
     * Hand packets to a local remote end over without encapsulation (kernel 6.5 on).
     */
    localbypass?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind macvlan.
   */
  macvlan?: {
    /**
     * How links above one parent reach one another.
     */
    mode?: 'private' | 'vepa' | 'bridge' | 'passthru' | 'source' | 1 | 2 | 4 | 8 | 16;
    /**
     * Mode passthru: do not put the parent into promiscuous mode.
     */
    nopromisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Mode source: do not take packets by destination address.
     */
    nodst?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Mode source: link-layer addresses to accept packets from.
     */
    macaddr?: string[];
    /**
     * Length of the queue for broadcast and multicast packets.
     */
    bcqueuelen?: number;
    /**
     * Broadcasts a second above which they are queued (kernel 6.3 on); -1: never.
     */
    bclim?: number;
  };
  /**
   * Options of kind macvtap.
   */
  macvtap?: {
    /**
     * How links above one parent reach one another.
     */
    mode?: 'private' | 'vepa' | 'bridge' | 'passthru' | 'source' | 1 | 2 | 4 | 8 | 16;
    /**
     * Mode passthru: do not put the parent into promiscuous mode.
     */
    nopromisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Mode source: do not take packets by destination address.
     */
    nodst?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Mode source: link-layer addresses to accept packets from.
     */
    macaddr?: string[];
    /**
     * Length of the queue for broadcast and multicast packets.
     */
    bcqueuelen?: number;
    /**
     * Broadcasts a second above which they are queued (kernel 6.3 on); -1: never.
     */
    bclim?: number;
  };
  /**
   * Options of kind ifb: there are none.
   */
  ifb?: {};
  /**
   * Options of kind dummy: there are none.
   */
  dummy?: {};
  /**
   * Options of kind vlan.
   */
  vlan?: {
    /**
     * VLAN number.
     */
    id?: number;
    /**
     * Ethertype of the tag.
     */
    protocol?: string;
    /**
     * Move the tag out of the packet before programs see it.
     */
    reorder_hdr?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Announce the VLAN by GVRP.
     */
    gvrp?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Do not follow the state of the parent.
     */
    loose_binding?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Announce the VLAN by MVRP.
     */
    mvrp?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Carrier follows the ports of the bridge below that are members of the VLAN.
     */
    bridge_binding?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * List of `FROM:TO`: 802.1p priority in a received tag, priority of the packet in this host.
     */
    ingress_qos_map?: string[];
    /**
     * The same as `ingress_qos_map`.
     */
    'ingress-qos-map'?: string[];
    /**
     * List of `FROM:TO`: priority of the packet in this host, 802.1p priority in the sent tag.
     */
    egress_qos_map?: string[];
    /**
     * The same as `egress_qos_map`.
     */
    'egress-qos-map'?: string[];
  };
  /**
   * Options of kind vrf.
   */
  vrf?: {
    /**
     * Routing table of the VRF: a number or a name of rt_tables.
     */
    table?: number | string;
  };
  /**
   * Options of kind bond.
   */
  bond?: {
    /**
     * How the ports share the traffic.
     */
    mode?:
      | 'balance-rr'
      | 'active-backup'
      | 'balance-xor'
      | 'broadcast'
      | '802.3ad'
      | 'balance-tlb'
      | 'balance-alb'
      | 0
      | 1
      | 2
      | 3
      | 4
      | 5
      | 6;
    /**
     * Port in use in modes active-backup, balance-tlb and balance-alb; null: the kernel chooses.
     */
    active_slave?: string | null;
    /**
     * Time between looks at the carrier of the ports, milliseconds; 0: none.
     */
    miimon?: number;
    /**
     * Time before a port that came up is used, milliseconds; a multiple of miimon.
     */
    updelay?: number;
    /**
     * Time before a port that went down is given up, milliseconds; a multiple of miimon.
     */
    downdelay?: number;
    /**
     * Look at the carrier as the driver keeps it (true) rather than ask the hardware. Always true since kernel 6.18.
     */
    use_carrier?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Time between ARP probes, milliseconds; 0: none.
     */
    arp_interval?: number;
    /**
     * IPv4 addresses to probe by ARP, at most 16.
     *
     * @maxItems 16
     */
    arp_ip_target?:
      | []
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
        ];
    /**
     * ARP probes and answers that are checked.
     */
    arp_validate?:
      'none' | 'active' | 'backup' | 'all' | 'filter' | 'filter_active' | 'filter_backup' | 0 | 1 | 2 | 3 | 4 | 5 | 6;
    /**
     * How many ARP targets must answer.
     */
    arp_all_targets?: 'any' | 'all' | 0 | 1;
    /**
     * Port that is used whenever it is up; null: none.
     */
    primary?: string | null;
    /**
     * When the primary port takes over again.
     */
    primary_reselect?: 'always' | 'better' | 'failure' | 0 | 1 | 2;
    /**
     * What happens to the link-layer address in mode active-backup.
     */
    fail_over_mac?: 'none' | 'active' | 'follow' | 0 | 1 | 2;
    /**
     * What the choice of a port is computed from.
     */
    xmit_hash_policy?:
      'layer2' | 'layer3+4' | 'layer2+3' | 'encap2+3' | 'encap3+4' | 'vlan+srcmac' | 0 | 1 | 2 | 3 | 4 | 5;
    /**
     * IGMP reports to send after a change of port.
     */
    resend_igmp?: number;
    /**
     * Gratuitous ARP packets and unsolicited neighbor advertisements after a change of port (num_grat_arp, num_unsol_na).
     */
    num_grat_arp?: number;
    /**
     * The same as `num_grat_arp`.
     */
    num_unsol_na?: number;
    /**
     * The same as `num_grat_arp`.
     */
    num_peer_notif?: number;
    /**
     * 1: keep duplicate packets from inactive ports.
     */
    all_slaves_active?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Ports that must be up for the bond to have a carrier.
     */
    min_links?: number;
    /**
     * Seconds between learning packets to the peer switches.
     */
    lp_interval?: number;
    /**
     * Packets by one port before the next takes over in mode balance-rr; 0: at random.
     */
    packets_per_slave?: number;
    /**
     * Rate of LACP packets that the peer is asked for.
     */
    lacp_rate?: 'slow' | 'fast' | 0 | 1;
    /**
     * How 802.3ad chooses an aggregator.
     */
    ad_select?: 'stable' | 'bandwidth' | 'count' | 'actor_port_prio' | 0 | 1 | 2 | 3;
    /**
     * 802.3ad: system priority.
     */
    ad_actor_sys_prio?: number;
    /**
     * 802.3ad: upper ten bits of the port key.
     */
    ad_user_port_key?: number;
    /**
     * 802.3ad: system address; all zeros: that of the bond.
     */
    ad_actor_system?: string;
    /**
     * Mode balance-tlb: move flows as the load changes.
     */
    tlb_dynamic_lb?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Time between gratuitous ARP packets after a change of port, milliseconds; a multiple of miimon.
     */
    peer_notify_delay?: number;
    /**
     * Send LACP packets even if the peer does not.
     */
    lacp_active?: 'off' | 'on' | 0 | 1 | true | false;
    /**
     * Missed probes after which a port counts as down.
     */
    arp_missed_max?: number;
    /**
     * The same as `arp_missed_max`.
     */
    missed_max?: number;
    /**
     * IPv6 addresses to probe by neighbor solicitation, at most 16.
     *
     * @maxItems 16
     */
    ns_ip6_target?:
      | []
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
        ];
    /**
     * 802.3ad: couple the states of receiving and sending (kernel 6.8 on).
     */
    coupled_control?: 'off' | 'on' | 0 | 1 | true | false;
    /**
     * 802.3ad: send ARP and NDP packets by every port (kernel 6.17 on).
     */
    broadcast_neighbor?: 'off' | 'on' | 0 | 1 | true | false;
  };
  /**
   * Options of kind geneve.
   */
  geneve?: {
    /**
     * Virtual network identifier.
     */
    id?: number;
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * TTL of the outer packets; 0: the route's; `inherit`: that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * UDP port of the far end.
     */
    dstport?: number;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksums on IPv4.
     */
    udpcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Send without UDP checksums on IPv6. Off with an IPv6 far end and on with any other; the kernel only switches it on.
     */
    udp6zerocsumtx?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Take packets without UDP checksum on IPv6. Off with an IPv6 far end and on with any other; the kernel only switches it on.
     */
    udp6zerocsumrx?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Flow label of outer IPv6 packets.
     */
    flowlabel?: number;
    /**
     * Do-not-fragment bit of the outer packets.
     */
    df?: 'unset' | 'set' | 'inherit' | 0 | 1 | 2;
    /**
     * Carry layer 3 packets without an Ethernet header (kernel 5.19 on). Needs external.
     */
    innerprotoinherit?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP source ports, first and last (kernel 6.15 on).
     *
     * @minItems 2
     * @maxItems 2
     */
    srcport?: [number, number];
  };
  /**
   * Options of kind bareudp.
   */
  bareudp?: {
    /**
     * UDP port of both ends.
     */
    dstport?: number;
    /**
     * What is carried.
     */
    ethertype?: number | string;
    /**
     * Lowest UDP source port.
     */
    srcportmin?: number;
    /**
     * Carry IPv4 besides IPv6 or the other MPLS kind as well.
     */
    multiproto?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind gre.
   */
  gre?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Key of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string | null;
    /**
     * Key of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string | null;
    /**
     * Received packets must have a checksum.
     */
    icsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get a checksum.
     */
    ocsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Received packets must be in sequence.
     */
    iseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get sequence numbers.
     */
    oseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * TTL of the outer packets; `inherit` (0): that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * Path MTU discovery: set the do-not-fragment bit. Off needs ttl inherit.
     */
    pmtudisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Fragment packets although their own do-not-fragment bit is set. Needs pmtudisc off.
     */
    ignore_df?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `ignore_df`.
     */
    'ignore-df'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind gretap.
   */
  gretap?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Key of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string | null;
    /**
     * Key of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string | null;
    /**
     * Received packets must have a checksum.
     */
    icsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get a checksum.
     */
    ocsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Received packets must be in sequence.
     */
    iseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get sequence numbers.
     */
    oseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * TTL of the outer packets; `inherit` (0): that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * Path MTU discovery: set the do-not-fragment bit. Off needs ttl inherit.
     */
    pmtudisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Fragment packets although their own do-not-fragment bit is set. Needs pmtudisc off.
     */
    ignore_df?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `ignore_df`.
     */
    'ignore-df'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind erspan.
   */
  erspan?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Key of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string | null;
    /**
     * Key of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string | null;
    /**
     * Received packets must have a checksum.
     */
    icsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get a checksum.
     */
    ocsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Received packets must be in sequence.
     */
    iseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get sequence numbers.
     */
    oseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * TTL of the outer packets; `inherit` (0): that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * Path MTU discovery: set the do-not-fragment bit. Off needs ttl inherit.
     */
    pmtudisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Fragment packets although their own do-not-fragment bit is set. Needs pmtudisc off.
     */
    ignore_df?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `ignore_df`.
     */
    'ignore-df'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Version of the header.
     */
    erspan_ver?: number;
    /**
     * Index of the port, version 1.
     */
    erspan?: number;
    /**
     * Direction of the mirrored traffic, version 2.
     */
    erspan_dir?: 'ingress' | 'egress' | 0 | 1;
    /**
     * Identifier of the mirroring engine, version 2.
     */
    erspan_hwid?: number;
  };
  /**
   * Options of kind ip6gre.
   */
  ip6gre?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Key of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string | null;
    /**
     * Key of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string | null;
    /**
     * Received packets must have a checksum.
     */
    icsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get a checksum.
     */
    ocsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Received packets must be in sequence.
     */
    iseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get sequence numbers.
     */
    oseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Hop limit of the outer packets; 0: that of the route. (`ip` sends 64 where nothing is said.)
     */
    hoplimit?: number;
    /**
     * The same as `hoplimit`.
     */
    ttl?: number;
    /**
     * How often a packet may be encapsulated again; `none`: no limit is sent. (`ip` sends 4 where nothing is said.)
     */
    encaplimit?: number | string;
    /**
     * Traffic class of the outer packets; `inherit`: that of the inner packet.
     */
    tclass?: number | string;
    /**
     * Flow label of the outer packets; `inherit`: that of the inner packet.
     */
    flowlabel?: number | string;
    /**
     * The inner packet gets the DSCP of the outer one.
     */
    dscp_inherit?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number | string;
    /**
     * The far end may be an address of this host.
     */
    allow_localremote?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `allow_localremote`.
     */
    'allow-localremote'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind ip6gretap.
   */
  ip6gretap?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Key of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string | null;
    /**
     * Key of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string | null;
    /**
     * Received packets must have a checksum.
     */
    icsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get a checksum.
     */
    ocsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Received packets must be in sequence.
     */
    iseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get sequence numbers.
     */
    oseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Hop limit of the outer packets; 0: that of the route. (`ip` sends 64 where nothing is said.)
     */
    hoplimit?: number;
    /**
     * The same as `hoplimit`.
     */
    ttl?: number;
    /**
     * How often a packet may be encapsulated again; `none`: no limit is sent. (`ip` sends 4 where nothing is said.)
     */
    encaplimit?: number | string;
    /**
     * Traffic class of the outer packets; `inherit`: that of the inner packet.
     */
    tclass?: number | string;
    /**
     * Flow label of the outer packets; `inherit`: that of the inner packet.
     */
    flowlabel?: number | string;
    /**
     * The inner packet gets the DSCP of the outer one.
     */
    dscp_inherit?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number | string;
    /**
     * The far end may be an address of this host.
     */
    allow_localremote?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `allow_localremote`.
     */
    'allow-localremote'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind ip6erspan.
   */
  ip6erspan?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Key of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string | null;
    /**
     * Key of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string | null;
    /**
     * Received packets must have a checksum.
     */
    icsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get a checksum.
     */
    ocsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Received packets must be in sequence.
     */
    iseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Sent packets get sequence numbers.
     */
    oseq?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Hop limit of the outer packets; 0: that of the route. (`ip` sends 64 where nothing is said.)
     */
    hoplimit?: number;
    /**
     * The same as `hoplimit`.
     */
    ttl?: number;
    /**
     * How often a packet may be encapsulated again; `none`: no limit is sent. (`ip` sends 4 where nothing is said.)
     */
    encaplimit?: number | string;
    /**
     * Traffic class of the outer packets; `inherit`: that of the inner packet.
     */
    tclass?: number | string;
    /**
     * Flow label of the outer packets; `inherit`: that of the inner packet.
     */
    flowlabel?: number | string;
    /**
     * The inner packet gets the DSCP of the outer one.
     */
    dscp_inherit?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number | string;
    /**
     * The far end may be an address of this host.
     */
    allow_localremote?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `allow_localremote`.
     */
    'allow-localremote'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Version of the header.
     */
    erspan_ver?: number;
    /**
     * Index of the port, version 1.
     */
    erspan?: number;
    /**
     * Direction of the mirrored traffic, version 2.
     */
    erspan_dir?: 'ingress' | 'egress' | 0 | 1;
    /**
     * Identifier of the mirroring engine, version 2.
     */
    erspan_hwid?: number;
  };
  /**
   * Options of kind ipip.
   */
  ipip?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * TTL of the outer packets; `inherit` (0): that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * Path MTU discovery: set the do-not-fragment bit. Off needs ttl inherit.
     */
    pmtudisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * What is carried.
     */
    mode?: 'any' | 'ipip' | 'mplsip' | 0 | 4 | 137;
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind sit.
   */
  sit?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * TTL of the outer packets; `inherit` (0): that of the inner packet.
     */
    ttl?: number | string;
    /**
     * TOS of the outer packets; 1 or `inherit`: that of the inner packet.
     */
    tos?: number | string;
    /**
     * Path MTU discovery: set the do-not-fragment bit. Off needs ttl inherit.
     */
    pmtudisc?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * What is carried.
     */
    mode?: 'any' | 'ipip' | 'ip6ip' | 'mplsip' | 0 | 4 | 41 | 137;
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
    /**
     * Intra-site automatic tunnel addressing (RFC 5214).
     */
    isatap?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Prefix of IPv6 rapid deployment (RFC 5969).
     */
    '6rd_prefix'?: string | null;
    /**
     * The same as `6rd_prefix`.
     */
    '6rd-prefix'?: string | null;
    /**
     * Length of 6rd_prefix.
     */
    '6rd_prefixlen'?: number;
    /**
     * IPv4 prefix that all relays have in common.
     */
    '6rd_relay_prefix'?: string | null;
    /**
     * The same as `6rd_relay_prefix`.
     */
    '6rd-relay_prefix'?: string | null;
    /**
     * Length of 6rd_relay_prefix.
     */
    '6rd_relay_prefixlen'?: number;
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind ip6tnl.
   */
  ip6tnl?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Hop limit of the outer packets; 0: that of the route. (`ip` sends 64 where nothing is said.)
     */
    hoplimit?: number;
    /**
     * The same as `hoplimit`.
     */
    ttl?: number;
    /**
     * How often a packet may be encapsulated again; `none`: no limit is sent. (`ip` sends 4 where nothing is said.)
     */
    encaplimit?: number | string;
    /**
     * Traffic class of the outer packets; `inherit`: that of the inner packet.
     */
    tclass?: number | string;
    /**
     * Flow label of the outer packets; `inherit`: that of the inner packet.
     */
    flowlabel?: number | string;
    /**
     * The inner packet gets the DSCP of the outer one.
     */
    dscp_inherit?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number | string;
    /**
     * The far end may be an address of this host.
     */
    allow_localremote?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `allow_localremote`.
     */
    'allow-localremote'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * What is carried. (`ip` sends ip6ip6 where nothing is said.)
     */
    mode?: 'any' | 'ipip6' | 'ip6ip6' | 0 | 4 | 41;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A UDP encapsulation around the tunnel; needs the kernel module fou.
     */
    encap?: 'none' | 'fou' | 'gue' | 0 | 1 | 2;
    /**
     * UDP source port of the encapsulation; 0: from the flow.
     */
    encap_sport?: number;
    /**
     * The same as `encap_sport`.
     */
    'encap-sport'?: number;
    /**
     * UDP destination port of the encapsulation.
     */
    encap_dport?: number;
    /**
     * The same as `encap_dport`.
     */
    'encap-dport'?: number;
    /**
     * UDP checksum over IPv4.
     */
    encap_csum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum`.
     */
    'encap-csum'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * UDP checksum over IPv6.
     */
    encap_csum6?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_csum6`.
     */
    'encap-csum6'?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Remote checksum offload of the encapsulation.
     */
    encap_remcsum?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `encap_remcsum`.
     */
    'encap-remcsum'?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind vti.
   */
  vti?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Mark of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string;
    /**
     * Mark of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string;
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
  };
  /**
   * Options of kind vti6.
   */
  vti6?: {
    /**
     * Address of the far end; null: none, for any.
     */
    remote?: string | null;
    /**
     * Own address of the outer packets; null: by the route.
     */
    local?: string | null;
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Mark of received packets: a number, or one written like an IPv4 address.
     */
    ikey?: number | string;
    /**
     * Mark of sent packets: a number, or one written like an IPv4 address.
     */
    okey?: number | string;
    /**
     * Firewall mark of the outer packets, for policy routing.
     */
    fwmark?: number;
  };
  /**
   * Options of kind xfrm.
   */
  xfrm?: {
    /**
     * Link to send the outer packets by; null: by the route.
     */
    dev?: string | null;
    /**
     * Interface identifier, as in the policies and states that belong to it.
     */
    if_id?: number;
    /**
     * Far end, key and so on come with each packet (lightweight tunnel), and not from here.
     */
    external?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind ipvlan.
   */
  ipvlan?: {
    /**
     * Layer at which packets are told apart. A setting of the parent, shared by all links on it.
     */
    mode?: 'l2' | 'l3' | 'l3s' | 0 | 1 | 2;
    /**
     * How links above one parent reach one another. A setting of the parent as well.
     */
    flag?: 'bridge' | 'private' | 'vepa' | 0 | 1 | 2;
  };
  /**
   * Options of kind ipvtap.
   */
  ipvtap?: {
    /**
     * Layer at which packets are told apart. A setting of the parent, shared by all links on it.
     */
    mode?: 'l2' | 'l3' | 'l3s' | 0 | 1 | 2;
    /**
     * How links above one parent reach one another. A setting of the parent as well.
     */
    flag?: 'bridge' | 'private' | 'vepa' | 0 | 1 | 2;
  };
  /**
   * Options of kind macsec.
   */
  macsec?: {
    /**
     * Secure channel identifier: 16 hexadecimal digits, quoted. Unset: the address of the link and `port`.
     */
    sci?: string;
    /**
     * Port of the channel identifier; unset is 1. Not together with `sci`.
     */
    port?: number;
    /**
     * Length of the integrity check value, bytes.
     */
    icvlen?: number;
    /**
     * Cipher suite.
     */
    cipher?: 'gcm-aes-128' | 'gcm-aes-256' | 'gcm-aes-xpn-128' | 'gcm-aes-xpn-256';
    /**
     * Replay window, packets.
     */
    window?: number;
    /**
     * Association to send by.
     */
    encodingsa?: number;
    /**
     * Encrypt, not only authenticate.
     */
    encrypt?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Protect frames that are sent.
     */
    protect?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Send the channel identifier with every frame. Excludes end_station and scb.
     */
    send_sci?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Set the end station bit.
     */
    end_station?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Set the single copy broadcast bit.
     */
    scb?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Refuse frames that are older than the window.
     */
    replay?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * What becomes of frames that are not valid.
     */
    validate?: 'disabled' | 'check' | 'strict' | 0 | 1 | 2;
    /**
     * Leave the work to the hardware.
     */
    offload?: 'off' | 'phy' | 'mac' | 0 | 1 | 2;
  };
  /**
   * Options of kind hsr.
   */
  hsr?: {
    /**
     * First link of the ring.
     */
    slave1?: string;
    /**
     * Second link of the ring.
     */
    slave2?: string;
    /**
     * Last byte of the multicast address of supervision frames.
     */
    supervision?: number;
    /**
     * Version of the protocol. The kernel does not tell it, so it counts at creation only.
     */
    version?: number;
    /**
     * High-availability Seamless Redundancy or the Parallel Redundancy Protocol.
     */
    proto?: 'hsr' | 'prp' | 0 | 1;
    /**
     * Link to another ring, which makes this a RedBox (kernel 6.10 on); null: none.
     */
    interlink?: string | null;
  };
  /**
   * Kind team has no options here.
   */
  team?: {};
  /**
   * Options of kind batadv.
   */
  batadv?: {
    /**
     * Routing algorithm, BATMAN_IV or BATMAN_V. The kernel does not tell it, so it counts at creation only.
     */
    ra?: string;
  };
  /**
   * Kind nlmon has no options here.
   */
  nlmon?: {};
  /**
   * Kind vcan has no options here.
   */
  vcan?: {};
  /**
   * Options of kind wireguard, in the words of wg(8).
   */
  wireguard?: {
    /**
     * File that holds the private key, as wg genkey writes it; relative to this file. Nobody but its owner should be able to read it. The key itself is never shown or kept. null: none.
     */
    private_key_file?: string | null;
    /**
     * UDP port; 0: any. A link that comes up without one chooses one, and keeps it.
     */
    listen_port?: number;
    /**
     * Firewall mark of the packets that the tunnel sends; 0 is none.
     */
    fwmark?: number;
    /**
     * Who is at the other end. A list, even an empty one, is exact: other peers go.
     */
    peers?: WireguardPeer[];
  };
  /**
   * Options of kind tun, in the words of ip-tuntap(8). The link outlives the programs that open it.
   */
  tun?: {
    /**
     * What a program gets to see: packets (tun) or Ethernet frames (tap).
     */
    mode?: 'tun' | 'tap' | 1 | 2;
    /**
     * Number of the user who may open it, besides root; null: nobody.
     */
    user?: number | null;
    /**
     * Number of the group whose members may open it; null: none.
     */
    group?: number | null;
    /**
     * Four bytes before each packet tell its protocol. A program says anew as it opens the link.
     */
    pi?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * A header before each packet carries offloads, as virtual machines want it. A program says anew as it opens the link.
     */
    vnet_hdr?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Several programs or threads may hold it open at a time.
     */
    multi_queue?: true | false | 0 | 1 | 'on' | 'off';
  };
  /**
   * Options of kind netkit: a pair of links for containers (kernel 6.7 on). They belong to the end that is declared with them.
   */
  netkit?: {
    /**
     * Name of the other end, in the same namespace.
     */
    peer?: string;
    /**
     * Whether packets have an Ethernet header (l2) or none (l3).
     */
    mode?: 'l2' | 'l3' | 0 | 1;
    /**
     * What becomes of packets that no BPF program at this end decides on.
     */
    policy?: 'forward' | 'blackhole' | 0 | 2;
    /**
     * The same at the other end.
     */
    peer_policy?: 'forward' | 'blackhole' | 0 | 2;
    /**
     * Whether packets lose their mark and priority on the way out of this end (kernel 6.13 on).
     */
    scrub?: 'none' | 'default' | 0 | 1;
    /**
     * The same at the other end (kernel 6.13 on).
     */
    peer_scrub?: 'none' | 'default' | 0 | 1;
  };
  /**
   * Options as a port of a bridge.
   */
  bridge_port?: {
    /**
     * Priority of the port in the spanning tree.
     */
    priority?: number;
    /**
     * Cost of the path through the port.
     */
    cost?: number;
    /**
     * Send packets back by the port by which they came.
     */
    hairpin?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * BPDU guard: a spanning tree packet shuts the port.
     */
    guard?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The port cannot become the root port.
     */
    root_block?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Drop a member at once when it leaves (also called mcast_fast_leave).
     */
    fastleave?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * The same as `fastleave`.
     */
    mcast_fast_leave?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Learn addresses from the traffic of the port.
     */
    learning?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Flood packets to unknown unicast addresses to the port.
     */
    flood?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Answer ARP requests for neighbors known to the port, and do not flood them to it.
     */
    proxy_arp?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Proxy ARP as IEEE 802.11 and Hotspot 2.0 ask for.
     */
    proxy_arp_wifi?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Multicast router behind the port: 0 never, 1 as detected, 2 always, 3 for a time.
     */
    mcast_router?: number;
    /**
     * The same as `mcast_router`.
     */
    multicast_router?: number;
    /**
     * Flood unknown multicast to the port.
     */
    mcast_flood?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Turn multicast into a copy for each member.
     */
    mcast_to_unicast?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Map VLANs to tunnel identifiers.
     */
    vlan_tunnel?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Flood broadcast to the port.
     */
    bcast_flood?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Bit mask of the link-local groups 01:80:c2:00:00:0X to forward.
     */
    group_fwd_mask?: number;
    /**
     * Answer ARP and NDP requests for known neighbors, and do not flood them to the port.
     */
    neigh_suppress?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Isolated ports do not reach one another.
     */
    isolated?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Port that takes over when this one has no carrier; null: none.
     */
    backup_port?: string | null;
    /**
     * Most hosts tracked for explicit multicast membership.
     */
    mcast_eht_hosts_limit?: number;
    /**
     * Only addresses in the forwarding database may send by the port (kernel 5.18 on).
     */
    locked?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Learn locked-out addresses as locked entries (kernel 6.2 on). Needs `locked`.
     */
    mab?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Most multicast groups at the port (kernel 6.3 on); 0: no limit.
     */
    mcast_max_groups?: number;
    /**
     * The same for each VLAN by itself (kernel 6.4 on).
     */
    neigh_vlan_suppress?: true | false | 0 | 1 | 'on' | 'off';
    /**
     * Nexthop object for traffic that takes the backup port (kernel 6.6 on); 0: none.
     */
    backup_nhid?: number;
    /**
     * VLANs of the port. A list, even an empty one, is exact: others go, also the one that vlan_default_pvid of the bridge brings. They count while the bridge has vlan_filtering.
     */
    vlans?: ((number | string) | BridgePortVlan)[];
  };
  /**
   * Options as a port of a bond.
   */
  bond_port?: {
    /**
     * Transmit queue for the port.
     */
    queue_id?: number;
    /**
     * Preference at failover, the higher first (kernel 6.0 on).
     */
    prio?: number;
    /**
     * 802.3ad: priority of the port (kernel 6.18 on).
     */
    actor_port_prio?: number;
  };
}
/**
 * An address of the link that lists it.
 */
export interface LinkAddress {
  /**
   * Local address with its prefix length.
   */
  address: string;
  /**
   * Address of the far end of a point-to-point link. A length written here is the prefix length of the pair.
   */
  peer?: string;
  /**
   * IPv4 broadcast address. `+`: computed from the prefix; `-` or null: none. Unset: not managed.
   */
  broadcast?: string | null;
  /**
   * Where the address is valid: `global`, `site`, `link`, `host`, or a number of rt_scopes.
   */
  scope?: number | string;
  /**
   * IPv4 label: the name of the link, or that with a suffix such as `:web`. At most 15 characters.
   */
  label?: string;
  /**
   * Seconds until the address is removed, counted from the apply, or `forever`.
   */
  valid_lft?: number | string;
  /**
   * Seconds until the address is no longer chosen for new connections, or `forever`. Not above `valid_lft`.
   */
  preferred_lft?: number | string;
  /**
   * Metric of the prefix route that the kernel makes for the address; 0: the kernel's choice.
   */
  metric?: number;
  /**
   * Make no prefix route for the address.
   */
  noprefixroute?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IPv6: no duplicate address detection.
   */
  nodad?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IPv6: a home address (RFC 6275).
   */
  home?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IPv6: the kernel makes privacy addresses from this one. Needs a /64.
   */
  mngtmpaddr?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Join the multicast group of this address.
   */
  autojoin?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IFA_PROTO (kernel 5.18 on): a number or a name of rt_protos. Unset is the mark of netrecon.
   */
  protocol?: number | string;
  /**
   * `absent`: the object must not exist.
   */
  state?: 'present' | 'absent';
  /**
   * Take the slot over even where another program (a routing daemon, DHCP ...) holds it. Without it that is a conflict, and nothing is changed.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
}
/**
 * A VLAN of a bridge, or a range of VLANs that are alike.
 */
export interface BridgeVlan {
  /**
   * The VLAN, or a range of them: 20-30.
   */
  vid: number | string;
  /**
   * What comes in without a tag belongs to this VLAN.
   */
  pvid?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Packets of this VLAN go out without a tag.
   */
  untagged?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Multicast goes there: 0 never, 1 as queries tell, 2 always.
   */
  mcast_router?: number;
}
/**
 * A VNI, or a range of VNIs that are alike.
 */
export interface VxlanVni {
  /**
   * The VNI, or a range of them: 20-30.
   */
  vni: number | string;
  /**
   * Where packets go that the forwarding database has no entry for: a remote, or a multicast group (of a VXLAN with dev).
   */
  group?: string;
}
/**
 * A peer of a WireGuard link. What it does not say stays as it is.
 */
export interface WireguardPeer {
  /**
   * Its public key, in base64.
   */
  public_key: string;
  /**
   * File that holds the key shared with this peer, as wg genpsk writes it; relative to this file. null: none.
   */
  preshared_key_file?: string | null;
  /**
   * Address and port at which it is reached. The kernel follows a peer that moves: leave this out for one that does.
   */
  endpoint?: string;
  /**
   * Prefixes that are reached through it, and from which it may send. A list, even an empty one, is exact.
   */
  allowed_ips?: string[];
  /**
   * Seconds between packets that keep a way through NAT open; 0 or off: none.
   */
  persistent_keepalive?: number | 'off';
}
/**
 * A VLAN of a bridge port, or a range of VLANs that are alike.
 */
export interface BridgePortVlan {
  /**
   * The VLAN, or a range of them: 20-30.
   */
  vid: number | string;
  /**
   * What comes in without a tag belongs to this VLAN.
   */
  pvid?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Packets of this VLAN go out without a tag.
   */
  untagged?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Multicast goes there: 0 never, 1 as queries tell, 2 always.
   */
  mcast_router?: number;
  /**
   * Most multicast groups (kernel 6.3 on, while the bridge has mcast_vlan_snooping); 0: no limit.
   */
  mcast_max_groups?: number;
  /**
   * Answer ARP and ND for the neighbors that are known (kernel 6.4 on, on a port with neigh_vlan_suppress).
   */
  neigh_suppress?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * The tunnel that stands for the VLAN, on a port with vlan_tunnel: a VXLAN that is external.
   */
  tunnel_info?: {
    /**
     * Tunnel id (the VNI of a VXLAN); for a range of VLANs that of the first, or a range as long.
     */
    id: number | string;
  };
}
/**
 * An address and its link.
 */
export interface Address {
  /**
   * Local address with its prefix length.
   */
  address: string;
  /**
   * Link that carries the address.
   */
  dev: string;
  /**
   * Address of the far end of a point-to-point link. A length written here is the prefix length of the pair.
   */
  peer?: string;
  /**
   * IPv4 broadcast address. `+`: computed from the prefix; `-` or null: none. Unset: not managed.
   */
  broadcast?: string | null;
  /**
   * Where the address is valid: `global`, `site`, `link`, `host`, or a number of rt_scopes.
   */
  scope?: number | string;
  /**
   * IPv4 label: the name of the link, or that with a suffix such as `:web`. At most 15 characters.
   */
  label?: string;
  /**
   * Seconds until the address is removed, counted from the apply, or `forever`.
   */
  valid_lft?: number | string;
  /**
   * Seconds until the address is no longer chosen for new connections, or `forever`. Not above `valid_lft`.
   */
  preferred_lft?: number | string;
  /**
   * Metric of the prefix route that the kernel makes for the address; 0: the kernel's choice.
   */
  metric?: number;
  /**
   * Make no prefix route for the address.
   */
  noprefixroute?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IPv6: no duplicate address detection.
   */
  nodad?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IPv6: a home address (RFC 6275).
   */
  home?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IPv6: the kernel makes privacy addresses from this one. Needs a /64.
   */
  mngtmpaddr?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Join the multicast group of this address.
   */
  autojoin?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * IFA_PROTO (kernel 5.18 on): a number or a name of rt_protos. Unset is the mark of netrecon.
   */
  protocol?: number | string;
  /**
   * `absent`: the object must not exist.
   */
  state?: 'present' | 'absent';
  /**
   * Take the slot over even where another program (a routing daemon, DHCP ...) holds it. Without it that is a conflict, and nothing is changed.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
}
/**
 * A nexthop object (Linux 5.3 on): a way, or a group of ways, that routes name by `nhid`.
 */
export interface Nexthop {
  /**
   * Number of the object, which is its identity. Any other program that makes nexthop objects numbers in the same space.
   */
  id: number;
  /**
   * Family of the routes that go by it, where `via` does not tell. Unset: inet. Not of a group.
   */
  family?: 'inet' | 'inet6';
  /**
   * Gateway; with `fdb`, the address of the remote tunnel end.
   */
  via?: string;
  /**
   * Link to send by. Unset: found by the gateway. The kernel takes no nexthop through a link without carrier, and drops those of a link that loses it.
   */
  dev?: string;
  /**
   * The gateway is reachable on `dev` although no prefix covers it.
   */
  onlink?: true | false | 0 | 1 | 'on' | 'off';
  encap?: Encap;
  /**
   * Packets are dropped. Alone in its group, where it is in one.
   */
  blackhole?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * A remote tunnel end for forwarding entries of a VXLAN (`nhid` of a neighbor), or a group of such; not for routes. Kernel 5.8 on.
   */
  fdb?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Members of a group, in place of all above: numbers of single nexthop objects, with a weight where it is not 1.
   *
   * @minItems 1
   */
  group?: [
    (
      | number
      | {
          /**
           * Number of a nexthop object.
           */
          id: number;
          /**
           * Share of the traffic, in relation to the weights of the others. Above 255 from kernel 6.12 on.
           */
          weight?: number;
        }
    ),
    ...(
      | number
      | {
          /**
           * Number of a nexthop object.
           */
          id: number;
          /**
           * Share of the traffic, in relation to the weights of the others. Above 255 from kernel 6.12 on.
           */
          weight?: number;
        }
    )[],
  ];
  /**
   * How a group spreads flows. mpath: by hash thresholds, which move flows when members change. resilient: by a table of buckets, which keeps those that are in use where they are (kernel 5.13 on).
   */
  type?: 'mpath' | 'resilient';
  /**
   * Size of the table of a resilient group. Another number makes the group anew.
   */
  buckets?: number;
  /**
   * Resilient group: seconds without traffic after which a bucket may move to another member.
   */
  idle_timer?: number;
  /**
   * Resilient group: seconds out of balance after which buckets move although they are in use; 0: never.
   */
  unbalanced_timer?: number;
  /**
   * Who is on record as the maker: a number or a name of rt_protos. Unset is 110, the mark of netrecon, by which it knows its own objects again.
   */
  protocol?: number | string;
  /**
   * `absent`: the object must not exist.
   */
  state?: 'present' | 'absent';
  /**
   * Take the slot over even where another program (a routing daemon, DHCP ...) holds it. Without it that is a conflict, and nothing is changed.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
}
/**
 * What is done to packets before they are sent by this way.
 */
export interface Encap {
  /**
   * mpls: a label stack. ip, ip6: what a tunnel device with `external: true` is to send to. seg6: a segment routing header. seg6local: what this host does with packets to one of its own segments.
   */
  type: 'mpls' | 'ip' | 'ip6' | 'seg6' | 'seg6local';
  /**
   * mpls: labels, the outermost first.
   *
   * @minItems 1
   * @maxItems 30
   *
   * Items: A label.
   */
  labels?: [number, ...number[]];
  /**
   * mpls: TTL of the label, 0: that of the packet; unset: as net.mpls.ip_ttl_propagate says. ip: TTL of the tunnel header.
   */
  ttl?: number;
  /**
   * ip, ip6: tunnel id: the VNI of a VXLAN, the key of a GRE ...
   */
  id?: number;
  /**
   * ip, ip6: far end of the tunnel.
   */
  dst?: string;
  /**
   * ip, ip6: near end of the tunnel. Unset: chosen by the route to the far end.
   */
  src?: string;
  /**
   * ip: type of service of the tunnel header.
   */
  tos?: number;
  /**
   * ip6: traffic class of the tunnel header.
   */
  tc?: number;
  /**
   * ip6: hop limit of the tunnel header.
   */
  hoplimit?: number;
  /**
   * ip, ip6: send `id` as a key.
   */
  key?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * ip, ip6: send checksums.
   */
  csum?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * ip, ip6: send sequence numbers.
   */
  seq?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * seg6: inline puts the header into the packet, encap puts the packet into another, l2encap a whole frame; `.red` leaves the first segment out of the header (kernel 6.1 on). Unset: encap.
   */
  mode?: 'inline' | 'encap' | 'l2encap' | 'encap.red' | 'l2encap.red';
  /**
   * seg6, and seg6local with End.B6 and End.B6.Encaps: segments in the order of travel.
   *
   * @minItems 1
   * @maxItems 120
   *
   * Items: Address of a segment.
   */
  segs?: [string, ...string[]];
  /**
   * seg6local: what is done (RFC 8986).
   */
  action?:
    | 'End'
    | 'End.X'
    | 'End.T'
    | 'End.DX2'
    | 'End.DX6'
    | 'End.DX4'
    | 'End.DT6'
    | 'End.DT4'
    | 'End.B6'
    | 'End.B6.Encaps'
    | 'End.DT46';
  /**
   * seg6local: routing table to look in (End.T, End.DT6).
   */
  table?: number | string;
  /**
   * seg6local: table of the VRF to look in (End.DT4, End.DT6, End.DT46).
   */
  vrftable?: number | string;
  /**
   * seg6local: IPv4 address to send to (End.DX4).
   */
  nh4?: string;
  /**
   * seg6local: IPv6 address to send to (End.X, End.DX6).
   */
  nh6?: string;
  /**
   * seg6local: link to send by (End.DX2).
   */
  oif?: string;
}
/**
 * A route.
 */
export interface Route {
  /**
   * Destination prefix; a bare address is a host; `default` is 0.0.0.0/0 or ::/0 (see `family`). With `family: mpls` the label of incoming packets, 16 to 1048575.
   */
  to?: number | string;
  /**
   * File of routes, one destination a line (`#` starts a comment); each becomes a route with the rest of this entry. Words of `ip route` behind a destination, and types such as blackhole in front of it, go before the keys of the entry: `10.1.0.0/16 via 10.0.0.2 metric 20`. Also JSON or JSON lines: destinations, mappings with the keys of an entry, or what `ip -j route show` prints; or a dump of `ip route save`; or the prefixes of a table in the MRT format. Relative to the file that names it.
   */
  to_file?: string;
  /**
   * Which `default` is meant, where neither `via`, `src` nor `from` tells. Unset: inet. With `to_file` of a dump: the routes of this family alone. mpls: a route of a label (`ip -f mpls route`), which takes `to`, `as`, `via`, `dev`, `nexthops`, `ttl_propagate` and `protocol`; net.mpls.platform_labels must be above the label.
   */
  family?: 'inet' | 'inet6' | 'mpls';
  /**
   * What the route does. Types local, broadcast, anycast and nat stand in table `local` unless `table` says otherwise.
   */
  type?:
    'unicast' | 'local' | 'broadcast' | 'anycast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  /**
   * mpls: labels put on in place of the one taken off, outermost first. Unset: none is put on.
   */
  as?: number | string;
  /**
   * Gateway. An IPv6 gateway may serve an IPv4 route. mpls: an address of either family, or that of the next hop's link layer.
   */
  via?: string;
  /**
   * Link to send by. Unset: the kernel finds it by the gateway.
   */
  dev?: string;
  /**
   * Preferred source address.
   */
  src?: string;
  /**
   * The lower wins. IPv6: unset and 0 are 1024.
   */
  metric?: number;
  /**
   * Routing table: a number (any u32) or a name of rt_tables.
   */
  table?: number | string;
  /**
   * Short for the table of this VRF, which these files must declare.
   */
  vrf?: string;
  /**
   * IPv4: distance of the destination: `global`, `site`, `link`, `host`, `nowhere`, or a number of rt_scopes. Unset: link without a gateway, host for type local, else global.
   */
  scope?: number | string;
  /**
   * Who is on record as the maker: a number or a name of rt_protos. Unset is 110, the mark of netrecon, by which it knows its own objects again.
   */
  protocol?: number | string;
  /**
   * IPv4: type of service that selects this route: a number or a name of rt_dsfield.
   */
  tos?: number | string;
  /**
   * The gateway is reachable on `dev` although no prefix covers it.
   */
  onlink?: true | false | 0 | 1 | 'on' | 'off';
  encap?: Encap1;
  /**
   * IPv6 router preference (RFC 4191).
   */
  pref?: 'low' | 'medium' | 'high';
  /**
   * Realm for tc and rules: `FROM/TO`, or the number of TO alone. IPv4 only.
   */
  realm?: number | string;
  /**
   * IPv6: source prefix that selects this route.
   */
  from?: string;
  /**
   * IPv6: seconds until the kernel removes the route, counted from the apply.
   */
  expires?: number;
  /**
   * Number of a nexthop object, in place of `via`, `dev` and `nexthops`.
   */
  nhid?: number;
  /**
   * Ways of a multipath route, in place of `via` and `dev`.
   *
   * @minItems 1
   *
   * Items: One way of a multipath route.
   */
  nexthops?: [
    {
      /**
       * mpls: labels put on in place of the one taken off, outermost first. Unset: none is put on.
       */
      as?: number | string;
      /**
       * Gateway. An IPv6 gateway may serve an IPv4 route.
       */
      via?: string;
      /**
       * Link to send by.
       */
      dev?: string;
      /**
       * Share of the traffic, in relation to the weights of the others.
       */
      weight?: number;
      /**
       * The gateway is reachable on `dev` although no prefix covers it.
       */
      onlink?: true | false | 0 | 1 | 'on' | 'off';
      encap?: Encap2;
      /**
       * Realm for tc and rules: `FROM/TO`, or the number of TO alone. IPv4 only.
       */
      realm?: number | string;
    },
    ...{
      /**
       * mpls: labels put on in place of the one taken off, outermost first. Unset: none is put on.
       */
      as?: number | string;
      /**
       * Gateway. An IPv6 gateway may serve an IPv4 route.
       */
      via?: string;
      /**
       * Link to send by.
       */
      dev?: string;
      /**
       * Share of the traffic, in relation to the weights of the others.
       */
      weight?: number;
      /**
       * The gateway is reachable on `dev` although no prefix covers it.
       */
      onlink?: true | false | 0 | 1 | 'on' | 'off';
      encap?: Encap2;
      /**
       * Realm for tc and rules: `FROM/TO`, or the number of TO alone. IPv4 only.
       */
      realm?: number | string;
    }[],
  ];
  /**
   * mpls: the TTL of the label goes into the header below when the last label is taken off. Unset: as net.mpls.ip_ttl_propagate says.
   */
  ttl_propagate?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Path MTU in bytes; 0 is the same as unset, here and in every metric below.
   */
  mtu?: number;
  /**
   * Largest TCP window advertised, bytes.
   */
  window?: number;
  /**
   * Initial round-trip time estimate, milliseconds.
   */
  rtt?: number;
  /**
   * Initial variance of the round-trip time, milliseconds.
   */
  rttvar?: number;
  /**
   * Initial slow start threshold, segments.
   */
  ssthresh?: number;
  /**
   * Upper bound of the congestion window, segments. Works with `lock: [cwnd]` only.
   */
  cwnd?: number;
  /**
   * Largest TCP segment advertised, bytes.
   */
  advmss?: number;
  /**
   * Reordering that TCP bears before it assumes a loss, segments.
   */
  reordering?: number;
  /**
   * Hop limit (TTL) of packets sent by this route.
   */
  hoplimit?: number;
  /**
   * Initial congestion window, segments.
   */
  initcwnd?: number;
  /**
   * Feature bits: `ecn`, or the number of the bit mask.
   */
  features?: number | string;
  /**
   * Smallest TCP retransmission timeout, milliseconds.
   */
  rto_min?: number;
  /**
   * Initial receive window, segments.
   */
  initrwnd?: number;
  /**
   * Quick acknowledgements on connections by this route.
   */
  quickack?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * TCP congestion control algorithm.
   */
  cc_algo?: string;
  /**
   * The same as `cc_algo`, by the word of `ip route`.
   */
  congctl?: string;
  /**
   * TCP Fast Open without a cookie.
   */
  fastopen_no_cookie?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Metrics written here that the kernel must not change by itself (path MTU discovery ...).
   */
  lock?: (
    | 'mtu'
    | 'window'
    | 'rtt'
    | 'rttvar'
    | 'ssthresh'
    | 'cwnd'
    | 'advmss'
    | 'reordering'
    | 'hoplimit'
    | 'initcwnd'
    | 'features'
    | 'rto_min'
    | 'initrwnd'
    | 'quickack'
    | 'cc_algo'
    | 'fastopen_no_cookie'
  )[];
  /**
   * `absent`: the object must not exist.
   */
  state?: 'present' | 'absent';
  /**
   * Take the slot over even where another program (a routing daemon, DHCP ...) holds it. Without it that is a conflict, and nothing is changed.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
}
/**
 * What is done to packets before they are sent by this way.
 */
export interface Encap1 {
  /**
   * mpls: a label stack. ip, ip6: what a tunnel device with `external: true` is to send to. seg6: a segment routing header. seg6local: what this host does with packets to one of its own segments.
   */
  type: 'mpls' | 'ip' | 'ip6' | 'seg6' | 'seg6local';
  /**
   * mpls: labels, the outermost first.
   *
   * @minItems 1
   * @maxItems 30
   *
   * Items: A label.
   */
  labels?: [number, ...number[]];
  /**
   * mpls: TTL of the label, 0: that of the packet; unset: as net.mpls.ip_ttl_propagate says. ip: TTL of the tunnel header.
   */
  ttl?: number;
  /**
   * ip, ip6: tunnel id: the VNI of a VXLAN, the key of a GRE ...
   */
  id?: number;
  /**
   * ip, ip6: far end of the tunnel.
   */
  dst?: string;
  /**
   * ip, ip6: near end of the tunnel. Unset: chosen by the route to the far end.
   */
  src?: string;
  /**
   * ip: type of service of the tunnel header.
   */
  tos?: number;
  /**
   * ip6: traffic class of the tunnel header.
   */
  tc?: number;
  /**
   * ip6: hop limit of the tunnel header.
   */
  hoplimit?: number;
  /**
   * ip, ip6: send `id` as a key.
   */
  key?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * ip, ip6: send checksums.
   */
  csum?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * ip, ip6: send sequence numbers.
   */
  seq?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * seg6: inline puts the header into the packet, encap puts the packet into another, l2encap a whole frame; `.red` leaves the first segment out of the header (kernel 6.1 on). Unset: encap.
   */
  mode?: 'inline' | 'encap' | 'l2encap' | 'encap.red' | 'l2encap.red';
  /**
   * seg6, and seg6local with End.B6 and End.B6.Encaps: segments in the order of travel.
   *
   * @minItems 1
   * @maxItems 120
   *
   * Items: Address of a segment.
   */
  segs?: [string, ...string[]];
  /**
   * seg6local: what is done (RFC 8986).
   */
  action?:
    | 'End'
    | 'End.X'
    | 'End.T'
    | 'End.DX2'
    | 'End.DX6'
    | 'End.DX4'
    | 'End.DT6'
    | 'End.DT4'
    | 'End.B6'
    | 'End.B6.Encaps'
    | 'End.DT46';
  /**
   * seg6local: routing table to look in (End.T, End.DT6).
   */
  table?: number | string;
  /**
   * seg6local: table of the VRF to look in (End.DT4, End.DT6, End.DT46).
   */
  vrftable?: number | string;
  /**
   * seg6local: IPv4 address to send to (End.DX4).
   */
  nh4?: string;
  /**
   * seg6local: IPv6 address to send to (End.X, End.DX6).
   */
  nh6?: string;
  /**
   * seg6local: link to send by (End.DX2).
   */
  oif?: string;
}
/**
 * What is done to packets before they are sent by this way.
 */
export interface Encap2 {
  /**
   * mpls: a label stack. ip, ip6: what a tunnel device with `external: true` is to send to. seg6: a segment routing header. seg6local: what this host does with packets to one of its own segments.
   */
  type: 'mpls' | 'ip' | 'ip6' | 'seg6' | 'seg6local';
  /**
   * mpls: labels, the outermost first.
   *
   * @minItems 1
   * @maxItems 30
   *
   * Items: A label.
   */
  labels?: [number, ...number[]];
  /**
   * mpls: TTL of the label, 0: that of the packet; unset: as net.mpls.ip_ttl_propagate says. ip: TTL of the tunnel header.
   */
  ttl?: number;
  /**
   * ip, ip6: tunnel id: the VNI of a VXLAN, the key of a GRE ...
   */
  id?: number;
  /**
   * ip, ip6: far end of the tunnel.
   */
  dst?: string;
  /**
   * ip, ip6: near end of the tunnel. Unset: chosen by the route to the far end.
   */
  src?: string;
  /**
   * ip: type of service of the tunnel header.
   */
  tos?: number;
  /**
   * ip6: traffic class of the tunnel header.
   */
  tc?: number;
  /**
   * ip6: hop limit of the tunnel header.
   */
  hoplimit?: number;
  /**
   * ip, ip6: send `id` as a key.
   */
  key?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * ip, ip6: send checksums.
   */
  csum?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * ip, ip6: send sequence numbers.
   */
  seq?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * seg6: inline puts the header into the packet, encap puts the packet into another, l2encap a whole frame; `.red` leaves the first segment out of the header (kernel 6.1 on). Unset: encap.
   */
  mode?: 'inline' | 'encap' | 'l2encap' | 'encap.red' | 'l2encap.red';
  /**
   * seg6, and seg6local with End.B6 and End.B6.Encaps: segments in the order of travel.
   *
   * @minItems 1
   * @maxItems 120
   *
   * Items: Address of a segment.
   */
  segs?: [string, ...string[]];
  /**
   * seg6local: what is done (RFC 8986).
   */
  action?:
    | 'End'
    | 'End.X'
    | 'End.T'
    | 'End.DX2'
    | 'End.DX6'
    | 'End.DX4'
    | 'End.DT6'
    | 'End.DT4'
    | 'End.B6'
    | 'End.B6.Encaps'
    | 'End.DT46';
  /**
   * seg6local: routing table to look in (End.T, End.DT6).
   */
  table?: number | string;
  /**
   * seg6local: table of the VRF to look in (End.DT4, End.DT6, End.DT46).
   */
  vrftable?: number | string;
  /**
   * seg6local: IPv4 address to send to (End.DX4).
   */
  nh4?: string;
  /**
   * seg6local: IPv6 address to send to (End.X, End.DX6).
   */
  nh6?: string;
  /**
   * seg6local: link to send by (End.DX2).
   */
  oif?: string;
}
/**
 * A routing policy rule.
 */
export interface Rule {
  /**
   * Rules are looked at in ascending order.
   */
  priority: number;
  /**
   * Unset: that of `from` or `to`, else inet.
   */
  family?: 'inet' | 'inet6';
  /**
   * The rule applies to what the selectors do not match.
   */
  not?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Source prefix; `all` is any.
   */
  from?: string;
  /**
   * Destination prefix; `all` is any.
   */
  to?: string;
  /**
   * Link by which the packet came in; `lo` for packets of this host.
   */
  iif?: string;
  /**
   * Link to which the socket is bound.
   */
  oif?: string;
  /**
   * Firewall mark as `MARK` or `MARK/MASK`, decimal or 0x hexadecimal.
   */
  fwmark?: number | string;
  /**
   * IPv4 type of service or IPv6 traffic class: a number or a name of rt_dsfield.
   */
  tos?: number | string;
  /**
   * DiffServ code point, six bits (kernel 6.13 on). Not together with `tos`.
   */
  dscp?: number;
  /**
   * IP protocol: a number or a name such as tcp, udp, icmp.
   */
  ipproto?: number | string;
  /**
   * Source port: a number or a range `80-90`.
   */
  sport?: number | string;
  /**
   * Destination port: a number or a range `80-90`.
   */
  dport?: number | string;
  /**
   * Users whose sockets match: `FIRST-LAST`, or one number.
   */
  uidrange?: number | string;
  /**
   * Tunnel key of the packet, up to 64 bits; as text where it is above 2^53.
   */
  tun_id?: number | string;
  /**
   * Look the packet up in the table of the VRF that its link belongs to.
   */
  l3mdev?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * What happens to a matching packet. `table` and `goto` say it by themselves.
   */
  action?: 'table' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';
  /**
   * Table to look into: a number (any u32) or a name of rt_tables.
   */
  table?: number | string;
  /**
   * Priority of the rule to go on with; it must be above this one's.
   */
  goto?: number;
  /**
   * Reject what the table gives if its prefix is this long or shorter.
   */
  suppress_prefixlength?: number;
  /**
   * Reject what the table gives if its link is in this group: a number or a name.
   */
  suppress_ifgroup?: number | string;
  /**
   * Realms for tc: `FROM/TO`, or the number of TO alone.
   */
  realms?: number | string;
  /**
   * Who is on record as the maker: a number or a name of rt_protos. Unset is 110, the mark of netrecon, by which it knows its own objects again.
   */
  protocol?: number | string;
  /**
   * `absent`: the object must not exist.
   */
  state?: 'present' | 'absent';
  /**
   * Take the slot over even where another program (a routing daemon, DHCP ...) holds it. Without it that is a conflict, and nothing is changed.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
}
/**
 * One of: a neighbor entry (`to`), a proxy entry (`proxy`), an entry of a forwarding database (`fdb`), a multicast group of a bridge (`mdb`).
 */
export interface Neighbor {
  /**
   * Address of the neighbor.
   */
  to?: string;
  /**
   * Address that this host answers for.
   */
  proxy?: string;
  /**
   * Link-layer address in the forwarding database of a bridge or a VXLAN. All zeros: the default destination of a VXLAN.
   */
  fdb?: string;
  /**
   * Multicast group in the database of the bridge `dev`: address, or MAC address of a group. The bridge must be up, with mcast_snooping.
   */
  mdb?: string;
  /**
   * Link. Only a proxy entry may be without one: it then counts on every link.
   */
  dev?: string;
  /**
   * Link-layer address of the neighbor.
   */
  lladdr?: string;
  /**
   * Neighbor: permanent (default) or noarp. Forwarding database: static (default with `master`) or permanent (default with `self`; in a bridge: local to it). `absent`: must not exist.
   */
  state?: 'permanent' | 'noarp' | 'static' | 'absent';
  /**
   * The neighbor is an IPv6 router.
   */
  router?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Learned by a program outside the kernel, which keeps it up to date.
   */
  extern_learn?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Neighbor and proxy: who is on record as the maker, see routes. Forwarding databases keep none.
   */
  protocol?: number | string;
  /**
   * Forwarding database of the device itself. Default, unless `dev` is declared here with a `master` and no VXLAN field is written.
   */
  self?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Forwarding database of the bridge that `dev` is a port of.
   */
  master?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Forwarding database: VLAN of the entry.
   */
  vlan?: number;
  /**
   * VXLAN: address of the remote end.
   */
  dst?: string;
  /**
   * VXLAN: network identifier at the remote end. Unset: the device's.
   */
  vni?: number;
  /**
   * VXLAN: UDP port of the remote end. Unset: the device's. Multicast group: the port of the bridge that it goes to.
   */
  port?: number | string;
  /**
   * Multicast group: its VLAN, needed where the bridge has vlan_filtering.
   */
  vid?: number;
  /**
   * Multicast group: only from this source. The bridge needs mcast_igmp_version 3 or mcast_mld_version 2.
   */
  src?: string;
  /**
   * VXLAN: link to send by.
   */
  via?: string;
  /**
   * VXLAN: number of an fdb nexthop object, in place of `dst`.
   */
  nhid?: number;
  /**
   * Bridge: the entry stays at its port.
   */
  sticky?: true | false | 0 | 1 | 'on' | 'off';
  /**
   * Take the slot over even where another program (a routing daemon, DHCP ...) holds it. Without it that is a conflict, and nothing is changed.
   */
  adopt?: true | false | 0 | 1 | 'on' | 'off';
}
/**
 * A network namespace: the same sections as the file itself.
 */
export interface Namespace {
  /**
   * `absent`: the namespace must not exist; it goes with all that stands in it.
   */
  state?: 'absent';
  /**
   * What routes of the namespace that share a way go by: see `nexthop_objects` of the file.
   */
  nexthop_objects?: 'auto' | 'none';
  /**
   * Network interfaces by name.
   */
  links?: {
    [k: string]: Link | undefined;
  };
  /**
   * Addresses in the long form, for generated files. They do not make the list of their link exact.
   */
  addresses?: Address[];
  /**
   * Nexthop objects, which routes name by `nhid`.
   */
  nexthops?: Nexthop[];
  /**
   * Routes of both families.
   */
  routes?: Route[];
  /**
   * Routing policy rules of both families.
   */
  rules?: Rule[];
  /**
   * Entries of the ARP and NDP tables, proxy entries, and entries of forwarding databases.
   */
  neighbors?: Neighbor[];
}
/**
 * A packet, and where it must go: at least one of `via`, `dev`, `src` and `type`.
 */
export interface Expectation {
  /**
   * Destination address.
   */
  to: string;
  /**
   * Source address of the packet.
   */
  from?: string;
  /**
   * Link by which it comes in; unset: this host sends it.
   */
  iif?: string;
  /**
   * Link to which the sending socket is bound.
   */
  oif?: string;
  /**
   * Firewall mark, a number or 0x hexadecimal text.
   */
  mark?: number | string;
  /**
   * IPv4 type of service or IPv6 traffic class.
   */
  tos?: number;
  /**
   * IP protocol.
   */
  ipproto?: 'tcp' | 'udp' | 'icmp' | 'icmpv6';
  /**
   * Source port.
   */
  sport?: number;
  /**
   * Destination port.
   */
  dport?: number;
  /**
   * The gateway that it must go by. Of a route with several ways each one must be as expected.
   */
  via?: string;
  /**
   * The link that it must leave by.
   */
  dev?: string;
  /**
   * The source address that this host must take for it.
   */
  src?: string;
  /**
   * What must become of it; `unreachable` is also where no route is.
   */
  type?: 'unicast' | 'local' | 'broadcast' | 'multicast' | 'anycast' | 'blackhole' | 'unreachable' | 'prohibit';
}
