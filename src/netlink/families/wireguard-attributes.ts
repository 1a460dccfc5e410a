import { type AttributeNames, eachAttribute } from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { GENL_HDRLEN } from '../wire/generic.ts';

// include/uapi/linux/wireguard.h
export const WIREGUARD_FAMILY = 'wireguard';
export const WG_GENL_VERSION = 1;
export const WG_CMD = { GET_DEVICE: 0, SET_DEVICE: 1 } as const;
export const DEVICE = { IFINDEX: 1, PRIVATE_KEY: 3, PUBLIC_KEY: 4, LISTEN_PORT: 6, FWMARK: 7, PEERS: 8 } as const;
export const PEER = {
  PUBLIC_KEY: 1,
  PRESHARED_KEY: 2,
  FLAGS: 3,
  ENDPOINT: 4,
  PERSISTENT_KEEPALIVE_INTERVAL: 5,
  ALLOWEDIPS: 9,
} as const;
export const ALLOWEDIP = { FAMILY: 1, IPADDR: 2, CIDR_MASK: 3 } as const;
export const PEER_F = { REMOVE_ME: 1, REPLACE_ALLOWEDIPS: 2, UPDATE_ONLY: 4 } as const;

const namesOf = (types: Readonly<Record<string, number>>): (AttributeNames | undefined)[] => {
  const names: (AttributeNames | undefined)[] = [];
  for (const [name, type] of Object.entries(types)) names[type] = { name: `WGDEVICE_A_${name}`, type };
  return names;
};

/** For paths. */
export const WIREGUARD_NAMES: readonly (AttributeNames | undefined)[] = namesOf(DEVICE);

/** A copy of a message of this family that shows no key: its bytes may be printed. */
export const maskKeys = (message: Uint8Array): Uint8Array => {
  const masked = Uint8Array.from(message);
  const hide = (from: number, to: number): void => {
    masked.fill(0, from, to);
  };
  try {
    eachAttribute(masked, GENL_HDRLEN, masked.length, (type, from, to) => {
      if (type === DEVICE.PRIVATE_KEY) hide(from, to);
      if (type !== DEVICE.PEERS) return;
      eachAttribute(masked, from, to, (_type, begin, end) => {
        eachAttribute(masked, begin, end, (kind, start, stop) => {
          if (kind === PEER.PRESHARED_KEY) hide(start, stop);
        });
      });
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // nobody knows where the keys are
    hide(GENL_HDRLEN, masked.length);
  }
  return masked;
};
