import { KINDS } from '../model/kinds.ts';
import type { Link } from '../model/link.ts';
import { KIND_NAMES, type KindName, type KindTypes, type State } from '../model/state.ts';

/** Objects of one kind, indexed by slot and by the links they stand on. */
class Store<K extends KindName> {
  readonly #kind: K;
  readonly #bySlot = new Map<string, KindTypes[K][]>();
  readonly #byDev = new Map<string, Set<KindTypes[K]>>();

  constructor(kind: K, objects: readonly KindTypes[K][]) {
    this.#kind = kind;
    for (const object of objects) this.add(object);
  }

  add(object: KindTypes[K]): void {
    const slot = KINDS[this.#kind].slot(object);
    const entries = this.#bySlot.get(slot);
    if (entries === undefined) this.#bySlot.set(slot, [object]);
    else entries.push(object);
    for (const dev of KINDS[this.#kind].devs(object)) {
      const on = this.#byDev.get(dev);
      if (on === undefined) this.#byDev.set(dev, new Set([object]));
      else on.add(object);
    }
  }

  remove(object: KindTypes[K]): boolean {
    const slot = KINDS[this.#kind].slot(object);
    const entries = this.#bySlot.get(slot);
    const at = entries?.indexOf(object) ?? -1;
    if (entries === undefined || at < 0) return false;
    if (entries.length === 1) this.#bySlot.delete(slot);
    else entries.splice(at, 1);
    for (const dev of KINDS[this.#kind].devs(object)) this.#byDev.get(dev)?.delete(object);
    return true;
  }

  inSlot(slot: string): readonly KindTypes[K][] {
    return this.#bySlot.get(slot) ?? [];
  }

  on(dev: string): readonly KindTypes[K][] {
    return [...(this.#byDev.get(dev) ?? [])];
  }

  *all(): Generator<KindTypes[K]> {
    for (const entries of this.#bySlot.values()) yield* entries;
  }
}

/**
 * A state that operations are tried on. Mutable inside the planner; the objects themselves are never changed, only
 * replaced, so an object that is still the same reference is still the same.
 */
export class WorkingState {
  readonly #stores: { readonly [K in KindName]: Store<K> };

  constructor(state: State) {
    this.#stores = {
      link: new Store('link', state.link),
      address: new Store('address', state.address),
      nexthop: new Store('nexthop', state.nexthop),
      route: new Store('route', state.route),
      rule: new Store('rule', state.rule),
      neighbor: new Store('neighbor', state.neighbor),
    };
  }

  /** The entries that hold a slot, in the kernel's order. */
  inSlot<K extends KindName>(kind: K, slot: string): readonly KindTypes[K][] {
    return (this.#stores[kind] as Store<K>).inSlot(slot);
  }

  /** The objects that stand on a link or go through it. */
  on<K extends KindName>(kind: K, dev: string): readonly KindTypes[K][] {
    return (this.#stores[kind] as Store<K>).on(dev);
  }

  all<K extends KindName>(kind: K): Generator<KindTypes[K]> {
    return (this.#stores[kind] as Store<K>).all();
  }

  link(name: string): Link | undefined {
    return this.inSlot('link', name)[0];
  }

  /** The entry with the same identity, be it the same reference or not. */
  find<K extends KindName>(kind: K, object: KindTypes[K]): KindTypes[K] | undefined {
    const entries = this.inSlot(kind, KINDS[kind].slot(object));
    if (entries.includes(object)) return object;
    const identity = KINDS[kind].identity(object);
    return entries.find((entry) => KINDS[kind].identity(entry) === identity);
  }

  add<K extends KindName>(kind: K, object: KindTypes[K]): void {
    (this.#stores[kind] as Store<K>).add(object);
  }

  remove<K extends KindName>(kind: K, object: KindTypes[K]): boolean {
    return (this.#stores[kind] as Store<K>).remove(object);
  }

  replace<K extends KindName>(kind: K, before: KindTypes[K], after: KindTypes[K]): void {
    this.remove(kind, before);
    this.add(kind, after);
  }

  toState(): State {
    const entries = KIND_NAMES.map((kind) => [kind, [...this.all(kind)]] as const);
    return Object.fromEntries(entries) as unknown as State;
  }
}
