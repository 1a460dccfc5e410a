import { describe } from 'node:test';
import { LINK_KINDS } from '../../src/model/link-kinds/index.ts';
import { optionCases, portCases } from './cases/link-options.ts';
import { testCases } from './cases/run-case.ts';
import { lacksBridgeVlanFiltering, lacksKind } from './support.ts';

const GROUND = ['link add parent0 type veth peer name parent1', 'link set parent0 up', 'link set parent1 up'];

/** Two pairs: both ends of one pair in one bridge would be a loop. */
const PORTS = [
  'link add parent0 type veth peer name far0',
  'link add parent1 type veth peer name far1',
  ...['parent0', 'parent1', 'far0', 'far1'].map((name) => `link set ${name} up`),
];

const kinds = new Map(
  await Promise.all(Object.keys(LINK_KINDS).map(async (kind) => [kind, await lacksKind(kind)] as const)),
);
const lacking = {
  kind: (kind: string) => kinds.get(kind) ?? false,
  vlanFiltering: await lacksBridgeVlanFiltering(),
};

describe('options of link kinds', () => testCases(optionCases(lacking), GROUND));
describe('options of ports', () => testCases(portCases(lacking), PORTS));
