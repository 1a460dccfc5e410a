import { release } from 'node:os';
import { describe } from 'node:test';
import { vlanCases } from './cases/bridge-vlans.ts';
import { testCases } from './cases/run-case.ts';
import { lacksBridgeVlanFiltering } from './support.ts';

const lacking = await lacksBridgeVlanFiltering();

describe('VLANs of bridges', () => testCases(vlanCases(lacking, release())));
