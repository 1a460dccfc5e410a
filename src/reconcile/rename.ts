import type { Link } from '../model/link.ts';
import type { Neighbor } from '../model/neighbor.ts';
import type { Route } from '../model/route.ts';
import type { State } from '../model/state.ts';

/**
 * A state in which one link has another name, and everything that names it follows. Rules keep the old name: the kernel
 * matches them by name (they become [detached]).
 */
export const renameInState = (state: State, from: string, to: string): State => {
  const name = <T extends string | null | undefined>(value: T): T => (value === from ? (to as T) : value);
  const link = (l: Link): Link => ({
    ...l,
    name: name(l.name),
    master: name(l.master),
    link: name(l.link),
    ...(l.options === undefined
      ? {}
      : {
          options: Object.fromEntries(
            Object.entries(l.options).map(([k, v]) => [k, k === 'peer' || k === 'dev' ? name(v as string) : v]),
          ),
        }),
  });
  const uses = (l: Link): boolean =>
    l.name === from || l.master === from || l.link === from || l.options?.peer === from || l.options?.dev === from;
  const route = (r: Route): Route =>
    r.hops.some((hop) => hop.dev === from) ? { ...r, hops: r.hops.map((hop) => ({ ...hop, dev: name(hop.dev) })) } : r;
  const neighbor = (n: Neighbor): Neighbor => {
    if (n.type === 'fdb') return n.dev === from || n.via === from ? { ...n, dev: name(n.dev), via: name(n.via) } : n;
    return n.dev === from ? { ...n, dev: to } : n;
  };
  return {
    link: state.link.map((l) => (uses(l) ? link(l) : l)),
    address: state.address.map((a) => (a.dev === from ? { ...a, dev: to, label: a.label === from ? to : a.label } : a)),
    nexthop: state.nexthop.map((n) => (n.dev === from ? { ...n, dev: to } : n)),
    route: state.route.map(route),
    rule: state.rule,
    neighbor: state.neighbor.map(neighbor),
  };
};
