import type { Value } from '../../../src/model/value.ts';
import type { Expected } from './state-case.ts';

type Shown = Readonly<Record<string, Expected>>;
type Show = (value: Value) => Shown;

const hex = (value: Value): string => `0x${Number(value).toString(16)}`;

/** iproute2 leaves out what is off. */
const whileOn =
  (name: string): Show =>
  (value) => ({ [name]: value === true ? true : undefined });
const asHex =
  (name: string): Show =>
  (value) => ({ [name]: value === 'inherit' ? '0x1' : hex(value) });
const key =
  (name: string): Show =>
  (value) => ({ [name]: value === null ? undefined : `0.0.0.${value}` });
const end =
  (name: string): Show =>
  (value) => ({ [name]: value === null ? 'any' : (value as string) });
const encap =
  (name: string): Show =>
  (value) => ({ encap: { [name]: value as Expected } });

/** A number, or a word that is shown as a switch of its own. */
const orWord =
  (name: string, word: string, show: (value: Value) => Expected): Show =>
  (value) =>
    typeof value === 'number' ? { [name]: show(value) } : { [word]: true };

const ENDS = {
  remote: end('remote'),
  local: end('local'),
  dev: (value: Value): Shown => ({ link: value as Expected }),
  fwmark: asHex('fwmark'),
};

const ENCAP = {
  encap: encap('type'),
  encap_sport: encap('sport'),
  encap_dport: encap('dport'),
  encap_csum: encap('csum'),
  encap_csum6: encap('csum6'),
  encap_remcsum: encap('remcsum'),
};

const OUTER = {
  ttl: (value: Value): Shown => ({ ttl: value === 'inherit' ? 0 : (value as number) }),
  tos: asHex('tos'),
  mode: (value: Value): Shown => ({ proto: value as string }),
  isatap: whileOn('isatap'),
  ignore_df: whileOn('ignore_df'),
};

const OUTER6 = {
  hoplimit: (value: Value): Shown => ({ ttl: value as number }),
  encaplimit: orWord('encap_limit', 'ip6_tnl_f_ign_encap_limit', (value) => value as number),
  tclass: orWord('tclass', 'ip6_tnl_f_use_orig_tclass', (value) => `0x${Number(value).toString(16).padStart(2, '0')}`),
  flowlabel: orWord(
    'flowlabel',
    'ip6_tnl_f_use_orig_flowlabel',
    (value) => `0x${Number(value).toString(16).padStart(5, '0')}`,
  ),
  dscp_inherit: whileOn('ip6_tnl_f_rcv_dscp_copy'),
  fwmark: orWord('fwmark', 'ip6_tnl_f_use_orig_fwmark', hex),
  allow_localremote: whileOn('ip6_tnl_f_allow_local_remote'),
  mode: OUTER.mode,
};

const HEADER = {
  ikey: key('ikey'),
  okey: key('okey'),
  ...Object.fromEntries(['icsum', 'ocsum', 'iseq', 'oseq'].map((name) => [name, whileOn(name)])),
};

const MIRROR = {
  erspan: (value: Value): Shown => ({ erspan_index: value as number }),
  erspan_hwid: asHex('erspan_hwid'),
};

const KEYS = { ikey: key('ikey'), okey: key('okey') };
const INET = { ...ENDS, ...OUTER, ...ENCAP };
const INET6 = { ...ENDS, ...OUTER6, ...ENCAP };

/** What iproute2 6.1 prints of the options of tunnels, by kind. */
export const TUNNELS_SHOWN: Readonly<Record<string, Readonly<Record<string, Show>>>> = {
  gre: { ...INET, ...HEADER },
  gretap: { ...INET, ...HEADER },
  erspan: { ...INET, ...HEADER, ...MIRROR },
  ip6gre: { ...INET6, ...HEADER },
  ip6gretap: { ...INET6, ...HEADER },
  ip6erspan: { ...INET6, ...HEADER, ...MIRROR },
  ipip: INET,
  sit: {
    ...INET,
    '6rd_prefix': (value) => ({ prefix: value as string }),
    '6rd_prefixlen': (value) => ({ prefixlen: value as number }),
    '6rd_relay_prefix': (value) => ({ relay_prefix: value as string }),
    '6rd_relay_prefixlen': (value) => ({ relay_prefixlen: value as number }),
  },
  ip6tnl: INET6,
  vti: { ...ENDS, ...KEYS },
  vti6: { ...ENDS, ...KEYS },
  geneve: {
    remote: (value) => ({ [String(value).includes(':') ? 'remote6' : 'remote']: value as string }),
    ttl: (value) => ({ ttl: value === 'inherit' ? undefined : (value as number) }),
    tos: OUTER.tos,
    dstport: (value) => ({ port: value as number }),
    udpcsum: (value) => ({ udp_csum: value as boolean }),
    udp6zerocsumtx: (value) => ({ udp_zero_csum6_tx: value as boolean }),
    udp6zerocsumrx: (value) => ({ udp_zero_csum6_rx: value as boolean }),
    flowlabel: (value) => ({ label: hex(value) }),
    innerprotoinherit: whileOn('inner_proto_inherit'),
  },
  xfrm: { if_id: asHex('if_id'), dev: () => ({}) },
  ipvlan: { flag: (value) => ({ [String(value)]: true }) },
  macsec: {
    icvlen: (value) => ({ icv_len: value as number }),
    // the port ends the identifier
    port: (value) => ({ sci: (sci) => String(sci).endsWith(Number(value).toString(16).padStart(4, '0')) }),
    cipher: (value) => ({ cipher_suite: String(value).toUpperCase() }),
    encodingsa: (value) => ({ encoding_sa: value as number }),
    send_sci: (value) => ({ inc_sci: value as boolean }),
    end_station: (value) => ({ es: value as boolean }),
    replay: (value) => ({ replay_protect: value as boolean }),
    validate: (value) => ({ validation: value as string }),
  },
  hsr: {
    supervision: (value) => ({ supervision_addr: `01:15:4e:00:01:${Number(value).toString(16).padStart(2, '0')}` }),
    proto: (value) => ({ proto: value === 'prp' ? 1 : 0 }),
  },
};
