/** A node of the graph or a fact that some nodes establish and others wait for. */
interface Vertex<T> {
  readonly node?: T;
  readonly next: Set<Vertex<T>>;
  waiting: number;
}

/**
 * Dependencies among operations. A fact (`ready eth0`) stands between those that establish it and those that need it, so
 * that a thousand routes on a link with a thousand addresses are two thousand edges and not a million. A fact that
 * nothing of the batch establishes holds already.
 */
export class DependencyGraph<T> {
  readonly #vertices = new Map<T, Vertex<T>>();
  readonly #facts = new Map<string, Vertex<T>>();
  readonly #provided = new Map<string, Set<T>>();
  readonly #needs: { readonly node: T; readonly fact: string }[] = [];

  add(node: T): void {
    this.#vertices.set(node, { node, next: new Set(), waiting: 0 });
  }

  /** `node` is one of those that establish `fact`: whoever needs it waits for all of them. */
  provides(node: T, fact: string): void {
    const nodes = this.#provided.get(fact);
    if (nodes === undefined) this.#provided.set(fact, new Set([node]));
    else nodes.add(node);
  }

  needs(node: T, fact: string): void {
    this.#needs.push({ node, fact });
  }

  after(node: T, before: T): void {
    this.#edge(this.#vertex(before), this.#vertex(node));
  }

  #vertex(node: T): Vertex<T> {
    return this.#vertices.get(node) as Vertex<T>;
  }

  #edge(from: Vertex<T>, to: Vertex<T>): void {
    if (from === to || from.next.has(to)) return;
    from.next.add(to);
    to.waiting++;
  }

  /** Turns facts into vertices and edges, once; a node that both provides and needs a fact does not wait for itself. */
  #link(): void {
    for (const { node, fact } of this.#needs.splice(0)) {
      const providers = this.#provided.get(fact);
      if (providers === undefined) continue;
      if (providers.has(node)) {
        for (const provider of providers) if (provider !== node) this.after(node, provider);
        continue;
      }
      this.#edge(this.#fact(fact, providers), this.#vertex(node));
    }
  }

  #fact(fact: string, providers: ReadonlySet<T>): Vertex<T> {
    const known = this.#facts.get(fact);
    if (known !== undefined) return known;
    const vertex: Vertex<T> = { next: new Set(), waiting: 0 };
    this.#facts.set(fact, vertex);
    for (const provider of providers) this.#edge(this.#vertex(provider), vertex);
    return vertex;
  }

  /** Every node that a node of the given sort waits for, directly or not. */
  ancestorsOf(isTarget: (node: T) => boolean): ReadonlySet<T> {
    this.#link();
    const previous = new Map<Vertex<T>, Vertex<T>[]>();
    const all = [...this.#vertices.values(), ...this.#facts.values()];
    for (const from of all) {
      for (const to of from.next) {
        const known = previous.get(to);
        if (known === undefined) previous.set(to, [from]);
        else known.push(from);
      }
    }
    const seen = new Set<Vertex<T>>();
    const stack = all.filter(({ node }) => node !== undefined && isTarget(node));
    for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
      for (const from of previous.get(vertex) ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        stack.push(from);
      }
    }
    return new Set([...seen].flatMap(({ node }) => (node === undefined ? [] : [node])));
  }

  /**
   * Kahn's algorithm; among the nodes that are free the one with the smallest weight goes first.
   * @returns `cycle`: some of the nodes that wait for each other, where there are such
   */
  sort(weight: (node: T) => readonly [number, number]): { readonly sorted: T[]; readonly cycle?: T[] } {
    this.#link();
    const sorted: T[] = [];
    const free = new Heap<T>(weight);
    const release = (vertex: Vertex<T>): void => {
      if (vertex.node !== undefined) free.push(vertex.node);
      else for (const next of vertex.next) if (--next.waiting === 0) release(next);
    };
    const all = [...this.#vertices.values(), ...this.#facts.values()];
    const waiting = new Map(all.map((vertex) => [vertex, vertex.waiting]));
    for (const vertex of all) if (waiting.get(vertex) === 0) release(vertex);
    for (let node = free.pop(); node !== undefined; node = free.pop()) {
      sorted.push(node);
      for (const next of this.#vertex(node).next) if (--next.waiting === 0) release(next);
    }
    if (sorted.length === this.#vertices.size) return { sorted };
    return { sorted, cycle: this.#findCycle(new Set(sorted)) };
  }

  #findCycle(done: ReadonlySet<T>): T[] {
    const path: Vertex<T>[] = [];
    const onPath = new Set<Vertex<T>>();
    const dead = new Set<Vertex<T>>();
    const walk = (vertex: Vertex<T>): Vertex<T>[] | undefined => {
      if (onPath.has(vertex)) return path.slice(path.indexOf(vertex));
      if (dead.has(vertex) || (vertex.node !== undefined && done.has(vertex.node))) return undefined;
      path.push(vertex);
      onPath.add(vertex);
      for (const next of vertex.next) {
        const found = walk(next);
        if (found !== undefined) return found;
      }
      path.pop();
      onPath.delete(vertex);
      dead.add(vertex);
      return undefined;
    };
    for (const vertex of this.#vertices.values()) {
      const found = walk(vertex);
      if (found !== undefined) return found.flatMap(({ node }) => (node === undefined ? [] : [node]));
    }
    return [];
  }
}

/** Binary heap of nodes by weight, then by a second number that makes the order total. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #weights = new Map<T, readonly [number, number]>();
  readonly #weight: (node: T) => readonly [number, number];

  constructor(weight: (node: T) => readonly [number, number]) {
    this.#weight = weight;
  }

  #less(a: T, b: T): boolean {
    const [p, q] = [
      this.#weights.get(a) as readonly [number, number],
      this.#weights.get(b) as readonly [number, number],
    ];
    return p[0] < q[0] || (p[0] === q[0] && p[1] < q[1]);
  }

  push(item: T): void {
    this.#weights.set(item, this.#weight(item));
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#less(item, items[parent] as T)) break;
      items[at] = items[parent] as T;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#less(items[child + 1] as T, items[child] as T)) child++;
      if (!this.#less(items[child] as T, last)) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
