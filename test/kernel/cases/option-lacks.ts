import { LINK_KINDS } from '../../../src/model/link-kinds/index.ts';
import { lacks6rd, lacksBridgeVlanFiltering, lacksFou, lacksKind } from '../support.ts';
import type { Lacking } from './link-options.ts';

/** Asks this kernel for every link kind, and for the features that some of their options need. */
export const findLacking = async (): Promise<Lacking> => {
  const kinds = new Map(
    await Promise.all(Object.keys(LINK_KINDS).map(async (kind) => [kind, await lacksKind(kind)] as const)),
  );
  const features = {
    'bridge vlan_filtering': await lacksBridgeVlanFiltering(),
    fou: await lacksFou(),
    '6rd': await lacks6rd(),
  };
  return { kind: (kind) => kinds.get(kind) ?? false, feature: (needs) => features[needs] };
};
