import type { Value } from '../value.ts';

/**
 * How an option of a link kind stands on the wire and in the file. Pure data: the wire code interprets `codec`.
 *
 * | codec | payload (host order unless said) | value in the model | missing from a dump |
 * |---|---|---|---|
 * | u8 u16 u32 s32 | integer | number, or a word where `words` is given | unknown |
 * | u64 | 8 bytes | number where safe, else decimal text | unknown |
 * | be16 be32 | network order | number, or a word | unknown |
 * | bool8 | u8 0/1 | boolean | unknown |
 * | flag | no payload, present = true; some kernels' dumps carry a u8 0/1 instead | boolean | false |
 * | inet inet6 | 4 / 16 bytes | canonical address, null = all zero | null |
 * | lladdr | octets | canonical text | unknown |
 * | string | NUL-terminated | string | unknown |
 * | ifindex | u32 | name of the link, null = 0 | null |
 * | inetList inet6List | nest of addresses numbered from 0 | canonical addresses, in the kernel's order | empty list |
 * | ethertype | be16 | `802.1q`, `802.1ad`, or 0x number as text | unknown |
 * | portRange | two be16 | [low, high] | unknown |
 * | hex | anything | hexadecimal text; only for what nobody sets | unknown |
 *
 * The last column is what a decoder gives, unless the option's `missing` says otherwise.
 * Unknown = this kernel does not have the option: the field is absent, and counts as `default` when it is compared.
 * A number that has a word is always the word in the model, whichever the file says.
 * An integer whose `max` is 1 is a switch (`stp_state`): the model holds 0 or 1 as `ip` prints it, the file may also
 * say true or false. Options with `bit` share their attribute with others: its integer payload holds one bit of each.
 */
export type OptionCodec =
  | 'u8'
  | 'u16'
  | 'u32'
  | 's32'
  | 'u64'
  | 'be16'
  | 'be32'
  | 'bool8'
  | 'flag'
  | 'inet'
  | 'inet6'
  | 'lladdr'
  | 'string'
  | 'ifindex'
  | 'inetList'
  | 'inet6List'
  | 'ethertype'
  | 'portRange'
  | 'hex'
  | { readonly struct: OptionStruct };

/**
 * Payloads that need code of their own (netlink/wire/option-structs.ts).
 *
 * - `maskedBits`: {u32 value, u32 mask} (struct br_boolopt_multi, struct ifla_vlan_flags). Always with `bit`. The mask
 *   names the bits that are sent, so that one option changes alone. Value: 0/1 where `max` is 1, else boolean.
 * - `bridgeId`: be16 priority and 6 octets (struct ifla_bridge_id) as `8000.02:00:00:00:00:01`. Read-only.
 * - `qosMap`: nest of IFLA_VLAN_QOS_MAPPING (1) {u32 from, u32 to}. Value: list of `FROM:TO`, by FROM ascending. The kernel
 *   only adds and overwrites: a pair that goes is sent as FROM:0, which is what it reports as absent.
 * - `macList`: nest of IFLA_MACVLAN_MACADDR (4); sent together with IFLA_MACVLAN_MACADDR_MODE (3, u32) =
 *   MACVLAN_MACADDR_SET (3), which replaces the whole list. Value: sorted canonical addresses; missing = empty list.
 * - `vethPeer`: no payload of its own: the link codec writes VETH_INFO_PEER (or its like) and reads the name from IFLA_LINK.
 * - `sci`: 8 bytes in network order, as 16 hexadecimal digits.
 * - `cipherSuite`: u64 of the IEEE 802.1AE registry; value: iproute2's word.
 * - `bridgeVlans`: no payload in the link's own messages: RTM_NEWVLAN and RTM_DELVLAN carry it. Value: bridge-vlans.ts.
 * - `vxlanVnis`: the same, by RTM_NEWTUNNEL and RTM_DELTUNNEL. Value: vxlan-vnis.ts.
 * - `wireguardKey`, `wireguardPeers`: generic netlink carries them. Values: a Secret; wireguard.ts.
 * - `lastOctet`: octets of which the last one is the option, a number. For `reportedAs`; never sent.
 */
