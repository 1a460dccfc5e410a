import { describe } from 'node:test';
import { NEXTHOP_CASES, NEXTHOP_GROUP_CASES, NEXTHOP_USE_CASES, RESILIENT_CASES } from './cases/nexthops.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = [
  'link set lo up',
  'link add v0 type veth peer name v1',
  'link set v0 up',
  'link set v1 up',
  'addr add 192.0.2.1/24 dev v0',
  'addr add 2001:db8::1/64 dev v0 nodad',
];

describe('nexthop objects', () => testCases(NEXTHOP_CASES, GROUND));
describe('groups of nexthop objects', () => testCases(NEXTHOP_GROUP_CASES, GROUND));
describe('resilient groups', () => testCases(RESILIENT_CASES, GROUND));
describe('routes and forwarding entries by nexthop objects', () => testCases(NEXTHOP_USE_CASES, GROUND));
