import type { NameTables } from '../desired/names.ts';
import type { Encap as EncapEntry } from '../desired/schema.gen.ts';
import type { Encap } from '../model/encap.ts';
import { visibleText } from './visible-text.ts';

/** An encapsulation as the file writes it. */
export const exportEncap = (encap: Encap, names: NameTables): EncapEntry => {
  if (encap.type !== 'seg6local') return encap as EncapEntry;
  const { table, vrftable, ...rest } = encap;
  const word = (number: number): number | string => {
    const name = names.tables.toName(number);
    return name === String(number) ? number : name;
  };
  return {
    ...(rest as EncapEntry),
    ...(table !== undefined && { table: word(table) }),
    ...(vrftable !== undefined && { vrftable: word(vrftable) }),
  };
};

/** `mpls 100/200 ttl 5`: as `ip route` prints it, more or less. */
export const encapText = ({ type, ...rest }: Encap): string =>
  [
    type,
    ...Object.entries(rest).map(([key, value]) => {
      if (value === true) return key;
      const text = visibleText(Array.isArray(value) ? value.join(key === 'labels' ? '/' : ',') : `${value}`);
      return key === 'labels' ? text : `${key} ${text}`;
    }),
  ].join(' ');
