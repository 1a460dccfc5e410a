import { describe } from 'node:test';
import { BASIC_KINDS, optionCases, portCases } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = ['link add parent0 type veth peer name parent1', 'link set parent0 up', 'link set parent1 up'];

/** Two pairs: both ends of one pair in one bridge would be a loop. */
const PORTS = [
  'link add parent0 type veth peer name far0',
  'link add parent1 type veth peer name far1',
  ...['parent0', 'parent1', 'far0', 'far1'].map((name) => `link set ${name} up`),
];

const lacking = await findLacking();

describe('options of link kinds', () => testCases(optionCases(lacking, BASIC_KINDS), GROUND));
describe('options of ports', () => testCases(portCases(lacking), PORTS));
