import type { Expected, StateCase } from './state-case.ts';

/** `lo` of the ground is up, `v0` has addresses, `v1` is its peer; `w0` is another link without any. */
const SHOW = '-f mpls route show';

const onV0: Expected = { dst: '100', via: { family: 'inet', host: '192.0.2.2' }, dev: 'v0' };

/** iproute2 has spelt it in two ways. */
const ttl =
  (propagate: boolean | undefined, protocol?: string) =>
  (actual: unknown): boolean => {
    const shown = actual as Readonly<Record<string, unknown>>;
    const told = shown['ttl-propagate'] ?? shown['ttl-propogate'];
    return shown.dst === '100' && told === propagate && (protocol ?? shown.protocol) === shown.protocol;
  };

interface Row {
  readonly name: string;
  readonly from: string;
  readonly shows: Expected;
  readonly to: string;
  readonly showsThen: Expected;
}

const row = ({ name, from, shows, to, showsThen }: Row): StateCase => ({
  name,
  yaml: `routes: [{family: mpls, ${from}}]`,
  shows: { [SHOW]: [shows] },
  next: { yaml: `routes: [{family: mpls, ${to}}]`, shows: { [SHOW]: [showsThen] }, actions: ['update'] },
});

/** Routes of labels, each change in place. */
export const MPLS_ROUTE_CASES: readonly StateCase[] = [
  row({
    name: 'a label swapped for another, then for a stack',
    from: 'to: 100, as: 200, via: 192.0.2.2, dev: v0',
    shows: { ...(onV0 as object), to: '200', protocol: '110' },
    to: 'to: 100, as: 200/300/400, via: 192.0.2.2, dev: v0',
    showsThen: { ...(onV0 as object), to: '200/300/400' },
  }),
  row({
    name: 'a label taken off: the last router before the end',
    from: 'to: 100, as: 200, via: 192.0.2.2, dev: v0',
    shows: { ...(onV0 as object), to: '200' },
    to: 'to: 100, via: 192.0.2.2, dev: v0',
    showsThen: { ...(onV0 as object), to: undefined },
  }),
  row({
    name: 'the end of the path: lo, then another link',
    from: 'to: 100, dev: lo',
    shows: { dst: '100', dev: 'lo', via: undefined, to: undefined },
    to: 'to: 100, dev: w0',
    showsThen: { dst: '100', dev: 'w0', via: undefined },
  }),
  row({
    name: 'a gateway of IPv6, then of the link layer',
    from: 'to: 1999, as: 0, via: "2001:db8::2", dev: v0',
    shows: { dst: '1999', to: '0', via: { family: 'inet6', host: '2001:db8::2' }, dev: 'v0' },
    to: 'to: 1999, as: 0, via: "02:00:00:00:00:0f", dev: w0',
    showsThen: { dst: '1999', via: { family: 'link', host: '02:00:00:00:00:0f' }, dev: 'w0' },
  }),
  row({
    name: 'a gateway alone: the link is found by it',
    from: 'to: 100, as: 200, via: 192.0.2.2',
    shows: { ...(onV0 as object), to: '200' },
    to: 'to: 100, as: 200, via: "2001:db8::3"',
    showsThen: { dst: '100', via: { family: 'inet6', host: '2001:db8::3' }, dev: 'v0' },
  }),
  row({
    name: 'TTL handed on, not handed on, then as the host has it',
    from: 'to: 100, via: 192.0.2.2, dev: v0, ttl_propagate: off',
    shows: ttl(false),
    to: 'to: 100, via: 192.0.2.2, dev: v0',
    showsThen: ttl(undefined),
  }),
  row({
    name: 'several ways, each with a stack of its own',
    from: 'to: 100, nexthops: [{as: 201, via: 192.0.2.2, dev: v0}, {as: 202/203, via: "2001:db8::2", dev: v0}, {via: 192.0.2.4, dev: v0}]',
    shows: {
      dst: '100',
      nexthops: [
        { to: '201', via: { family: 'inet', host: '192.0.2.2' }, dev: 'v0' },
        { to: '202/203', via: { family: 'inet6', host: '2001:db8::2' }, dev: 'v0' },
        { to: undefined, via: { family: 'inet', host: '192.0.2.4' }, dev: 'v0' },
      ],
    },
    to: 'to: 100, as: 201, via: 192.0.2.2, dev: v0',
    showsThen: { ...(onV0 as object), to: '201', nexthops: undefined },
  }),
  row({
    name: 'whose it is',
    from: 'to: 100, via: 192.0.2.2, dev: v0, protocol: static, ttl_propagate: on',
    shows: ttl(true, 'static'),
    to: 'to: 100, via: 192.0.2.2, dev: v0',
    showsThen: { ...(onV0 as object), protocol: '110' },
  }),
];
