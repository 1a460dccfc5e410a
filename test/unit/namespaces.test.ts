import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError, formatSource } from '../../src/model/errors.ts';
import type { OpOf } from '../../src/model/op.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { encodeLink } from '../../src/netlink/families/link-encode.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';
import { planWorld } from '../../src/reconcile/world/plan-world.ts';
import type { ScopeView, WorldView } from '../../src/reconcile/world/world.ts';

const loadFiles = (files: Readonly<Record<string, string>>): Promise<Desired> =>
  loadDesired({
    files: Object.keys(files),
    names: createNameTables(),
    readFile: async (path) => files[path] ?? '',
    listDirectory: async () => undefined,
  });

const load = (text: string): Promise<Desired> => loadFiles({ 'a.yaml': `version: 1\n${text}` });

const problemsOf = async (act: () => unknown): Promise<readonly string[]> => {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map(
      ({ code, message, source }) => `${source === undefined ? '' : formatSource(source)} ${code} ${message}`,
    );
  }
  return [];
};

describe('namespaces in files', () => {
  const cases: readonly (readonly [what: string, yaml: string, problem: RegExp])[] = [
    ['a slash', 'namespaces: {a/b: {}}', /^a.yaml:2:14 NR_BAD_VALUE "a\/b" cannot be the name of a network namespace$/],
    ['dots', "namespaces: {'..': {}}", /^a.yaml:2:14 NR_BAD_VALUE "\.\." cannot be the name/],
    ['a long name', `namespaces: {${'x'.repeat(256)}: {}}`, /^a.yaml:2:14 NR_BAD_VALUE /],
    ['a control character', 'namespaces: {"a\\tb": {}}', /^a.yaml:2:14 NR_BAD_VALUE "a\\tb" cannot be/],
    ['a link that goes nowhere', 'links: {e0: {netns: red}}', /^a.yaml:2:21 NR_NO_NAMESPACE namespace "red" is not/],
    [
      'a far end nowhere',
      'links: {v0: {kind: veth, veth: {peer: v1, netns: red}}}\nnamespaces: {rod: {}}',
      /^a.yaml:2:50 NR_NO_NAMESPACE namespace "red" is not among "namespaces"$/,
    ],
    [
      'a place that must not exist',
      'links: {e0: {netns: red}}\nnamespaces: {red: {state: absent}}',
      /^a.yaml:2:21 NR_CONTRADICTION namespace red must not exist, and nothing can go there$/,
    ],
    [
      'something in what must not exist',
      'namespaces: {red: {state: absent, links: {lo: {}}}}',
      /^a.yaml:2:14 NR_CONTRADICTION namespace red must not exist, so nothing can be in it$/,
    ],
    [
      'a link of a namespace that goes elsewhere',
      'namespaces: {red: {links: {e0: {netns: blue}}}, blue: {}}',
      /^a.yaml:2:40 NR_CONTRADICTION only a link of the file itself goes elsewhere/,
    ],
    [
      'both ends in one',
      'namespaces: {red: {links: {v0: {kind: veth, veth: {peer: v1, netns: red}}}}}',
      /^a.yaml:2:69 NR_CONTRADICTION both ends are in red: leave out netns$/,
    ],
    [
      'a far end that is another kind',
      'links: {v0: {kind: veth, veth: {peer: v1, netns: red}}}\nnamespaces: {red: {links: {v1: {kind: bridge}}}}',
      /^a.yaml:2:9 NR_CONTRADICTION the peer v1 in namespace red is declared as another link \(a.yaml:3:28\)$/,
    ],
    [
      'one far end of two',
      'links: {v0: {kind: veth, veth: {peer: v1, netns: red}}, w0: {kind: veth, veth: {peer: v1, netns: red}}}\nnamespaces: {red: {}}',
      /^a.yaml:2:57 NR_DUPLICATE v1 in namespace red is the peer of v0 already \(a.yaml:2:9\)$/,
    ],
    [
      'a link declared in both places',
      'links: {e0: {netns: red}}\nnamespaces: {red: {links: {e0: {}}}}',
      /^a.yaml:2:9 NR_DUPLICATE link e0 is declared twice \(first at a.yaml:3:28\)$/,
    ],
    [
      'what does not fit the schema',
      'namespaces: {red: {links: {v0: {foo: 1}}, routes: [{to: 10.0.0.0/8, dev: 5}]}}',
      /NR_UNKNOWN_KEY unknown key "foo" in namespaces\.red\.links\.v0|NR_SCHEMA namespaces\.red\.routes\[0\]\.dev must be text/,
    ],
    [
      'sections that there are not',
      'namespaces: {red: {expect: []}}',
      /NR_UNKNOWN_KEY unknown key "expect" in namespaces\.red$/,
    ],
  ];
  for (const [what, yaml, problem] of cases) {
    it(`refuses ${what}, with its place`, async () => {
      const problems = await problemsOf(() => load(yaml));
      assert.ok(problems.length > 0);
      for (const line of problems) assert.match(line, problem);
    });
  }

  it('add up over several files', async () => {
    const desired = await loadFiles({
      'a.yaml': 'version: 1\nnamespaces: {red: {links: {lo: {}}}}\n',
      'b.yaml': 'version: 1\nnamespaces: {red: {routes: [{to: 10.0.0.0/8, type: blackhole}]}, blue: {}}\n',
    });
    const [red, blue] = desired.namespaces ?? [];
    assert.deepEqual([red?.name, blue?.name], ['red', 'blue']);
    assert.equal(red?.desired.objects.link.length, 1);
    assert.equal(red?.desired.objects.route.length, 1);
    const twice = await problemsOf(() =>
      loadFiles({
        'a.yaml': 'version: 1\nnamespaces: {red: {links: {lo: {}}}}\n',
        'b.yaml': 'version: 1\nnamespaces: {red: {links: {lo: {}}}}\n',
      }),
    );
    assert.deepEqual(twice, ['b.yaml:2:28 NR_DUPLICATE link lo is declared twice (first at a.yaml:2:28)']);
    const both = await problemsOf(() =>
      loadFiles({
        'a.yaml': 'version: 1\nnamespaces: {red: {}}\n',
        'b.yaml': 'version: 1\nnamespaces: {red: {state: absent}}\n',
      }),
    );
    assert.match(both.join(), /^b.yaml:2:14 NR_CONTRADICTION .*not in the other \(a.yaml:2:14\)$/);
  });

  it('may have a pair told from both sides', async () => {
    const yaml = `namespaces:
  red: {links: {v0: {kind: veth, veth: {peer: v1, netns: blue}}}}
  blue: {links: {v1: {kind: veth, veth: {peer: v0, netns: red}}}}
`;
    const { shown } = planWorld(await load(yaml), NOTHING, OPTIONS);
    const made = shown.steps.filter(({ op }) => op.action === 'create');
    assert.deepEqual(
      made.map(({ title }) => title),
      ['netns red: create link v0'],
    );
  });
});

