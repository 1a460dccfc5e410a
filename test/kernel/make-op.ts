import type { Link } from '../../src/model/link.ts';
import type { LinkStage, Op } from '../../src/model/op.ts';
import type { KindName, KindTypes } from '../../src/model/state.ts';

/** One message that sets these fields of a link. */
export const linkOp = (before: Link, stage: LinkStage, values: Partial<Link>): Op => ({
  kind: 'link',
  action: 'update',
  stage,
  before,
  object: { ...before, ...values },
  fields: Object.keys(values),
});

export const updateOp = <K extends KindName>(kind: K, before: KindTypes[K], after: KindTypes[K]): Op =>
  ({ kind, action: 'update', before, object: after, fields: Object.keys(after) }) as unknown as Op;

export const deleteOp = <K extends KindName>(kind: K, object: KindTypes[K]): Op =>
  ({ kind, action: 'delete', object, before: object }) as unknown as Op;

/** `append`: beside another entry of the same slot. */
export const createOp = <K extends KindName>(kind: K, object: KindTypes[K], append = false): Op =>
  ({ kind, action: 'create', object, ...(append ? { append } : {}) }) as unknown as Op;
