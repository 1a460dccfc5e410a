/** What the tests of routes and neighbors stand on, as lines of `ip -batch`: two links that are each other's peers, up. */
export const PAIR = ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up'] as const;

/** PAIR, with an address of each family on v0. */
export const ADDRESSED_PAIR = [
  ...PAIR,
  'addr add 192.0.2.1/24 dev v0',
  'addr add 2001:db8::1/64 dev v0 nodad',
] as const;

/** Parents for links of other kinds, each with a peer, up. */
export const PARENTS = [
  'link add parent0 type veth peer name parent1',
  'link add spare0 type veth peer name spare1',
  ...['parent0', 'parent1', 'spare0', 'spare1'].map((name) => `link set ${name} up`),
];
