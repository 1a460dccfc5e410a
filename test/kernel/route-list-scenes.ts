import type { Family } from '../../src/model/ip.ts';

/** Both gateways of the lists are neighbors, each by a link of its own. */
export const GROUND = [
  'link add u0 type veth peer name u1',
  'link set u0 up',
  'link set u1 up',
  'addr add 10.0.0.1/24 dev u0',
  'addr add 10.0.1.1/24 dev u1',
] as const;

/** Lists that get in each other's way, and what their entries say of them. */
export const LISTS = {
  one: 'via: 10.0.0.2, dev: u0',
  open: 'via: 10.0.1.2, metric: 9',
  two: 'type: blackhole, metric: 7',
  three: 'via: 10.0.1.2, dev: u1, table: 77, mtu: 1400, adopt: true',
} as const;
type ListName = keyof typeof LISTS;

/** Where routes of a family stand. */
interface Place {
  readonly ground: readonly string[];
  readonly lists: Readonly<Record<ListName, string>>;
  /** in the order of a dump */
  readonly prefixAt: (i: number) => string;
}

const INET: Place = {
  ground: GROUND,
  lists: LISTS,
  prefixAt: (i) => `172.16.${i >> 1}.${(i & 1) * 128}/${24 + (i & 1)}`,
};

/** What is within a prefix comes before it in a dump of IPv6. */
const INET6: Place = {
  ground: [...GROUND.slice(0, 3), 'addr add 2001:db8::1/64 dev u0 nodad', 'addr add 2001:db8:0:1::1/64 dev u1 nodad'],
  lists: {
    one: 'via: "2001:db8::2", dev: u0',
    open: 'via: "2001:db8:0:1::2", metric: 9',
    two: 'type: blackhole, metric: 7',
    three: 'via: "2001:db8:0:1::2", dev: u1, table: 77, mtu: 1400, adopt: true',
  },
  prefixAt: (i) =>
    i & 1 ? `2400:${((i >> 1) + 1).toString(16)}::/32` : `2400:${((i >> 1) + 1).toString(16)}:8000::/33`,
};

export const PLACES: Readonly<Record<Family, Place>> = { inet: INET, inet6: INET6 };

/** The prefixes of each list. */
type Lists = Readonly<Record<ListName, readonly string[]>>;

/** Entries of `routes` for the lists that hold anything. */
export const entriesOf = (lists: Lists, { lists: entries }: Pick<Place, 'lists'> = INET): readonly string[] =>
  (Object.keys(entries) as ListName[])
    .filter((name) => lists[name].length > 0)
    .map((name) => `{to_file: ${name}, ${entries[name]}}`);

/** What the files of the lists hold. */
export const textsOf = (lists: Lists): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, `${list.join('\n')}\n`]));
