import { describe } from 'node:test';
import { GROUP_CASES, groupVlanCases } from './cases/multicast-groups.ts';
import { ANY_LINK_PROXY_CASES, FDB_CASES, FDB_VLAN_CASES, NEIGHBOR_CASES } from './cases/neighbors.ts';
import { testCases } from './cases/run-case.ts';
import { ADDRESSED_PAIR } from './ground.ts';
import { lacksBridgeVlanFiltering } from './support.ts';

const lacksVlanFiltering = await lacksBridgeVlanFiltering();

describe('neighbors', () => testCases([...NEIGHBOR_CASES, ...ANY_LINK_PROXY_CASES], ADDRESSED_PAIR));
describe('forwarding databases', () =>
  testCases([...FDB_CASES, ...FDB_VLAN_CASES(lacksVlanFiltering)], ADDRESSED_PAIR));
describe('multicast groups of bridges', () =>
  testCases([...GROUP_CASES, ...groupVlanCases(lacksVlanFiltering)], ADDRESSED_PAIR));
