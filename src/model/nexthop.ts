import type { Family } from './ip.ts';
import type { Field, FieldTable, Kind } from './kind.ts';
import type { RawAttribute } from './value.ts';

/** A nexthop object (RTM_NEWNEXTHOP). Observed and restored; the state file does not write them yet. */
export interface Nexthop {
  readonly id: number;
  readonly family: Family | 'unspec';
  readonly dev?: string;
  readonly via?: string;
  readonly onlink?: boolean;
  readonly blackhole?: boolean;
  readonly fdb?: boolean;
  readonly protocol: number;
  readonly scope: number;
  /** members with weights from 1, in the kernel's order */
  readonly group?: readonly { readonly id: number; readonly weight: number }[];
  readonly raw?: readonly RawAttribute[];
}

const whole: Field<Nexthop> = { change: 'inPlace', unset: 'default' };

const FIELDS: FieldTable<Nexthop> = {
  family: whole,
  dev: whole,
  via: whole,
  onlink: whole,
  blackhole: whole,
  fdb: whole,
  protocol: whole,
  group: whole,
};

export const NEXTHOP: Kind<'nexthop'> = {
  name: 'nexthop',
  section: 'nexthops',
  slot: (n) => `${n.id}`,
  identity: (n) => `${n.id}`,
  describe: (n) => `nexthop id ${n.id}`,
  fields: () => FIELDS,
  devs: (n) => (n.dev === undefined ? [] : [n.dev]),
  coexists: () => false,
  isKernels: (n) => n.protocol === 2,
  owner: (n) => n.protocol,
  isHandMade: (n) => n.protocol === 0 || n.protocol === 3 || n.protocol === 4,
};
