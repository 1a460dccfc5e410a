import type { Expectation } from '../model/desired.ts';
import { familyOf } from '../model/ip.ts';
import type { Entry } from './entry.ts';
import { ipProtocolNumber } from './ip-protocols.ts';
import { parseU32, readAddress } from './scalars.ts';
import type { Expectation as Written } from './schema.gen.ts';

const readMark = (entry: Entry<Written>, written: number | string): number | undefined => {
  const mark = parseU32(String(written));
  if (mark === undefined) entry.problem('NR_BAD_VALUE', `mark "${written}" is not a number of 32 bits`, 'mark');
  return mark;
};

/**
 * A packet and where it must go, as the file writes it.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeExpectation = (entry: Entry<Written>): Expectation | undefined => {
  const { value } = entry;
  const before = entry.problems.count;
  const address = (key: 'to' | 'from' | 'via' | 'src'): string | undefined =>
    value[key] === undefined ? undefined : readAddress(entry, key, value[key]);
  const [to, from, via, src] = [address('to'), address('from'), address('via'), address('src')];
  const mark = value.mark === undefined ? undefined : readMark(entry, value.mark);
  const { iif, oif, tos, sport, dport, dev, type } = value;
  for (const [key, other] of [['from', from] as const, ['src', src] as const]) {
    if (to !== undefined && other !== undefined && familyOf(to) !== familyOf(other)) {
      entry.problem('NR_CONTRADICTION', `${key} ${other} is of another family than ${to}`, key);
    }
  }
  if (iif !== undefined && oif !== undefined) {
    entry.problem('NR_CONTRADICTION', 'a packet either comes in by a link or is sent through one', 'oif');
  }
  if (via === undefined && src === undefined && dev === undefined && type === undefined) {
    entry.problem('NR_CONTRADICTION', 'nothing is expected of the packet', undefined, 'write via, dev, src or type');
  }
  if (to === undefined || entry.problems.count > before) return undefined;
  const ipproto = value.ipproto === undefined ? undefined : ipProtocolNumber(value.ipproto);
  return {
    query: {
      to,
      ...(from !== undefined && { from }),
      ...(iif !== undefined && { iif }),
      ...(oif !== undefined && { oif }),
      ...(mark !== undefined && { mark }),
      ...(tos !== undefined && { tos }),
      ...(ipproto !== undefined && { ipproto }),
      ...(sport !== undefined && { sport }),
      ...(dport !== undefined && { dport }),
    },
    wanted: {
      ...(via !== undefined && { via }),
      ...(dev !== undefined && { dev }),
      ...(src !== undefined && { src }),
      ...(type !== undefined && { type }),
    },
    source: entry.at(),
  };
};
