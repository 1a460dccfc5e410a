import type { NameTables } from '../desired/names.ts';
import type { Nexthop as NexthopEntry } from '../desired/schema.gen.ts';
import { familyOf } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { DEFAULT_IDLE_TIMER, DEFAULT_UNBALANCED_TIMER, type Nexthop } from '../model/nexthop.ts';
import { exportEncap } from './export-encap.ts';

/** The file counts timers in whole seconds, as iproute2 does. */
const isWhole = (timer: number | undefined): boolean => timer === undefined || Number.isInteger(timer);

/** A nexthop object in as few words as say it; undefined where the file has no words for it. */
export const exportNexthop = (nexthop: Nexthop, names: NameTables): NexthopEntry | undefined => {
  const { id, family, dev, via, onlink, encap, blackhole, fdb, protocol, raw = [] } = nexthop;
  if (raw.length > 0 || !isWhole(nexthop.idle_timer) || !isWhole(nexthop.unbalanced_timer)) return undefined;
  const toldFamily = via === undefined ? 'inet' : familyOf(via);
  return {
    id,
    ...(family !== 'unspec' && family !== toldFamily && { family }),
    ...(via !== undefined && { via }),
    ...(dev !== undefined && { dev }),
    ...(onlink === true && { onlink }),
    ...(encap !== undefined && { encap: exportEncap(encap, names) }),
    ...(blackhole === true && { blackhole }),
    ...(fdb === true && { fdb }),
    ...exportGroup(nexthop),
    ...(protocol !== NETRECON_PROTOCOL && { protocol: names.protocols.toName(protocol) }),
  };
};

const exportGroup = ({ group, type, buckets, idle_timer: idle, unbalanced_timer: unbalanced }: Nexthop) => ({
  ...(group !== undefined && {
    group: group.map((member) => (member.weight === 1 ? member.id : member)) as NonNullable<NexthopEntry['group']>,
  }),
  ...(type !== undefined && { type }),
  ...(buckets !== undefined && { buckets }),
  ...(idle !== undefined && idle !== DEFAULT_IDLE_TIMER && { idle_timer: idle }),
  ...(unbalanced !== undefined && unbalanced !== DEFAULT_UNBALANCED_TIMER && { unbalanced_timer: unbalanced }),
});
