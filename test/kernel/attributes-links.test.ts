import { describe } from 'node:test';
import { HARDWARE_CASES, madeLinkCases, rareKindCases, TOPOLOGY_CASES } from './cases/links.ts';
import { testCases } from './cases/run-case.ts';
import { lacksKind, lacksReceiveQueues } from './support.ts';

const GROUND = ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up'];

const lacking = new Map(
  await Promise.all(['dummy', 'vlan', 'vrf', 'bond'].map(async (kind) => [kind, await lacksKind(kind)] as const)),
);

const receiveQueues = await lacksReceiveQueues();
const lacksAttribute = (attribute: string) => (attribute === 'numrxqueues' ? receiveQueues : false);

describe('attributes of hardware', () => testCases(HARDWARE_CASES, GROUND));
describe('attributes of links that the file makes', () => testCases(madeLinkCases(lacksAttribute), GROUND));
describe('kinds and topologies', () =>
  testCases([...TOPOLOGY_CASES, ...rareKindCases((kind) => lacking.get(kind) ?? false)], GROUND));
