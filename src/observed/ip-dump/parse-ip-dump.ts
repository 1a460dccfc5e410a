import type { Family } from '../../model/ip.ts';
import type { Rule } from '../../model/rule.ts';
import type { State } from '../../model/state.ts';
import { readAddresses } from './address.ts';
import { type IpNames, type IpObject, type IpReading, parseIpObjects, unreadable } from './ip-json.ts';
import { readLinks } from './link.ts';
import { readNeighbors } from './neighbor.ts';
import { readRoutes } from './route.ts';
import { readRules } from './rule.ts';

/** Files of the folder; docs/ip-dump.md has the command that makes each. */
const FILES = ['link.json', 'addr.json', 'route.json', 'route6.json', 'rule.json', 'neigh.json'] as const;
const OPTIONAL = ['rule6.json', 'proxy.json'] as const;
type FileName = (typeof FILES)[number] | (typeof OPTIONAL)[number];

export interface IpDump {
  readonly state: State;
  /** what ip does not print, and what is taken in its place; one sentence each */
  readonly gaps: readonly string[];
}

/** What no version of ip prints. */
const ALWAYS = [
  'which links netrecon made: those that no file names any more stay',
  'forwarding entries, nexthop objects and MPLS routes: they count as not there',
  'the settings of /proc/sys for links, and the release of the kernel: taken as those of a present kernel',
];

/** The rules that every namespace has for a family (net/ipv6/fib6_rules.c). */
const inet6Rules = (): readonly Rule[] =>
  [
    { priority: 0, table: 255 },
    { priority: 32766, table: 254 },
  ].map((rule) => ({ family: 'inet6', action: 'table', protocol: 2, ...rule }));

/**
 * The state of a host from what `ip -d -j` printed there, for hosts without netrecon.
 * @param read text of a file of the folder; undefined where it is not there
 * @throws {NetreconError} NR_SNAPSHOT
 */
export const parseIpDump = async (
  read: (name: FileName) => Promise<string | undefined>,
  names: IpNames,
): Promise<IpDump> => {
  const texts = new Map<FileName, string>();
  for (const name of [...FILES, ...OPTIONAL]) {
    const text = await read(name);
    if (text !== undefined) texts.set(name, text);
  }
  const missing = FILES.find((name) => !texts.has(name));
  if (missing !== undefined) throw unreadable(missing, 'is missing');
  const reading: IpReading = { names, gaps: new Set(ALWAYS) };
  const objects = (name: FileName): readonly IpObject[] => parseIpObjects(texts.get(name) ?? '', name);
  const routes = (family: Family, name: FileName) => readRoutes(objects(name), family, name, reading);
  const rules = (family: Family, name: FileName) => readRules(objects(name), family, name, reading);
  if (!texts.has('rule6.json'))
    reading.gaps.add('rules of IPv6, for there is no rule6.json: taken as those of a new host');
  if (!texts.has('proxy.json')) reading.gaps.add('proxy entries, for there is no proxy.json: they count as not there');
  return {
    state: {
      link: readLinks(objects('link.json'), reading),
      address: readAddresses(objects('addr.json'), reading),
      nexthop: [],
      mpls: [],
      route: [...routes('inet', 'route.json'), ...routes('inet6', 'route6.json')],
      rule: [...rules('inet', 'rule.json'), ...(texts.has('rule6.json') ? rules('inet6', 'rule6.json') : inet6Rules())],
      neighbor: [
        ...readNeighbors(objects('neigh.json'), 'neigh.json', reading),
        ...readNeighbors(objects('proxy.json'), 'proxy.json', reading),
      ],
    },
    gaps: [...reading.gaps],
  };
};
