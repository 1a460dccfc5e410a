import type { Value } from '../../src/model/value.ts';

/** One option, set to a value that is not its default. */
export interface OptionCase {
  readonly option: string;
  readonly value: Value;
  /** other options that the link must have for the kernel to take this one */
  readonly given?: Readonly<Record<string, Value>>;
  /** the kernel takes it by itself only, without what a link of the kind is otherwise made with */
  readonly alone?: true;
  /** ports: other options that the port must have first */
  readonly first?: Readonly<Record<string, Value>>;
  /** what the kernel must be built with beyond the kind: a key of the test's probes */
  readonly needs?: 'bridge vlan_filtering' | 'fou' | '6rd';
  /** first kernel release that has the option */
  readonly since?: string;
}

type Plain = readonly [option: string, value: Value];
/** A row for each pair. */
export const cases = (list: readonly Plain[], more: Omit<OptionCase, 'option' | 'value'> = {}): readonly OptionCase[] =>
  list.map(([option, value]) => ({ option, value, ...more }));
