import type { Desired } from '../model/desired.ts';
import { ConfigError } from '../model/errors.ts';

/**
 * Some commands look at one namespace only.
 * @param command `watch`
 * @throws {ConfigError} NR_ONE_NAMESPACE at each section of another one
 */
export const refuseNamespaces = (desired: Desired, command: string): Desired => {
  const { namespaces = [] } = desired;
  if (namespaces.length === 0) return desired;
  throw new ConfigError(
    namespaces.map(({ name, source }) => ({
      code: 'NR_ONE_NAMESPACE',
      severity: 'error',
      message: `${command} deals with one namespace, and not with ${name} as well`,
      hint: `run it for each: netrecon --netns ${name} ${command} with a file of that namespace`,
      source,
    })),
  );
};
