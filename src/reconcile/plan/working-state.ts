import { KINDS } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { KIND_NAMES, type KindName, type KindTypes, type State } from '../../model/state.ts';

/** Objects of one kind; the indexes by slot and by the links they stand on are made when they are first asked for. */
class Store<K extends KindName> {
  readonly #kind: K;
  readonly #objects: Set<KindTypes[K]>;
  /** most slots hold one entry: a list is made only for those that hold more */
  #bySlot: Map<string, KindTypes[K] | KindTypes[K][]> | undefined;
  #byDev: Map<string, Set<KindTypes[K]>> | undefined;

  constructor(kind: K, objects: readonly KindTypes[K][]) {
    this.#kind = kind;
    this.#objects = new Set(objects);
  }

  has(object: KindTypes[K]): boolean {
    return this.#objects.has(object);
  }

  add(object: KindTypes[K]): void {
    if (this.#objects.has(object)) return;
    this.#objects.add(object);
    if (this.#bySlot !== undefined) this.#addToSlot(this.#bySlot, object);
    if (this.#byDev !== undefined) this.#addToDevs(this.#byDev, object);
  }

  remove(object: KindTypes[K]): boolean {
    if (!this.#objects.delete(object)) return false;
    if (this.#bySlot !== undefined) this.#removeFromSlot(this.#bySlot, object);
    if (this.#byDev !== undefined) {
      for (const dev of KINDS[this.#kind].devs(object)) this.#byDev.get(dev)?.delete(object);
    }
    return true;
  }

  inSlot(slot: string): readonly KindTypes[K][] {
    if (this.#bySlot === undefined) {
      this.#bySlot = new Map();
      for (const object of this.#objects) this.#addToSlot(this.#bySlot, object);
    }
    const held = this.#bySlot.get(slot);
    if (held === undefined) return [];
    return Array.isArray(held) ? held : [held];
  }

  on(dev: string): readonly KindTypes[K][] {
    if (this.#byDev === undefined) {
      this.#byDev = new Map();
      for (const object of this.#objects) this.#addToDevs(this.#byDev, object);
    }
    return [...(this.#byDev.get(dev) ?? [])];
  }

  all(): IterableIterator<KindTypes[K]> {
    return this.#objects.values();
  }

  #addToSlot(index: Map<string, KindTypes[K] | KindTypes[K][]>, object: KindTypes[K]): void {
    const slot = KINDS[this.#kind].slot(object);
    const held = index.get(slot);
    if (held === undefined) index.set(slot, object);
    else if (Array.isArray(held)) held.push(object);
    else index.set(slot, [held, object]);
  }

  #removeFromSlot(index: Map<string, KindTypes[K] | KindTypes[K][]>, object: KindTypes[K]): void {
    const slot = KINDS[this.#kind].slot(object);
    const held = index.get(slot);
    if (held === object) index.delete(slot);
    else if (Array.isArray(held)) {
      const rest = held.filter((entry) => entry !== object);
      index.set(slot, rest.length === 1 ? (rest[0] as KindTypes[K]) : rest);
    }
  }

  #addToDevs(index: Map<string, Set<KindTypes[K]>>, object: KindTypes[K]): void {
    for (const dev of KINDS[this.#kind].devs(object)) {
      const on = index.get(dev);
      if (on === undefined) index.set(dev, new Set([object]));
      else on.add(object);
    }
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
      mpls: new Store('mpls', state.mpls),
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

  /** Every object of a kind, in the kernel's order; what is added while it is walked comes last. */
  all<K extends KindName>(kind: K): IterableIterator<KindTypes[K]> {
    return (this.#stores[kind] as Store<K>).all();
  }

  link(name: string): Link | undefined {
    return this.inSlot('link', name)[0];
  }

  /** Whether this very object, and not only one like it, is there. */
  has<K extends KindName>(kind: K, object: KindTypes[K]): boolean {
    return (this.#stores[kind] as Store<K>).has(object);
  }

  /** The entry with the same identity, be it the same reference or not. */
  find<K extends KindName>(kind: K, object: KindTypes[K]): KindTypes[K] | undefined {
    if (this.has(kind, object)) return object;
    const entries = this.inSlot(kind, KINDS[kind].slot(object));
    if (entries.length === 0) return undefined;
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
