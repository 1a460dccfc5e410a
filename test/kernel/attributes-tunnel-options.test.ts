import { describe } from 'node:test';
import { optionCases, TUNNEL_KINDS } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';
import { PARENTS } from './ground.ts';

const lacking = await findLacking();

describe('options of tunnels', () => testCases(optionCases(lacking, TUNNEL_KINDS), PARENTS));
