import { type AttributeSpec, attribute, ignored, type RawHolder } from '../wire/attributes.ts';
import { u32 } from '../wire/codecs.ts';

/** struct ndmsg: u8 family, u8 and u16 padding, s32 ifindex, u16 state, u8 flags, u8 type. */
export const NDMSG_LENGTH = 12;

/** ndm_flags: include/uapi/linux/neighbour.h. */
export const NTF = { SELF: 0x02, MASTER: 0x04, PROXY: 0x08, EXT_LEARNED: 0x10, STICKY: 0x40, ROUTER: 0x80 } as const;

/** ndm_state: include/uapi/linux/neighbour.h. */
export const NUD = { NONE: 0, REACHABLE: 0x02, NOARP: 0x40, PERMANENT: 0x80 } as const;

const NDA_FLAGS_EXT = 15;

/** NTF_EXT_* (managed, locked ...): no word in the model, so it is kept where any bit is set. */
export const flagsExtSpec = <T, D extends RawHolder>(): AttributeSpec<T, D> =>
  attribute<T, D, number>(
    'NDA_FLAGS_EXT',
    NDA_FLAGS_EXT,
    u32,
    () => undefined,
    (draft, value) => {
      if (value === 0) return;
      const hex = Buffer.from([value, value >>> 8, value >>> 16, value >>> 24]).toString('hex');
      draft.raw ??= [];
      draft.raw.push({ type: NDA_FLAGS_EXT, hex });
    },
  );

/** NDA_* that every kind of entry carries and none keeps. */
export const NDA_IGNORED = [
  ignored('NDA_CACHEINFO', 3, 'ages and a reference count'),
  ignored('NDA_PROBES', 4, 'a counter'),
  ignored('NDA_LINK_NETNSID', 10, 'follows from the VXLAN link, and is refused on input'),
  ignored('NDA_NDM_STATE_MASK', 16, 'asks for a flush'),
  ignored('NDA_NDM_FLAGS_MASK', 17, 'asks for a flush'),
];
