import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import { ConfigError, type Diagnostic } from '../../src/model/errors.ts';
import type { MplsHop, MplsRoute } from '../../src/model/mpls-route.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { attributePathAt } from '../../src/netlink/wire/attribute-path.ts';
import { createSnapshot, parseSnapshot } from '../../src/observed/snapshot.ts';
import { applyOperation } from '../../src/reconcile/effects/index.ts';
import { WorkingState } from '../../src/reconcile/plan/working-state.ts';
import { assertDamageIsFound, attributesOf, decode, encode, namesOf } from './codecs-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const NAMES = namesOf({ 7: 'eth0', 8: 'eth1' });
const create = (object: MplsRoute) => encode({ kind: 'mpls', action: 'create', object }, NAMES);

const load = (text: string) =>
  loadDesired({
    files: ['a.yaml'],
    names: createNameTables({}),
    readFile: async () => text,
    listDirectory: async () => undefined,
  });
const lineOf = ({ source, code, message, hint }: Diagnostic): string =>
  `a.yaml:${source?.line}:${source?.column} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`;

const HOPS: fc.Arbitrary<MplsHop> = fc
  .record({
    as: fc.array(fc.integer({ min: 0, max: 0xfffff }), { maxLength: 5 }),
    via: fc.constantFrom(undefined, '192.0.2.2', '2001:db8::2', '02:00:00:00:00:0f'),
    dev: fc.constantFrom('eth0', 'eth1'),
  })
  .map(({ as, via, dev }) => ({ as, ...(via === undefined ? {} : { via }), dev }));

const ROUTES: fc.Arbitrary<MplsRoute> = fc
  .record({
    label: fc.integer({ min: 16, max: 0xfffff }),
    protocol: fc.integer({ min: 0, max: 255 }),
    ttl: fc.constantFrom(undefined, true, false),
    hops: fc.array(HOPS, { minLength: 1, maxLength: 4 }),
  })
  .map(({ label, protocol, ttl, hops }) => ({
    label,
    protocol,
    ...(ttl === undefined ? {} : { ttl_propagate: ttl }),
    hops,
  }));

/** A file, and the one thing that is wrong with it. */
const WRONG: readonly (readonly [yaml: string, problem: string])[] = [
  [
    'version: 1\nroutes: [{to: 100, dev: e}]',
    'a.yaml:2:15 NR_BAD_VALUE 100 is no prefix (a route of an MPLS label says family: mpls)',
  ],
  [
    'version: 1\nroutes: [{to: 10.0.0.0/8, as: 5, dev: e}]',
    'a.yaml:2:31 NR_CONTRADICTION as belongs to a route of family mpls',
  ],
  [
    'version: 1\nroutes: [{to: 10.0.0.0/8, nexthops: [{as: 5, dev: e}]}]',
    'a.yaml:2:43 NR_CONTRADICTION as belongs to a route of family mpls',
  ],
  ['version: 1\nroutes: [{to: 10.0.0.0/8, family: mpls, dev: e}]', 'a.yaml:2:15 NR_BAD_VALUE "10.0.0.0/8" is no label'],
  [
    'version: 1\nroutes: [{to: 15, family: mpls, dev: e}]',
    'a.yaml:2:15 NR_BAD_VALUE no route can have label 15: they are 16 to 1048575',
  ],
  [
    'version: 1\nroutes: [{to: 1048576, family: mpls, dev: e}]',
    'a.yaml:2:15 NR_BAD_VALUE no route can have label 1048576: they are 16 to 1048575',
  ],
  ['version: 1\nroutes: [{family: mpls, dev: e}]', 'a.yaml:2:10 NR_SCHEMA an MPLS route needs "to", its label'],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, dev: e, metric: 5}]',
    'a.yaml:2:50 NR_CONTRADICTION an MPLS route has no metric',
  ],
  [
    'version: 1\nroutes: [{to: 100, family: mpls}]',
    'a.yaml:2:10 NR_CONTRADICTION mpls route 100 leads nowhere (write via, dev or nexthops; dev: lo gives what is below the label to this host)',
  ],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, as: 3, dev: e}]',
    'a.yaml:2:38 NR_BAD_VALUE label 3 (implicit null) is never put on a packet (leave `as` out: the label is taken off, and none put on)',
  ],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, as: 7/x, dev: e}]',
    'a.yaml:2:38 NR_BAD_VALUE "7/x" is no stack of labels (labels from 0 to 1048575, outermost first: 200/300)',
  ],
  [
    `version: 1\nroutes: [{to: 100, family: mpls, as: ${new Array(31).fill(20).join('/')}, dev: e}]`,
    'a.yaml:2:38 NR_BAD_VALUE the kernel puts on 30 labels at most, not 31',
  ],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, via: "02:00:00:00:00:01"}]',
    'a.yaml:2:39 NR_CONTRADICTION the link-layer address 02:00:00:00:00:01 needs dev',
  ],
  ['version: 1\nroutes: [{to: 100, family: mpls, via: nobody}]', 'a.yaml:2:39 NR_BAD_VALUE "nobody" is no address'],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, nexthops: [{dev: e, weight: 2}]}]',
    'a.yaml:2:62 NR_CONTRADICTION a way of an MPLS route has no weight',
  ],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, dev: e, nexthops: [{dev: f}]}]',
    'a.yaml:2:39 NR_CONTRADICTION dev does not go with nexthops (move it into the list)',
  ],
  [
    'version: 1\nroutes: [{to: 100, family: mpls, dev: e}, {to: "100", family: mpls, dev: f}]',
    'a.yaml:2:43 NR_DUPLICATE mpls route 100 is declared twice (first at a.yaml:2:10)',
  ],
  [
    'version: 1\nlinks: {e: {state: absent}}\nroutes: [{to: 100, family: mpls, dev: e}]',
    'a.yaml:3:10 NR_CONTRADICTION mpls route 100 needs e, which must not exist',
  ],
];

