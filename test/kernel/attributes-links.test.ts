import { describe } from 'node:test';
import { HARDWARE_CASES, MADE_CASES, rareKindCases, TOPOLOGY_CASES } from './cases/links.ts';
import { testCases } from './cases/run-case.ts';
import { lacksKind } from './support.ts';

const GROUND = ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up'];

const lacking = new Map(
  await Promise.all(['dummy', 'vlan', 'vrf', 'bond'].map(async (kind) => [kind, await lacksKind(kind)] as const)),
);

describe('attributes of hardware', () => testCases(HARDWARE_CASES, GROUND));
describe('attributes of links that the file makes', () => testCases(MADE_CASES, GROUND));
describe('kinds and topologies', () =>
  testCases([...TOPOLOGY_CASES, ...rareKindCases((kind) => lacking.get(kind) ?? false)], GROUND));
