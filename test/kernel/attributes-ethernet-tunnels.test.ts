import { describe } from 'node:test';
import { ETHERNET_TUNNEL_KINDS, optionCases } from './cases/link-options.ts';
import { findLacking } from './cases/option-lacks.ts';
import { testCases } from './cases/run-case.ts';
import { PARENTS } from './ground.ts';

const lacking = await findLacking();

describe('options of tunnels of frames', () => testCases(optionCases(lacking, ETHERNET_TUNNEL_KINDS), PARENTS));