const OPTIONS = { protocolName: String } as const;
const scope = (state: Partial<State>, ids: ReadonlyMap<string, number> = new Map()): ScopeView => ({
  state: { ...emptyState(), ...state },
  owned: [],
  ids,
});
const NOTHING: WorldView = { root: scope({}), namespaces: new Map(), owned: [] };

describe('a plan over several namespaces', () => {
  const pair = 'links: {v0: {kind: veth, veth: {peer: v1, netns: red}}}\nnamespaces: {red: {}}';
  const end = (name: string, index: number, far: { readonly id: number; readonly index: number }) => ({
    name,
    index,
    kind: 'veth',
    state: 'up' as const,
    link: null,
    linkNetnsid: far.id,
    linkIndex: far.index,
  });
  const worldOf = (farId: number, farIndex: number): WorldView => ({
    root: scope({ link: [end('v0', 5, { id: farId, index: farIndex })] }, new Map([['red', 3]])),
    namespaces: new Map([['red', scope({ link: [end('v1', 7, { id: 0, index: 5 })] })]]),
    owned: [],
  });

  it('leaves a pair alone that is there', async () => {
    const { shown } = planWorld(await load(pair), worldOf(3, 7), OPTIONS);
    assert.deepEqual([shown.steps, shown.changes, shown.namespaces], [[], [], undefined]);
  });

  for (const [what, view] of [
    ['whose far end is in a third namespace, with the same index', worldOf(4, 7)],
    ['whose far end is another link', worldOf(3, 8)],
  ] as const) {
    it(`refuses a link ${what}`, async () => {
      const desired = await load(pair);
      const problems = await problemsOf(() => planWorld(desired, view, OPTIONS));
      assert.match(problems.join(), /^a.yaml:2:9 NR_CONFLICT link v0 and link v1 in namespace red are there already/);
    });
  }

  it('tells of every namespace what is wrong in it', async () => {
    const desired = await load(`links: {e0: {}}
namespaces:
  red: {links: {e1: {}}}
  blue: {routes: [{to: 10.0.0.0/8, via: 10.1.0.1}]}
`);
    const problems = await problemsOf(() => planWorld(desired, NOTHING, OPTIONS));
    assert.deepEqual(
      problems.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['a.yaml:2:9 NR_NO_LINK', 'a.yaml:4:17 NR_NO_LINK', 'a.yaml:5:36 NR_UNREACHABLE_GATEWAY'],
    );
  });

  it('counts what goes with a namespace', async () => {
    const desired = await load('namespaces: {red: {state: absent}}');
    const { shown, remove } = planWorld(desired, worldOf(3, 7), OPTIONS);
    assert.deepEqual(remove, ['red']);
    assert.deepEqual(
      shown.namespaces?.map(({ name, action, reason, contents }) => [name, action, reason, contents]),
      [['red', 'delete', 'absent', 1]],
    );
    assert.equal(shown.summary.delete, 1);
  });

  it('removes the namespaces that netrecon made and no file names, and no other', async () => {
    const view = { ...worldOf(3, 7), owned: ['red', 'gone'] };
    assert.deepEqual(planWorld(await load('links: {}'), view, OPTIONS).remove, ['red']);
    assert.deepEqual(planWorld(await load('prune: none'), view, OPTIONS).remove, []);
    assert.deepEqual(planWorld(await load('links: {}'), worldOf(3, 7), OPTIONS).remove, []);
  });

  it('asks before it removes forgotten ones with much in them', async () => {
    const link = Array.from({ length: 11 }, (_, i) => ({ name: `d${i}`, index: 2 + i, kind: 'dummy' }));
    const view: WorldView = { ...NOTHING, namespaces: new Map([['red', scope({ link })]]), owned: ['red'] };
    const desired = await load('links: {}');
    assert.match(
      (await problemsOf(() => planWorld(desired, view, OPTIONS))).join(),
      /NR_MASS_DELETE .*red .*11 objects/,
    );
    assert.deepEqual(planWorld(desired, view, { ...OPTIONS, allowMassDelete: true }).remove, ['red']);
  });

  it('takes ownership along with a link that moves', async () => {
    const desired = await load('links: {d0: {netns: red}}\nnamespaces: {red: {}}');
    const link = [{ name: 'd0', index: 2, kind: 'dummy' }];
    const owned = [{ kind: 'link', slot: 'd0' }] as const;
    const view: WorldView = { ...NOTHING, root: { ...scope({ link }), owned } };
    const { shown, arrivals } = planWorld(desired, view, OPTIONS);
    assert.deepEqual(
      shown.steps.map(({ title }) => title),
      ['move link d0 to netns red', 'netns red: set link d0 up'],
    );
    assert.deepEqual(
      arrivals.map(({ netns, link: { name } }) => [netns, name]),
      [['red', 'd0']],
    );
  });
});

