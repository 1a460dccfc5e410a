import { ConfigError, type Diagnostic } from '../model/errors.ts';
import type { KernelPort } from '../model/kernel-port.ts';
import type { Plan } from './plan-types.ts';

/**
 * Asks the kernel whether it has the kinds of link that a plan makes, before anything is changed.
 * @throws {ConfigError} NR_UNSUPPORTED_KIND at the place of each declaration
 */
export const checkLinkKinds = async (plan: Plan, kernel: KernelPort): Promise<void> => {
  const known = new Map<string, boolean>();
  const diagnostics: Diagnostic[] = [];
  for (const { op, source } of plan.steps) {
    if (op.kind !== 'link' || op.action !== 'create' || op.object.kind === undefined) continue;
    const { kind, name } = op.object;
    if (!known.has(kind)) known.set(kind, await kernel.hasLinkKind(kind));
    if (known.get(kind) === true) continue;
    diagnostics.push({
      code: 'NR_UNSUPPORTED_KIND',
      message: `link ${name}: this kernel has no links of kind ${kind}`,
      severity: 'error',
      hint: 'the module may be missing from the running kernel: modprobe tells',
      ...(source === undefined ? {} : { source }),
    });
  }
  if (diagnostics.length > 0) throw new ConfigError(diagnostics);
};
