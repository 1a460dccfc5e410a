import { describe } from 'node:test';
import { OTHER_KINDS, optionCases } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';
import { PARENTS } from './ground.ts';

const lacking = await findLacking();

describe('options of other kinds', () => testCases(optionCases(lacking, OTHER_KINDS), PARENTS));