describe('messages that reach into another namespace', () => {
  const hexOf = (op: OpOf<'link'>, namespaceFd: (name: string) => number | undefined): string => {
    const writer = new MessageWriter();
    encodeLink(op, writer, { indexOf: () => 5, nameOf: () => undefined, namespaceFd });
    return Buffer.from(writer.bytes.subarray(0, writer.length)).toString('hex');
  };
  // { nla_len 8, IFLA_NET_NS_FD 28 } and the descriptor
  const RED = '08001c0009000000';
  const red = (name: string) => (name === 'red' ? 9 : undefined);

  it('name the place of the far end within VETH_INFO_PEER', () => {
    const object = { name: 'v0', index: 0, kind: 'veth', farEnd: { name: 'v1', netns: 'red', index: 4 } };
    // { VETH_INFO_PEER 1 }, an ifinfomsg with index 4, { IFLA_IFNAME 3 } "v1", and where it is to be
    const peer = `24000180${'00000000'}04000000${'00000000'.repeat(2)}0700030076310000${RED}`;
    assert.ok(hexOf({ kind: 'link', action: 'create', object }, red).endsWith(peer));
  });

  it('name the place of a new link, and of one that moves, with the index that it had', () => {
    const link = { name: 'e0', index: 5, kind: 'macvlan', netns: 'red' };
    assert.ok(hexOf({ kind: 'link', action: 'create', object: link }, red).includes(RED));
    const moved = { kind: 'link', action: 'update', stage: 'netns', fields: ['netns'], before: link } as const;
    const header = `13000100${'00000000'.repeat(2)}00000000${'05000000'}${'00000000'.repeat(2)}`;
    assert.equal(hexOf({ ...moved, object: link }, red).slice(8), `${header}${RED}`);
    assert.ok(hexOf({ ...moved, object: { ...link, index: 3 } }, red).endsWith(`${RED}0800310003000000`));
  });

  it('are not written where the namespace is not at hand', () => {
    const object = { name: 'e0', index: 5, netns: 'blue' };
    const op = { kind: 'link', action: 'update', stage: 'netns', fields: ['netns'], object, before: object } as const;
    assert.throws(() => hexOf(op, red), /network namespace blue does not exist/);
  });
});
