import type { AnyObject, KindName, KindTypes } from '../../model/state.ts';
import type { WorkingState } from '../plan/working-state.ts';

/** What the kernel does beside what it was asked to. */
export interface Taken {
  readonly kind: KindName;
  readonly object: AnyObject;
  /** absent: the object is gone; else what became of it */
  readonly after?: AnyObject;
  /** for people: `goes with link br0` */
  readonly why: string;
}

/** Collects casualties while a working state is changed. */
export class Casualties {
  readonly taken: Taken[] = [];
  readonly state: WorkingState;

  constructor(state: WorkingState) {
    this.state = state;
  }

  remove<K extends KindName>(kind: K, object: KindTypes[K], why: string): void {
    if (this.state.remove(kind, object)) this.taken.push({ kind, object, why });
  }

  change<K extends KindName>(kind: K, before: KindTypes[K], after: KindTypes[K], why: string): void {
    this.state.replace(kind, before, after);
    this.taken.push({ kind, object: before, after, why });
  }
}
