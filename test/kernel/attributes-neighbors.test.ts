import { describe } from 'node:test';
import { GROUP_CASES, groupVlanCases } from './cases/multicast-groups.ts';
import { ANY_LINK_PROXY_CASES, FDB_CASES, FDB_VLAN_CASES, NEIGHBOR_CASES } from './cases/neighbors.ts';
import { testCases } from './cases/run-case.ts';
import { lacksBridgeVlanFiltering } from './support.ts';

const GROUND = [
  'link add v0 type veth peer name v1',
  'link set v0 up',
  'link set v1 up',
  'addr add 192.0.2.1/24 dev v0',
  'addr add 2001:db8::1/64 dev v0 nodad',
];

const lacksVlanFiltering = await lacksBridgeVlanFiltering();

describe('neighbors', () => testCases([...NEIGHBOR_CASES, ...ANY_LINK_PROXY_CASES], GROUND));
describe('forwarding databases', () => testCases([...FDB_CASES, ...FDB_VLAN_CASES(lacksVlanFiltering)], GROUND));
describe('multicast groups of bridges', () =>
  testCases([...GROUP_CASES, ...groupVlanCases(lacksVlanFiltering)], GROUND));
