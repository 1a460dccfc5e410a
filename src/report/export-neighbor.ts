import type { NameTables } from '../desired/names.ts';
import type { Link as LinkEntry, Neighbor as NeighborEntryText } from '../desired/schema.gen.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import type { FdbEntry, Neighbor } from '../model/neighbor.ts';

export interface NeighborSurroundings {
  /** the links of the same document: whether `dev` is a port decides what need not be said */
  readonly links: Readonly<Record<string, LinkEntry>>;
  readonly names: NameTables;
}

/** A neighbor, proxy or forwarding entry; undefined where the file has no words for it. */
export const exportNeighbor = (
  neighbor: Neighbor,
  { links, names }: NeighborSurroundings,
): NeighborEntryText | undefined => {
  if ((neighbor.raw ?? []).length > 0) return undefined;
  switch (neighbor.type) {
    case 'neighbor': {
      const { to, dev, lladdr, state, router, extern_learn: learned, protocol } = neighbor;
      if (state === 'dynamic' || (state === 'permanent' && lladdr === undefined)) return undefined;
      return {
        to,
        dev,
        ...(lladdr !== undefined && { lladdr }),
        ...(state !== 'permanent' && { state }),
        ...(router === true && { router }),
        ...(learned === true && { extern_learn: learned }),
        ...protocolWord(protocol, names),
      };
    }
    case 'proxy': {
      const { to, dev, router, protocol } = neighbor;
      return {
        proxy: to,
        ...(dev !== undefined && { dev }),
        ...(router === true && { router }),
        ...protocolWord(protocol, names),
      };
    }
    case 'fdb':
      return exportFdb(neighbor, links);
    case 'mdb': {
      const { group, dev, port, vid, src, state } = neighbor;
      if (state === 'temp') return undefined;
      return { mdb: group, dev, port, ...(vid !== undefined && { vid }), ...(src !== undefined && { src }) };
    }
  }
};

/** 0 is what hand-made entries carry; as a declared entry differs from it in nothing that matters, it is not written. */
const protocolWord = (protocol: number, names: NameTables): Partial<NeighborEntryText> =>
  protocol === NETRECON_PROTOCOL || protocol === 0 ? {} : { protocol: names.protocols.toName(protocol) };

const exportFdb = (entry: FdbEntry, links: NeighborSurroundings['links']): NeighborEntryText | undefined => {
  const { lladdr, dev, where, state, vlan, dst, vni, port, via, nhid, extern_learn: learned, sticky } = entry;
  if (state === 'dynamic' && learned !== true) return undefined;
  const remote = {
    ...(dst !== undefined && { dst }),
    ...(vni !== undefined && { vni }),
    ...(port !== undefined && { port }),
    ...(via !== undefined && { via }),
    ...(nhid !== undefined && { nhid }),
  };
  const isRemote = Object.keys(remote).length > 0;
  if (isRemote && (where === 'master' || (nhid !== undefined && dst !== undefined))) return undefined;
  const usualPlace = typeof links[dev]?.master === 'string' && !isRemote ? 'master' : 'self';
  const usualState = where === 'master' ? 'static' : 'permanent';
  return {
    fdb: lladdr,
    dev,
    ...(where !== usualPlace && { [where]: true }),
    ...(state !== usualState && state !== 'dynamic' && { state }),
    ...(vlan !== undefined && { vlan }),
    ...remote,
    ...(learned === true && { extern_learn: learned }),
    ...(sticky === true && { sticky }),
  };
};
