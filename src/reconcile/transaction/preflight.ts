import { ConfigError, type Diagnostic } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Op } from '../../model/op.ts';
import type { Plan } from '../plan/plan-types.ts';
import { labelHint } from './failures.ts';
import { unknownKeys } from './replaced-keys.ts';

/** A kind of object that the plan makes and the kernel may lack. */
interface Need {
  readonly kind: string;
  readonly lacking: string;
  readonly hint: string;
  readonly isMet: (kernel: KernelPort) => Promise<boolean>;
}

const needOf = (op: Op): Need | undefined => {
  if (op.action !== 'create') return undefined;
  if (op.kind === 'nexthop') {
    return {
      kind: 'nexthop object',
      lacking: 'this kernel has no nexthop objects',
      hint: 'Linux has them from 5.3 on: write the ways into the routes (via, dev, nexthops)',
      isMet: (kernel) => kernel.hasNexthops(),
    };
  }
  const kind = op.kind === 'link' ? op.object.kind : undefined;
  return kind === undefined
    ? undefined
    : {
        kind,
        lacking: `this kernel has no links of kind ${kind}`,
        hint: 'the module may be missing from the running kernel: modprobe tells',
        isMet: (kernel) => kernel.hasLinkKind(kind),
      };
};

/**
 * Looks for keys that would have to be set and are not known, before anything is changed.
 * @throws {ConfigError} NR_KEY at the place of each declaration
 */
export const checkKeys = (plan: Plan): void => {
  const diagnostics = plan.steps.flatMap(({ op, source }) =>
    unknownKeys(op).map(
      (what): Diagnostic => ({
        code: 'NR_KEY',
        message: `${what} is not known here: no saved plan holds it`,
        severity: 'error',
        hint: 'apply the files themselves',
        ...(source === undefined ? {} : { source }),
      }),
    ),
  );
  if (diagnostics.length > 0) throw new ConfigError(diagnostics);
};

/** One of another namespace, or of one that is still to be made, is left to the kernel to judge, but for the module. */
const refusalOfLabel = async (label: number, isHere: boolean, kernel: KernelPort): Promise<Refusal | undefined> => {
  const space = await kernel.labelSpace(label);
  if (space === 'none') {
    return {
      code: 'NR_UNSUPPORTED_KIND',
      why: 'this kernel has no routes of labels, or has not loaded them',
      hint: 'modprobe mpls_router loads them, and sysctl net.mpls.platform_labels says how many labels there are',
    };
  }
  if (space === 'enough' || !isHere) return undefined;
  return { code: 'NR_LABEL_SPACE', why: 'the label is beyond net.mpls.platform_labels', hint: labelHint(label) };
};

interface Refusal {
  readonly code: 'NR_UNSUPPORTED_KIND' | 'NR_LABEL_SPACE';
  readonly why: string;
  readonly hint: string;
}

/**
 * Asks the kernel whether it has room for the labels that a plan makes routes of, before anything is changed.
 * @throws {ConfigError} NR_UNSUPPORTED_KIND, NR_LABEL_SPACE at the place of each declaration
 */
export const checkLabels = async (plan: Plan, kernel: KernelPort): Promise<void> => {
  const diagnostics: Diagnostic[] = [];
  for (const { op, source, netns } of plan.steps) {
    if (op.kind !== 'mpls' || op.action !== 'create') continue;
    const refusal = await refusalOfLabel(op.object.label, netns === undefined, kernel);
    if (refusal === undefined) continue;
    const { code, why, hint } = refusal;
    const message = `${kindOf(op.kind).describe(op.object)}: ${why}`;
    diagnostics.push({ code, message, severity: 'error', hint, ...(source === undefined ? {} : { source }) });
  }
  if (diagnostics.length > 0) throw new ConfigError(diagnostics);
};

/**
 * Asks the kernel whether it has the kinds of link and of object that a plan makes, before anything is changed.
 * @throws {ConfigError} NR_UNSUPPORTED_KIND at the place of each declaration
 */
export const checkKinds = async (plan: Plan, kernel: KernelPort): Promise<void> => {
  const known = new Map<string, boolean>();
  const diagnostics: Diagnostic[] = [];
  for (const { op, source } of plan.steps) {
    const need = needOf(op);
    if (need === undefined) continue;
    if (!known.has(need.kind)) known.set(need.kind, await need.isMet(kernel));
    if (known.get(need.kind) === true) continue;
    diagnostics.push({
      code: 'NR_UNSUPPORTED_KIND',
      message: `${kindOf(op.kind).describe(op.object)}: ${need.lacking}`,
      severity: 'error',
      hint: need.hint,
      ...(source === undefined ? {} : { source }),
    });
  }
  if (diagnostics.length > 0) throw new ConfigError(diagnostics);
};