export type OptionStruct =
  | 'maskedBits'
  | 'bridgeId'
  | 'qosMap'
  | 'macList'
  | 'vethPeer'
  | 'sci'
  | 'cipherSuite'
  | 'bridgeVlans'
  | 'vxlanVnis'
  | 'wireguardKey'
  | 'wireguardPeers'
  | 'lastOctet';

export interface OptionSpec {
  /** kernel name, for errors */
  readonly attr: string;
  /** attribute type within IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA; options with `bit` share one */
  readonly type: number;
  readonly codec: OptionCodec;
  /** the option is this bit (0 = lowest) of the attribute's integer; boolean in the model, 0/1 where `max` is 1 */
  readonly bit?: number;
  /** the option is so many bits from `bit` up, and a number */
  readonly width?: number;
  /** numbers <-> iproute2's words */
  readonly words?: Readonly<Record<number, string>>;
  /** range of a number that the kernel takes, both included; default: the whole integer */
  readonly min?: number;
  readonly max?: number;
  /**
   * `inPlace`: the kernel's changelink changes it. `recreate`: it refuses, says yes and does nothing, or does harm. Some kinds
   * refuse a message that merely repeats a `recreate` option, so an update sends nothing but what changes.
   */
  readonly change: 'inPlace' | 'recreate';
  /** words that an `inPlace` option reaches or leaves only by a new link; optionChange (change.ts) has the last word */
  readonly recreateFor?: readonly string[];
  /** an `inPlace` option that goes only with the link, once it is set */
  readonly staysSet?: true;
  /**
   * the far end of a tunnel without Ethernet: whether there is one is fixed in the flags of the device (EINVAL), so an
   * `inPlace` option neither comes nor goes; `groupsApart`: nor does it become a multicast group (ip_tunnel_changelink)
   */
  readonly farEnd?: 'groupsApart' | 'groupsToo';
  /** an `inPlace` option that the kernel changes only while the link is down (EACCES or EPERM while up) */
  readonly whileDown?: true;
  /** values of the option `mode` with which it exists; with others the kernel refuses even its default */
  readonly modes?: readonly string[];
  /** the value names a port of this very link: can only be sent after that port is attached */
  readonly afterPorts?: true;
  /** what a new link has when nothing is sent; such a value is not sent at creation, for the kernel may refuse even that */
  readonly default?: Value;
  /** what it means that a dump leaves the attribute out, where that is not what the codec's row says */
  readonly missing?: Value;
  /** the attribute that holds the option where its value is an IPv6 address. The family of a link never changes */
  readonly inet6?: { readonly attr: string; readonly type: number };
  /** messages of another family carry it, at a time of their own; `attr` is the attribute there (`type` 0: an entry for each item) */
  readonly stage?: 'vlans' | 'vnis' | 'wireguard';
  /** what the file leaves out of a value, from what is there */
  readonly complete?: (written: Value, present: Value | undefined) => Value;
  /** what an exported file says of a value; undefined: nothing */
  readonly exported?: (value: Value) => Value | undefined;
  /** a switch of the same kind without which there is no such option: where the file turns it off, it is not kept */
  readonly needs?: string;
  /** cannot be read back (the kernel never reports it): sent on creation, never compared */
  readonly writeOnly?: boolean;
  /** the kernel reports it but refuses or ignores it from user space: decoded for snapshot, never sent */
  readonly readOnly?: boolean;
  /** with `readOnly`: compared all the same where a state must come back exactly as it was */
  readonly onlyExact?: true;
  /** belongs to the end of a pair that is `primary`: the other one has it only once it is made anew as that */
  readonly ofPrimary?: true;
  /**
   * what a dump with these options shows in place of the value that was set, while it does (null: what that is does not
   * follow from them); undefined: it shows that value. A value that is this one is unknown, and absent
   */
  readonly shownInstead?: (options: Readonly<Record<string, Value>>) => Value | undefined;
  /** other words of iproute2 for the same option */
  readonly aliases?: readonly string[];
  /** one more word, which is a flag attribute of its own (codec `flag`) and is sent in place of the number */
  readonly flagWord?: {
    readonly word: string;
    readonly attr: string;
    readonly type: number;
    /** u8 0/1 in place of a flag without payload */
    readonly codec?: 'bool8';
  };
  /** one more value, which the option has where that bit of another attribute is set (or clear): the number is then void */
  readonly bitWord?: {
    readonly word: string | null;
    readonly when: 'set' | 'clear';
    readonly attr: string;
    readonly type: number;
    readonly bit: number;
    readonly codec: 'be16' | 'u16' | 'u32';
  };
  /** the attribute of a dump that holds the option where it is not the one that sets it */
  readonly reportedAs?: { readonly attr: string; readonly type: number; readonly codec: OptionCodec };
  /** options that an update must repeat along with this one (EINVAL) */
  readonly alongWith?: readonly string[];
  /**
   * hundredths of a second that the kernel keeps in ticks of its own: what is read back may be one less than what was
   * sent (HZ 250), so a difference of one is none
   */
  readonly ticks?: true;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export interface LinkKindSpec {
  /** IFLA_INFO_KIND, and the section of the file that holds the options */
  readonly kind: string;
  /** by iproute2's words, which are the file's */
  readonly options: OptionTable;
  /**
   * stands on another link (IFLA_LINK): required, optional, or none. Where none, IFLA_LINK in a dump is not `link`: it
   * is the peer (veth) or repeats an option (vxlan's `dev`)
   */
  readonly parent: 'required' | 'optional' | 'none';
  /** options that must be given at creation */
  readonly required?: readonly string[];
  /** nothing of `required` is needed where this option is true */
  readonly requiredUnless?: string;
  /**
   * changelink begins with nothing: what a message leaves out becomes zero. An update carries every option of the link,
   * and a kind like this has defaults of zero
   */
  readonly wholeChange?: true;
  /** options that mean nothing, and that the kernel does not tell of, where `flag` is true */
  readonly idleWith?: { readonly flag: string; readonly options: readonly string[] };
  /** an option that excludes the others: where the file switches it on, nothing that it does not write is kept */
  readonly excludesOthers?: string;
  /** comes in pairs: one message makes both ends, and the option `peer` names the other one */
  readonly pair?: true;
  /** rtnetlink tells of such links and deletes them; another interface makes them, with their options alone, and changes these */
  readonly byIoctl?: true;
  /** IFLA_ADDRESS repeats an option (the local end of a tunnel), so the link has no link-layer address to speak of */
  readonly noLladdr?: true;
  /** the MTU follows from the options, until somebody sets it: where the file is silent it is the kernel's to choose */
  readonly derivesMtu?: true;
  /** an MTU above that of the parent is lowered with it, and not raised again (vlan.c, macvlan.c NETDEV_CHANGEMTU) */
  readonly clampsMtu?: true;
  /** goes when a link that an option names goes (vxlan: NETDEV_UNREGISTER); other tunnels stay, with an index to nowhere */
  readonly goesWithLower?: true;
  /** takes ports that have no options to set by rtnetlink */
  readonly takesPorts?: true;
  /** options of a port whose master is of this kind (IFLA_INFO_SLAVE_DATA); section `<kind>_port` of the file */
  readonly port?: OptionTable;
  /** a port must be down while it is attached (bonding: EPERM, team: EBUSY); the kernel opens it then, and closes it on leaving */
  readonly attachDown?: boolean;
  /** whether a port gets the MAC address of its master, which has these options, as it is attached */
  readonly givesLladdr?: (options: Readonly<Record<string, Value>>) => boolean;
  /** names of devices the kernel makes by itself with the module (gre0, tunl0 ...): never drift, never ours */
  readonly fallbackDevices?: readonly string[];
}
