import { describe } from 'node:test';
import { optionCases, TUNNEL_KINDS } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = [
  'link add parent0 type veth peer name parent1',
  'link add spare0 type veth peer name spare1',
  ...['parent0', 'parent1', 'spare0', 'spare1'].map((name) => `link set ${name} up`),
  // a tunnel to a group comes up only where there is a way to it (ipgre_open)
  'addr add 192.0.2.8/24 dev parent0',
  'route add 239.0.0.0/8 dev parent0',
];

const lacking = await findLacking();

describe('options of tunnels and other kinds', () => testCases(optionCases(lacking, TUNNEL_KINDS), GROUND));
