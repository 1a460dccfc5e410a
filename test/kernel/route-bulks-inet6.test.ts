import { describe } from 'node:test';
import { declareBulkTests, IS_SLOW } from './bulk-scenes.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_122);
const numRuns = Number(process.env.ROUTE_BULK_RUNS ?? (IS_SLOW ? 2 : 12));

describe(`IPv6 routes in bulk (seed ${seed}, ${numRuns} runs)`, () => declareBulkTests('inet6', { seed, numRuns }));
