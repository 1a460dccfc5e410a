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

/** The prefixes of each list. */
type Lists = Readonly<Record<ListName, readonly string[]>>;

/** Entries of `routes` for the lists that hold anything. */
export const entriesOf = (lists: Lists): readonly string[] =>
  (Object.keys(LISTS) as ListName[])
    .filter((name) => lists[name].length > 0)
    .map((name) => `{to_file: ${name}, ${LISTS[name]}}`);

/** What the files of the lists hold. */
export const textsOf = (lists: Lists): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, `${list.join('\n')}\n`]));