describe('files with routes of labels', () => {
  for (const [yaml, problem] of WRONG) {
    it(yaml.replaceAll('\n', ' '), () =>
      assert.rejects(load(yaml), (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.diagnostics.map(lineOf), [problem]);
        return true;
      }),
    );
  }

  it('as the model has them', async () => {
    const { objects } = await load(`version: 1
routes:
  - {to: "100", family: mpls, as: 200/300, via: "2001:DB8::2", dev: e, ttl_propagate: on, protocol: 4}
  - {to: 101, family: mpls, type: unicast, nexthops: [{as: 0, via: 192.0.2.1, weight: 1}, {dev: lo}]}
`);
    assert.deepEqual(objects.route, []);
    assert.deepEqual(
      objects.mpls.map(({ object }) => object),
      [
        {
          label: 100,
          protocol: 4,
          ttl_propagate: true,
          hops: [{ as: [200, 300], via: '2001:db8::2', dev: 'e' }],
        },
        {
          label: 101,
          protocol: 110,
          hops: [
            { as: [0], via: '192.0.2.1' },
            { as: [], dev: 'lo' },
          ],
        },
      ],
    );
  });
});

describe('messages of MPLS routes', () => {
  it('as `ip -f mpls route add 100 as 200/300 via inet 192.0.2.2 dev eth0` sends them', () => {
    const bytes = create({ label: 100, protocol: 110, hops: [{ as: [200, 300], via: '192.0.2.2', dev: 'eth0' }] });
    // AF_MPLS, 20 bits, table main, protocol, scope global, unicast
    assert.equal(Buffer.from(bytes.subarray(16, 28)).toString('hex'), '1c140000fe6e000100000000');
    assert.deepEqual(
      [...attributesOf(bytes, 12)].sort(([a], [b]) => a - b),
      [
        [1, '00064100'],
        [4, '07000000'],
        [18, '0200c0000202'],
        [19, '000c80000012c100'],
      ],
    );
  });

  it('a deletion names the label alone', () => {
    const object: MplsRoute = { label: 100, protocol: 4, hops: [{ as: [200], dev: 'gone' }] };
    const bytes = encode({ kind: 'mpls', action: 'delete', object }, NAMES);
    assert.deepEqual([...attributesOf(bytes, 12)], [[1, '00064100']]);
  });

  it(`are read as they were written, and damage is found (seed ${seed})`, () => {
    fc.assert(
      fc.property(ROUTES, (route) => assert.deepEqual(decode('mpls', create(route), NAMES), route)),
      { seed },
    );
    const hops = [{ as: [200], via: '192.0.2.2', dev: 'eth0' }];
    const whole = create({ label: 100, protocol: 110, hops: [...hops, ...hops] });
    assertDamageIsFound(whole, (bytes) => decode('mpls', bytes, NAMES), seed);
  });

  it('are nothing to the reader of IP routes, and the other way round', () => {
    const bytes = create({ label: 100, protocol: 110, hops: [{ as: [], dev: 'eth0' }] });
    assert.equal(decode('route', bytes, NAMES), undefined);
    bytes[16] = 2;
    assert.equal(decode('mpls', bytes, NAMES), undefined);
  });

  it('an attribute at fault has the name that it has for labels', () => {
    const bytes = create({ label: 100, protocol: 110, ttl_propagate: true, hops: [{ as: [200], dev: 'eth0' }] });
    const text = Buffer.from(bytes).toString('hex');
    assert.equal(attributePathAt(bytes, text.indexOf('08001300') / 2), 'RTA_NEWDST');
    assert.equal(attributePathAt(bytes, text.indexOf('05001a00') / 2), 'RTA_TTL_PROPAGATE');
  });
});

it('a link that goes takes its ways along, and a route with its last one', () => {
  const eth0 = { name: 'eth0', index: 7, kind: 'veth', state: 'up' } as const;
  const way = (dev: string): MplsHop => ({ as: [200], dev });
  const state = new WorkingState({
    ...emptyState(),
    link: [eth0],
    mpls: [
      { label: 100, protocol: 110, hops: [way('eth0')] },
      { label: 101, protocol: 110, hops: [way('eth0'), way('eth1')] },
      { label: 102, protocol: 110, hops: [way('eth1')] },
    ],
  });
  const taken = applyOperation(state, { kind: 'link', action: 'delete', object: eth0, before: eth0 });
  assert.deepEqual(
    taken.map(({ kind, object, after }) => [kind, (object as MplsRoute).label, (after as MplsRoute | undefined)?.hops]),
    [
      ['mpls', 100, undefined],
      ['mpls', 101, [way('eth1')]],
    ],
  );
  assert.deepEqual(
    [...state.all('mpls')].map(({ label }) => label),
    [102, 101],
  );
});

it('a snapshot of before there were routes of labels has none', () => {
  const { mpls: _, ...state } = emptyState();
  const text = JSON.stringify(createSnapshot({ state: state as State, owned: [] }, '6.1.0', new Date(0)));
  assert.deepEqual(parseSnapshot(text, 'old.json').state, emptyState());
});
