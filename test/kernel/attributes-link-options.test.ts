import { describe } from 'node:test';
import { BASIC_KINDS, optionCases } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = ['link add parent0 type veth peer name parent1', 'link set parent0 up', 'link set parent1 up'];

const lacking = await findLacking();

describe('options of link kinds', () => testCases(optionCases(lacking, BASIC_KINDS), GROUND));
