import { NETRECON_PROTOCOL } from '../model/kind.ts';
import type { Plan, PlanChange } from '../reconcile/plan/plan-types.ts';

interface Sections {
  readonly options: string | undefined;
  readonly port: string | undefined;
}

/** The sections of the file that the options of a changed link stand in. Not every message carries the port. */
const sectionsOf = ({ steps }: Pick<Plan, 'steps'>, change: PlanChange): Sections => {
  const links = change.steps.flatMap((index) => {
    const op = steps[index]?.op;
    return op?.kind === 'link' && op.object.name === change.key ? [op.object] : [];
  });
  const port = links.find((link) => link.port !== undefined)?.port;
  return {
    options: links.find((link) => link.kind !== undefined)?.kind,
    port: port === undefined ? undefined : `${port.kind}_port`,
  };
};

/**
 * The file's word for a field: `options.stp_state` of a bridge is `bridge.stp_state`, `port.hairpin` of a link whose
 * master is a bridge is `bridge_port.hairpin`.
 */
export const fieldNamer = (plan: Pick<Plan, 'steps'>, change: PlanChange): ((field: string) => string) => {
  const sections = sectionsOf(plan, change);
  return (field) => field.replace(/^(options|port)(?=\.)/, (section) => sections[section as keyof Sections] ?? section);
};

/** What a new object has anyway: not worth a word in a plan for people. */
const USUAL: Readonly<Record<string, unknown>> = {
  protocol: NETRECON_PROTOCOL,
  scope: 0,
  tos: 0,
  valid_lft: 0xffffffff,
  preferred_lft: 0xffffffff,
};

/** Whether a field of a new object tells the reader anything that the title does not. */
export const isTelling = (change: PlanChange, field: string, value: unknown): boolean => {
  if (value === undefined || value === false) return false;
  if ((field === 'type' && value === 'unicast') || value === 'unspec') return false;
  if (Array.isArray(value) && value.length === 0) return false;
  return USUAL[field] !== value && !IN_TITLE[change.kind].includes(field);
};

const IN_TITLE: Readonly<Record<PlanChange['kind'], readonly string[]>> = {
  link: ['name', 'index'],
  address: ['dev', 'family', 'address', 'prefixlen', 'peer'],
  nexthop: ['id'],
  route: ['family', 'to', 'from', 'table', 'tos', 'metric'],
  mpls: ['label'],
  // the title of a rule is the whole rule
  rule: [
    'family',
    'priority',
    'not',
    'from',
    'to',
    'iif',
    'oif',
    'fwmark',
    'fwmask',
    'tos',
    'dscp',
    'ipproto',
    'sport',
    'dport',
    'uidrange',
    'tun_id',
    'l3mdev',
    'action',
    'table',
    'goto',
  ],
  neighbor: ['type', 'family', 'dev', 'to'],
};
