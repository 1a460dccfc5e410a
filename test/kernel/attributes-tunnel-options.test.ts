import { describe } from 'node:test';
import { optionCases, TUNNEL_KINDS } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = [
  'link add parent0 type veth peer name parent1',
  'link add spare0 type veth peer name spare1',
  ...['parent0', 'parent1', 'spare0', 'spare1'].map((name) => `link set ${name} up`),
];

const lacking = await findLacking();

describe('options of tunnels and other kinds', () => testCases(optionCases(lacking, TUNNEL_KINDS), GROUND));
