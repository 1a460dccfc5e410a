/** RTA_FLOW as `FROM/TO`, or as the number of TO where FROM is 0. */
export const realmWord = (realm: number): number | string => {
  const from = Math.floor(realm / 0x10000);
  const to = realm % 0x10000;
  return from === 0 ? to : `${from}/${to}`;
};

/** A range as the file writes it: one number where both ends are the same. */
export const rangeWord = ([first, last]: readonly [number, number]): number | string =>
  first === last ? first : `${first}-${last}`;

/** A number as `0x...`. */
export const hexWord = (value: number): string => `0x${value.toString(16)}`;
