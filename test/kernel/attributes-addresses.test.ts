import { describe } from 'node:test';
import { ADDRESS_LIST_CASES, INET_ADDRESS_CASES, INET6_ADDRESS_CASES } from './cases/addresses.ts';
import { testCases } from './cases/run-case.ts';

const GROUND = ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up'];

describe('addresses of IPv4', () => testCases(INET_ADDRESS_CASES, GROUND));
describe('addresses of IPv6', () => testCases(INET6_ADDRESS_CASES, GROUND));
describe('the addresses of a link', () => testCases(ADDRESS_LIST_CASES, GROUND));
