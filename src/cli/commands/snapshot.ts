import { release } from 'node:os';
import { createSnapshot } from '../../observed/snapshot.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { readKernel } from '../ground.ts';

/**
 * `netrecon snapshot`: everything observed, attributes that netrecon does not model included, and which links
 * netrecon made. JSON whatever --format says.
 * @returns 0
 */
export const run = async (context: Context): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const { observed, owned } = await readKernel(context);
  context.print(toJsonText(createSnapshot({ state: observed, owned }, release(), new Date())));
  return 0;
};
