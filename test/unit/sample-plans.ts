import { createNameTables } from '../../src/desired/names.ts';
import type { Route } from '../../src/model/route.ts';
import { ROUTE } from '../../src/model/route.ts';
import type { Plan, PlanStep } from '../../src/reconcile/plan/plan-types.ts';

export const names = createNameTables();
export const source = (line: number) => ({ file: 'net.yaml', line, column: 3 });

export const route = (to: string, via: string, more: Partial<Route> = {}): Route => ({
  family: 'inet',
  to,
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via, dev: 'eth0', weight: 1 }],
  ...more,
});

const routeStep = (action: 'create' | 'update' | 'delete', object: Route): PlanStep => ({
  op: { kind: 'route', action, object },
  title: `${action} ${ROUTE.describe(object)}`,
  cascades: [],
});

const linkStep = (action: 'create' | 'update' | 'delete', more: Partial<PlanStep> = {}): PlanStep => ({
  op: { kind: 'link', action, object: { name: 'br0', index: 4, kind: 'bridge', options: { stp_state: 0 } } },
  title: `${action} link br0`,
  cascades: [],
  ...more,
});

/** A link is made anew and takes three routes along; one of them comes back, one is of another program. */
export const busy = (): Plan => {
  const created = route('10.1.0.0/16', '10.0.0.254');
  const kept = route('10.2.0.0/16', '10.0.0.254');
  const gone = route('10.9.0.0/16', '10.0.0.254');
  const cascade = { kind: 'route', why: 'goes with link br0', effect: 'removed' } as const;
  return {
    steps: [
      linkStep('delete', {
        cascades: [
          { ...cascade, key: ROUTE.slot(kept), title: 'route 10.2.0.0/16', foreign: false, restoredBy: 3 },
          { ...cascade, key: 'k1', title: 'route 10.3.0.0/16', foreign: true, owner: 186 },
        ],
      }),
      linkStep('create'),
      routeStep('create', created),
      routeStep('create', kept),
    ],
    changes: [
      {
        kind: 'link',
        key: 'br0',
        title: 'link br0',
        action: 'replace',
        reason: 'declared',
        fields: [
          { field: 'options.vlan_default_pvid', before: 1, after: 2, forcesReplace: true, source: source(5) },
          { field: 'mtu', before: 1500, after: 9000, forcesReplace: false },
        ],
        disruptive: ['link br0 is made anew; what uses it is interrupted'],
        steps: [0, 1],
        source: source(4),
      },
      {
        kind: 'route',
        key: ROUTE.slot(created),
        title: 'route 10.1.0.0/16',
        action: 'create',
        reason: 'declared',
        fields: Object.entries(created).map(([field, after]) => ({
          field,
          before: undefined,
          after,
          forcesReplace: false,
        })),
        disruptive: [],
        steps: [2],
        source: source(9),
      },
      {
        kind: 'route',
        key: ROUTE.slot(kept),
        title: 'route 10.2.0.0/16',
        action: 'create',
        reason: 'restore',
        fields: [{ field: 'hops', before: undefined, after: [], forcesReplace: false }],
        disruptive: [],
        steps: [3],
      },
      {
        kind: 'route',
        key: ROUTE.slot(gone),
        title: 'route 10.9.0.0/16',
        action: 'delete',
        reason: 'prune',
        fields: [],
        disruptive: [],
        steps: [0],
      },
    ],
    summary: { create: 1, update: 0, replace: 1, delete: 1, restore: 1 },
    warnings: [{ code: 'NR_TEST', message: 'look | here', severity: 'warning', source: source(1) }],
  };
};

export const EMPTY: Plan = {
  steps: [],
  changes: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
  warnings: [],
};
