import type { Encap } from '../../model/encap.ts';
import { type AttributeSpec, attribute, type RawHolder } from '../wire/attributes.ts';
import { u16 } from '../wire/codecs.ts';
import { readHex } from '../wire/reader.ts';
import type { LinkNames } from './codec.ts';
import { encapCode, readEncap, writeEncap } from './encap.ts';

/** Where an encapsulation stands, until its type is known: the kernel dumps the type behind it. */
export interface EncapHolder extends RawHolder {
  /** LWTUNNEL_ENCAP_*, 0 = none */
  encapType: number;
  encapStart: number;
  encapEnd: number;
}

/** The names and numbers of the two attributes that belong together. */
interface EncapNames {
  readonly prefix: 'RTA' | 'NHA';
  readonly typeNumber: number;
  readonly nestNumber: number;
}

/** RTA_ENCAP_TYPE and RTA_ENCAP, or NHA_ENCAP_TYPE and NHA_ENCAP. */
export const encapSpecs = <T, D extends EncapHolder>(
  { prefix, typeNumber, nestNumber }: EncapNames,
  get: (object: T) => Encap | undefined,
): readonly AttributeSpec<T, D>[] => [
  attribute(
    `${prefix}_ENCAP_TYPE`,
    typeNumber,
    u16,
    (object) => {
      const encap = get(object);
      return encap === undefined ? undefined : encapCode(encap);
    },
    (draft, value) => {
      draft.encapType = value;
    },
  ),
  {
    name: `${prefix}_ENCAP`,
    type: nestNumber,
    decode: (_bytes, start, end, draft) => {
      draft.encapStart = start;
      draft.encapEnd = end;
    },
    encode: (writer, object, names) => {
      const encap = get(object);
      if (encap === undefined) return;
      const at = writer.beginNest(nestNumber);
      writeEncap(writer, encap, names);
      writer.endNest(at);
    },
  },
];

/**
 * The encapsulation that a draft points at, once all of its attributes have been read. One that the model has no words for
 * goes to `draft.raw`.
 * @throws {DecodeError}
 */
export const takeEncap = (
  { typeNumber, nestNumber }: Pick<EncapNames, 'typeNumber' | 'nestNumber'>,
  bytes: Uint8Array,
  draft: EncapHolder,
  names: LinkNames,
): Encap | undefined => {
  const { encapType, encapStart, encapEnd } = draft;
  if (encapType === 0 && encapStart === 0) return undefined;
  const encap = encapStart === 0 ? undefined : readEncap(encapType, bytes, encapStart, encapEnd, names);
  if (encap !== undefined) return encap;
  draft.raw ??= [];
  if (encapStart !== 0) draft.raw.push({ type: nestNumber, hex: readHex(bytes, encapStart, encapEnd) });
  if (encapType !== 0)
    draft.raw.push({ type: typeNumber, hex: Buffer.from([encapType & 255, encapType >>> 8]).toString('hex') });
  return undefined;
};
