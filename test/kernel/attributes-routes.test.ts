import { describe } from 'node:test';
import { INET_ROUTE_CASES, METRIC_CASES } from './cases/routes-inet.ts';
import { INET6_ROUTE_CASES } from './cases/routes-inet6.ts';
import { testCases } from './cases/run-case.ts';
import { ADDRESSED_PAIR } from './ground.ts';

/** What the routes of the tables stand on. The prefix 192.0.2.0/24 has a second address, to choose a source from. */
const GROUND = [...ADDRESSED_PAIR, 'addr add 192.0.2.11/24 dev v0'];

describe('routes of IPv4', () => testCases(INET_ROUTE_CASES, GROUND));
describe('routes of IPv4, in bulk', () => testCases(INET_ROUTE_CASES, GROUND, [], true));
describe('routes of IPv6', () => testCases(INET6_ROUTE_CASES, GROUND));
describe('metrics of routes', () => testCases(METRIC_CASES, GROUND));
