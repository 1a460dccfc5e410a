import { describe } from 'node:test';
import { NEXTHOP_CASES, NEXTHOP_GROUP_CASES, NEXTHOP_USE_CASES, RESILIENT_CASES } from './cases/nexthops.ts';
import { testCases } from './cases/run-case.ts';
import { ADDRESSED_PAIR } from './ground.ts';

describe('nexthop objects', () => testCases(NEXTHOP_CASES, ADDRESSED_PAIR));
describe('groups of nexthop objects', () => testCases(NEXTHOP_GROUP_CASES, ADDRESSED_PAIR));
describe('resilient groups', () => testCases(RESILIENT_CASES, ADDRESSED_PAIR));
describe('routes and forwarding entries by nexthop objects', () => testCases(NEXTHOP_USE_CASES, ADDRESSED_PAIR));
