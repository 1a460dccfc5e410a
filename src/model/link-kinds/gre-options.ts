import type { OptionSpec, OptionTable } from './spec.ts';
import { dev, encap, IFLA_GRE, optionsOf, outerInet, outerInet6 } from './tunnel-options.ts';

const option = optionsOf('IFLA_GRE', IFLA_GRE);

/** Bits of struct gre_base_hdr.flags (include/uapi/linux/if_tunnel.h). */
const GRE_SEQ = 12;
const GRE_KEY = 13;
const GRE_CSUM = 15;

const key = (direction: 'I' | 'O'): OptionSpec =>
  option(`${direction}KEY`, 'be32', {
    default: null,
    bitWord: {
      word: null,
      when: 'clear',
      attr: `IFLA_GRE_${direction}FLAGS`,
      type: IFLA_GRE[`${direction}FLAGS`],
      bit: GRE_KEY,
      codec: 'be16',
    },
  });

/** Keys, checksums and sequence numbers, for each direction. */
const header: OptionTable = {
  ikey: key('I'),
  okey: key('O'),
  icsum: option('IFLAGS', 'be16', { bit: GRE_CSUM, default: false }),
  ocsum: option('OFLAGS', 'be16', { bit: GRE_CSUM, default: false }),
  iseq: option('IFLAGS', 'be16', { bit: GRE_SEQ, default: false }),
  oseq: option('OFLAGS', 'be16', { bit: GRE_SEQ, default: false }),
};

const external: OptionTable = {
  external: option('COLLECT_METADATA', 'flag', { change: 'recreate', default: false }),
};

/** Kernels before 6.2 report the version of every GRE tunnel. */
const noErspan: OptionTable = { erspan_ver: option('ERSPAN_VER', 'u8', { readOnly: true }) };

/** Versions 1 and 2 have fields of their own, which the other does not report. */
const erspan: OptionTable = {
  erspan_ver: option('ERSPAN_VER', 'u8', { max: 2, default: 1 }),
  erspan: option('ERSPAN_INDEX', 'u32', { max: 0xfffff, default: 0 }),
  erspan_dir: option('ERSPAN_DIR', 'u8', { words: { 0: 'ingress', 1: 'egress' }, default: 'ingress' }),
  erspan_hwid: option('ERSPAN_HWID', 'u16', { max: 63, default: 0 }),
};

/** @param ethernet - the tunnel carries frames: its far end may come and go */
const overInet = (ethernet: boolean): OptionTable => ({
  remote: option('REMOTE', 'inet', { default: null, ...(ethernet ? {} : { farEnd: 'groupsApart' }) }),
  local: option('LOCAL', 'inet', { default: null }),
  ...dev(option),
  ...header,
  ...outerInet(option),
  // needs pmtudisc off
  ignore_df: option('IGNORE_DF', 'bool8', { default: false, aliases: ['ignore-df'] }),
  fwmark: option('FWMARK', 'u32', { default: 0 }),
  ...external,
  ...encap(option),
});

const overInet6: OptionTable = {
  remote: option('REMOTE', 'inet6', { default: null }),
  local: option('LOCAL', 'inet6', { default: null }),
  ...dev(option),
  ...header,
  ...outerInet6(option),
  ...external,
  ...encap(option),
};

export const greOptions: OptionTable = { ...overInet(false), ...noErspan };
export const gretapOptions: OptionTable = { ...overInet(true), ...noErspan };
export const erspanOptions: OptionTable = { ...overInet(true), ...erspan };
export const ip6greOptions: OptionTable = { ...overInet6, ...noErspan };
export const ip6erspanOptions: OptionTable = { ...overInet6, ...erspan };
