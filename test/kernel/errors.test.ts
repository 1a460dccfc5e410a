import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, formatSource, isNetreconError } from '../../src/model/errors.ts';
import { applyWithEveryFault, assertView, settledView, withQuietNamespace } from './cases/run-case.ts';
import { openTestHost } from './harness.ts';
import { ipRun, lacksKind } from './support.ts';

/** A file that must be refused before anything is sent. */
interface Refused {
  readonly name: string;
  readonly setup?: readonly string[];
  /** the whole file */
  readonly yaml: string;
  /** each problem: its code, its place, and what its line must say */
  readonly problems: readonly (readonly [code: string, place: string, text: RegExp])[];
}

const GROUND = [
  'link add v0 type veth peer name v1',
  'link set v0 up',
  'link set v1 up',
  'addr add 192.0.2.1/24 dev v0',
  'addr add 2001:db8::1/64 dev v0',
];

const REFUSED: readonly Refused[] = [
  {
    name: 'an unknown key',
    yaml: 'version: 1\nlinks:\n  v0:\n    adress: [10.0.0.1/24]\n',
    problems: [['NR_UNKNOWN_KEY', 'state.yaml:4:5', /adress/]],
  },
  {
    name: 'an unknown section',
    yaml: 'version: 1\nroute: []\n',
    problems: [['NR_UNKNOWN_KEY', 'state.yaml:2:1', /route/]],
  },
  {
    name: 'a bad prefix',
    yaml: 'version: 1\nroutes:\n  - {to: 10.0.0.0/33, dev: v0}\n',
    problems: [['NR_BAD_PREFIX', 'state.yaml:3:10', /10\.0\.0\.0\/33/]],
  },
  {
    name: 'an octet with a leading zero',
    yaml: 'version: 1\nroutes:\n  - {to: 010.0.0.0/8, dev: v0}\n',
    problems: [['NR_BAD_PREFIX', 'state.yaml:3:10', /010/]],
  },
  {
    name: 'host bits',
    yaml: 'version: 1\nroutes:\n  - {to: 10.0.0.1/8, dev: v0}\n',
    problems: [['NR_HOST_BITS', 'state.yaml:3:10', /10\.0\.0\.1\/8/]],
  },
  {
    name: 'one slot twice',
    yaml: 'version: 1\nroutes:\n  - {to: 10.0.0.0/8, dev: v0}\n  - {to: 10.0.0.0/8, dev: v1}\n',
    problems: [['NR_DUPLICATE', 'state.yaml:4:5', /state\.yaml:3:5/]],
  },
  {
    name: 'an unreachable gateway',
    yaml: 'version: 1\nroutes:\n  - {to: 10.0.0.0/8, via: 203.0.113.1}\n',
    problems: [['NR_UNREACHABLE_GATEWAY', 'state.yaml:3:22', /203\.0\.113\.1/]],
  },
  {
    name: 'an unreachable IPv6 gateway',
    yaml: 'version: 1\nroutes:\n  - {to: "2001:db8:a::/48", via: "2001:db8:f::1", dev: v1}\n',
    problems: [['NR_UNREACHABLE_GATEWAY', 'state.yaml:3:29', /2001:db8:f::1/]],
  },
  {
    name: 'a missing parent',
    yaml: 'version: 1\nlinks:\n  m0: {kind: macvlan, link: nope0}\n',
    problems: [['NR_NO_PARENT', 'state.yaml:3:23', /nope0/]],
  },
  {
    name: 'a missing master',
    yaml: 'version: 1\nlinks:\n  v0: {master: nope0}\n',
    problems: [['NR_NO_MASTER', 'state.yaml:3:8', /nope0/]],
  },
  {
    name: 'hardware that is not there',
    yaml: 'version: 1\nlinks:\n  nope0: {mtu: 1400}\n',
    problems: [['NR_NO_LINK', 'state.yaml:3:3', /nope0/]],
  },
  {
    name: 'a route, an address and a neighbor on a link that is not there, all told at once',
    yaml: 'version: 1\naddresses:\n  - {address: 10.0.0.1/24, dev: nope0}\nroutes:\n  - {to: 10.1.0.0/16, dev: nope0}\nneighbors:\n  - {to: 10.0.0.2, lladdr: "02:00:00:00:00:01", dev: nope0}\n',
    problems: [
      ['NR_NO_LINK', 'state.yaml:3:28', /nope0/],
      ['NR_NO_LINK', 'state.yaml:5:23', /nope0/],
      ['NR_NO_LINK', 'state.yaml:7:49', /nope0/],
    ],
  },
  {
    name: 'the place of a route of another daemon',
    setup: ['route add 10.1.0.0/16 via 192.0.2.2 proto bgp'],
    yaml: 'version: 1\nroutes:\n  - {to: 10.1.0.0/16, via: 192.0.2.3}\n',
    problems: [['NR_CONFLICT', 'state.yaml:3:5', /bgp/]],
  },
  {
    name: 'the place of a route of the kernel',
    yaml: 'version: 1\nroutes:\n  - {to: 192.0.2.0/24, dev: v1}\n',
    problems: [['NR_CONFLICT', 'state.yaml:3:5', /kernel/]],
  },
  {
    name: 'absence of a route of another daemon',
    setup: ['route add 10.1.0.0/16 via 192.0.2.2 proto bgp'],
    yaml: 'version: 1\nroutes:\n  - {to: 10.1.0.0/16, state: absent}\n',
    problems: [['NR_CONFLICT', 'state.yaml:3:5', /bgp/]],
  },
  {
    name: 'a route through a link that is down',
    setup: ['link set v1 down'],
    yaml: 'version: 1\nroutes:\n  - {to: 10.1.0.0/16, dev: v1}\n',
    problems: [['NR_LINK_DOWN', 'state.yaml:3:23', /v1/]],
  },
  {
    name: 'realms in a rule of IPv6, which the kernel would ignore',
    yaml: 'version: 1\nrules:\n  - {priority: 1000, family: inet6, table: 100, realms: 7}\n',
    problems: [['NR_CONTRADICTION', 'state.yaml:3:57', /realms/]],
  },
  {
    name: 'an IPv6 proxy entry without a link, which the kernel has no place for',
    yaml: 'version: 1\nneighbors:\n  - {proxy: "2001:db8::9"}\n',
    problems: [['NR_CONTRADICTION', 'state.yaml:3:5', /dev/]],
  },
  { name: 'an empty file', yaml: '', problems: [['NR_EMPTY_FILE', 'state.yaml:1:1', /empty/]] },
  { name: 'a file of comments', yaml: '# nothing\n', problems: [['NR_EMPTY_FILE', 'state.yaml:1:1', /empty/]] },
  {
    name: 'a file that ends in the middle',
    yaml: 'version: 1\nlinks: {v0: {mtu: 14',
    problems: [['NR_YAML', 'state.yaml:2:21', /./]],
  },
];

const refusalOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (outcome) => assert.fail(`was not refused: ${JSON.stringify(outcome).slice(0, 500)}`),
    (error: unknown) => error,
  );

describe('a file that cannot be applied is refused at its line, and nothing is sent', () => {
  for (const { name, setup = [], yaml, problems } of REFUSED) {
    it(name, () =>
      withQuietNamespace(async (ns) => {
        ipRun(ns, ...GROUND, ...setup);
        const host = openTestHost(ns);
        try {
          // of a list in bulk only the routes that are planned one by one are told of
          const error = await refusalOf(host.apply(yaml, { plain: true }));
          assert.ok(error instanceof ConfigError, String(error));
          assert.equal(error.exitStatus, 1);
          assert.equal(host.writes(), 0);
          const found = error.diagnostics.map(({ code, source, message }) => [
            code,
            source && formatSource(source),
            message,
          ]);
          const expected = problems.map(([code, place, text], i) => [
            code,
            place,
            text.test(String(found[i]?.[2])) && !/\n/.test(String(found[i]?.[2])) ? found[i]?.[2] : String(text),
          ]);
          assert.deepEqual(found, expected);
        } finally {
          host.close();
        }
      }),
    );
  }
});

describe('what the kernel has to be asked', () => {
  it('a namespace that does not exist', () => {
    assert.throws(
      () => openTestHost('nr-does-not-exist'),
      (error: unknown) => isNetreconError(error) && /nr-does-not-exist/.test(error.message) && error.exitStatus === 1,
    );
  });

  it('a kind that this kernel lacks: told with the line before anything is made', async (t) => {
    const kinds = ['dummy', 'vrf', 'bond'];
    const lacking = await Promise.all(kinds.map(async (kind) => ((await lacksKind(kind)) === false ? [] : [kind])));
    const [kind] = lacking.flat();
    if (kind === undefined) {
      t.skip(`kernel lacks none of ${kinds.join(', ')}`);
      return;
    }
    await withQuietNamespace(async (ns) => {
      const host = openTestHost(ns);
      try {
        const before = await settledView(ns);
        const options = kind === 'vrf' ? ', vrf: {table: 10}' : '';
        const yaml = `version: 1\nlinks:\n  br0: {kind: bridge}\n  x0: {kind: ${kind}${options}}\n`;
        const error = await refusalOf(host.apply(yaml));
        assert.ok(error instanceof ConfigError, String(error));
        assert.equal(error.exitStatus, 1);
        assert.deepEqual(
          error.diagnostics.map(({ code, source, message }) => [code, source && formatSource(source), message]),
          [['NR_UNSUPPORTED_KIND', 'state.yaml:4:3', `link x0: this kernel has no links of kind ${kind}`]],
        );
        await assertView(ns, before, 'refused');
      } finally {
        host.close();
      }
    });
  });

  it('the place of a foreign route is taken over with adopt', () =>
    withQuietNamespace(async (ns) => {
      ipRun(ns, ...GROUND, 'route add 10.1.0.0/16 via 192.0.2.2 proto bgp');
      const host = openTestHost(ns);
      try {
        const yaml = 'version: 1\nroutes:\n  - {to: 10.1.0.0/16, via: 192.0.2.3, adopt: true}\n';
        const outcome = await applyWithEveryFault(ns, host, yaml);
        assert.equal(outcome.status, 'applied');
      } finally {
        host.close();
      }
    }));
});
