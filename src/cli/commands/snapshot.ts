import { release } from 'node:os';
import { createSnapshot } from '../../observed/snapshot.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { withHost } from '../host.ts';

/**
 * `netrecon snapshot`: everything observed, attributes that netrecon does not model included. JSON whatever --format says.
 * @returns 0
 */
export const run = async (context: Context): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const state = await withHost(context, ({ kernel }) => kernel.dump());
  context.print(toJsonText(createSnapshot(state, release(), new Date())));
  return 0;
};
