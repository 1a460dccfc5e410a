import { describe } from 'node:test';
import { DSCP_CASES, RULE_CASES } from './cases/rules.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up'];

describe('rules', () => testCases([...RULE_CASES, ...DSCP_CASES], GROUND));
