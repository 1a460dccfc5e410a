import type { NameTables } from '../desired/names.ts';
import { isMrtTable, mrtRoutes } from '../desired/route-lists/mrt-rib.ts';
import type { SavedRoutes } from '../desired/route-lists/saved-list.ts';
import { NetreconError } from '../model/errors.ts';
import { ROUTE } from '../model/route.ts';
import { isSavedRoutes, readSavedRoutes } from '../netlink/saved-routes.ts';
import { exportRoute } from '../report/export-route.ts';

/** How files begin that gzip, bzip2, xz and zstd have made. */
const COMPRESSED: readonly Buffer[] = ['1f8b', '425a68', 'fd377a585a00', '28b52ffd'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

/**
 * What the file of a list holds: text, or a dump (of `ip route save`, or in the MRT format).
 * @throws {NetreconError} NR_FILE where it is compressed
 */
export const listContent = (bytes: Buffer, names: NameTables): string | SavedRoutes => {
  if (isMrtTable(bytes)) return mrtRoutes(bytes);
  if (COMPRESSED.some((magic) => bytes.subarray(0, magic.length).equals(magic)))
    throw new NetreconError('NR_FILE', 'it is compressed: unpack it first');
  if (!isSavedRoutes(bytes)) return bytes.toString('utf8');
  return (takerOf) =>
    readSavedRoutes(bytes, (route, message) =>
      ROUTE.isKernels(route)
        ? () => undefined
        : takerOf({ family: route.family, keys: exportRoute(route, names) }, message),
    );
};
