import { describe } from 'node:test';
import { optionCases, portCases } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';

/** Two pairs: both ends of one pair in one bridge would be a loop. */
const PORTS = [
  'link add parent0 type veth peer name far0',
  'link add parent1 type veth peer name far1',
  ...['parent0', 'parent1', 'far0', 'far1'].map((name) => `link set ${name} up`),
];

const lacking = await findLacking();

describe('options of bridges', () => testCases(optionCases(lacking, ['bridge'])));
describe('options of ports', () => testCases(portCases(lacking), PORTS));
