import type { LinkKindSpec, OptionSpec } from './spec.ts';

const option = (name: string, type: number, codec: OptionSpec['codec'], more: Partial<OptionSpec>): OptionSpec => ({
  attr: `IFLA_MACSEC_${name}`,
  type,
  codec,
  change: 'inPlace',
  ...more,
});

/**
 * The device of an encrypted link. Its keys (secure associations) go by generic netlink and are none of this: a device made
 * anew has none. macsec_changelink refuses the channel identifier and the cipher (EINVAL).
 */
export const macsec: LinkKindSpec = {
  kind: 'macsec',
  parent: 'required',
  options: {
    // an identifier that begins with the link's own address is told by its port alone
    sci: option('SCI', 1, { struct: 'sci' }, { change: 'recreate' }),
    port: option('PORT', 2, 'be16', { min: 1, change: 'recreate' }),
    icvlen: option('ICV_LEN', 3, 'u8', { min: 8, max: 16, change: 'recreate', default: 16 }),
    cipher: option('CIPHER_SUITE', 4, { struct: 'cipherSuite' }, { change: 'recreate', default: 'gcm-aes-128' }),
    // reported while replay is on
    window: option('WINDOW', 5, 'u32', { default: 0 }),
    encodingsa: option('ENCODING_SA', 6, 'u8', { max: 3, default: 0 }),
    encrypt: option('ENCRYPT', 7, 'bool8', { default: false }),
    protect: option('PROTECT', 8, 'bool8', { default: true }),
    send_sci: option('INC_SCI', 9, 'bool8', { default: true }),
    // send_sci, end_station and scb exclude one another within a message
    end_station: option('ES', 10, 'bool8', { default: false }),
    scb: option('SCB', 11, 'bool8', { default: false }),
    replay: option('REPLAY_PROTECT', 12, 'bool8', { default: false, alongWith: ['window'] }),
    validate: option('VALIDATION', 13, 'u8', {
      words: { 0: 'disabled', 1: 'check', 2: 'strict' },
      default: 'strict',
    }),
    // needs a device that can
    offload: option('OFFLOAD', 15, 'u8', { words: { 0: 'off', 1: 'phy', 2: 'mac' }, default: 'off' }),
  },
};
