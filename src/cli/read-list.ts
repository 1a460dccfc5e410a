import type { NameTables } from '../desired/names.ts';
import type { SavedRoutes } from '../desired/route-lists/saved-list.ts';
import { ROUTE } from '../model/route.ts';
import { isSavedRoutes, readSavedRoutes } from '../netlink/saved-routes.ts';
import { exportRoute } from '../report/export-route.ts';

/** What the file of a list holds: text, or a dump of `ip route save`. */
export const listContent = (bytes: Buffer, names: NameTables): string | SavedRoutes => {
  if (!isSavedRoutes(bytes)) return bytes.toString('utf8');
  return (takerOf) =>
    readSavedRoutes(bytes, (route, message) =>
      ROUTE.isKernels(route)
        ? () => undefined
        : takerOf({ family: route.family, keys: exportRoute(route, names) }, message),
    );
};
