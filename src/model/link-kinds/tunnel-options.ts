import type { OptionSpec, OptionTable } from './spec.ts';

/** What the tunnel kinds have in common; the number of an attribute depends on the prefix of its name. */
type Numbers = Readonly<Record<string, number>>;

/** include/uapi/linux/if_tunnel.h. */
export const IFLA_GRE = {
  LINK: 1,
  IFLAGS: 2,
  OFLAGS: 3,
  IKEY: 4,
  OKEY: 5,
  LOCAL: 6,
  REMOTE: 7,
  TTL: 8,
  TOS: 9,
  PMTUDISC: 10,
  ENCAP_LIMIT: 11,
  FLOWINFO: 12,
  FLAGS: 13,
  ENCAP_TYPE: 14,
  ENCAP_FLAGS: 15,
  ENCAP_SPORT: 16,
  ENCAP_DPORT: 17,
  COLLECT_METADATA: 18,
  IGNORE_DF: 19,
  FWMARK: 20,
  ERSPAN_INDEX: 21,
  ERSPAN_VER: 22,
  ERSPAN_DIR: 23,
  ERSPAN_HWID: 24,
} as const;

export const IFLA_IPTUN = {
  LINK: 1,
  LOCAL: 2,
  REMOTE: 3,
  TTL: 4,
  TOS: 5,
  ENCAP_LIMIT: 6,
  FLOWINFO: 7,
  FLAGS: 8,
  PROTO: 9,
  PMTUDISC: 10,
  '6RD_PREFIX': 11,
  '6RD_RELAY_PREFIX': 12,
  '6RD_PREFIXLEN': 13,
  '6RD_RELAY_PREFIXLEN': 14,
  ENCAP_TYPE: 15,
  ENCAP_FLAGS: 16,
  ENCAP_SPORT: 17,
  ENCAP_DPORT: 18,
  COLLECT_METADATA: 19,
  FWMARK: 20,
} as const;

export const IFLA_VTI = { LINK: 1, IKEY: 2, OKEY: 3, LOCAL: 4, REMOTE: 5, FWMARK: 6 } as const;

/** Makes options of the attributes PREFIX_NAME, numbered by `numbers`. */
export type MakeOption = (name: string, codec: OptionSpec['codec'], more?: Partial<OptionSpec>) => OptionSpec;

export const optionsOf =
  (prefix: string, numbers: Numbers): MakeOption =>
  (name, codec, more = {}) => ({
    attr: `${prefix}_${name}`,
    type: numbers[name] as number,
    codec,
    change: 'inPlace',
    ...more,
  });

/** The link that the outer packets leave by. */
export const dev = (option: MakeOption): OptionTable => ({ dev: option('LINK', 'ifindex', { default: null }) });

/** Foo-over-UDP or generic UDP encapsulation around the tunnel; the module fou has to be loaded for either. */
export const encap = (option: MakeOption): OptionTable => {
  const flag = (bit: number): Partial<OptionSpec> => ({ bit, default: false });
  return {
    encap: option('ENCAP_TYPE', 'u16', { words: { 0: 'none', 1: 'fou', 2: 'gue' }, default: 'none' }),
    encap_sport: option('ENCAP_SPORT', 'be16', { default: 0, aliases: ['encap-sport'] }),
    encap_dport: option('ENCAP_DPORT', 'be16', { default: 0, aliases: ['encap-dport'] }),
    encap_csum: option('ENCAP_FLAGS', 'u16', { ...flag(0), aliases: ['encap-csum'] }),
    encap_csum6: option('ENCAP_FLAGS', 'u16', { ...flag(1), aliases: ['encap-csum6'] }),
    encap_remcsum: option('ENCAP_FLAGS', 'u16', { ...flag(2), aliases: ['encap-remcsum'] }),
  };
};

/** Outer header of IPv4. TTL and TOS of 0 and 1 are taken from the inner packet. */
export const outerInet = (option: MakeOption): OptionTable => ({
  ttl: option('TTL', 'u8', { words: { 0: 'inherit' }, default: 'inherit' }),
  tos: option('TOS', 'u8', { words: { 1: 'inherit' }, default: 0 }),
  pmtudisc: option('PMTUDISC', 'bool8', { default: true }),
});

/** IP6_TNL_F_* of include/uapi/linux/ip6_tunnel.h; the kernel reports bits of its own besides, which nobody sets. */
const FLAG_BITS = {
  ignoreEncapLimit: 0,
  originalClass: 1,
  originalLabel: 2,
  copyDscp: 4,
  originalMark: 5,
  allowLocalRemote: 6,
} as const;

/** Outer header of IPv6. iproute2 sends hoplimit 64 and encaplimit 4 where nothing is said; the kernel's own are these. */
export const outerInet6 = (option: MakeOption): OptionTable => {
  const { attr, type } = option('FLAGS', 'u32');
  const word = (text: string, bit: number): Pick<OptionSpec, 'bitWord'> => ({
    bitWord: { word: text, when: 'set', attr, type, bit, codec: 'u32' },
  });
  return {
    // 0: the hop limit of the route
    hoplimit: option('TTL', 'u8', { default: 0, aliases: ['ttl'] }),
    encaplimit: option('ENCAP_LIMIT', 'u8', { default: 0, ...word('none', FLAG_BITS.ignoreEncapLimit) }),
    tclass: option('FLOWINFO', 'be32', {
      bit: 20,
      width: 8,
      max: 255,
      default: 0,
      ...word('inherit', FLAG_BITS.originalClass),
    }),
    flowlabel: option('FLOWINFO', 'be32', {
      bit: 0,
      width: 20,
      max: 0xfffff,
      default: 0,
      ...word('inherit', FLAG_BITS.originalLabel),
    }),
    // the inner packet gets the DSCP of the outer one
    dscp_inherit: option('FLAGS', 'u32', { bit: FLAG_BITS.copyDscp, default: false }),
    fwmark: option('FWMARK', 'u32', { default: 0, ...word('inherit', FLAG_BITS.originalMark) }),
    // kernel 4.20 on
    allow_localremote: option('FLAGS', 'u32', {
      bit: FLAG_BITS.allowLocalRemote,
      default: false,
      aliases: ['allow-localremote'],
    }),
  };
};
