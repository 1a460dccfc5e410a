import type { PairEnds } from '../transaction/record.ts';
import type { WorldView } from './world.ts';

/** The veth pairs between two of the namespaces, told by index and by the numbers that these have for each other. */
export const findPairs = ({ root, namespaces }: WorldView): readonly PairEnds[] =>
  [[undefined, root] as const, ...namespaces].flatMap(([netns, { state, ids }]) =>
    state.link.flatMap(({ kind, name, linkNetnsid, linkIndex }): readonly PairEnds[] => {
      if (kind !== 'veth' || linkNetnsid === undefined) return [];
      const [farNetns] = [...ids].find(([, id]) => id === linkNetnsid) ?? [];
      const far = namespaces.get(farNetns ?? '')?.state.link.find(({ index }) => index === linkIndex);
      if (farNetns === undefined || far === undefined) return [];
      return [{ ...(netns === undefined ? {} : { netns }), name, farNetns, farName: far.name }];
    }),
  );
