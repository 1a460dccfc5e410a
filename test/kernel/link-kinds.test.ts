import assert from 'node:assert/strict';
import { release } from 'node:os';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Link } from '../../src/model/link.ts';
import { linkFields } from '../../src/model/link-fields.ts';
import { optionChange } from '../../src/model/link-kinds/change.ts';
import { LINK_KINDS } from '../../src/model/link-kinds/index.ts';
import type { OptionSpec } from '../../src/model/link-kinds/spec.ts';
import type { Op, OpResult } from '../../src/model/op.ts';
import type { Value } from '../../src/model/value.ts';
import { type OpenedKernel, openKernel } from '../../src/netlink/open-kernel.ts';
import { until } from './command.ts';
import { BASE_OPTIONS, OPTION_CASES, PORT_CASES } from './link-option-cases.ts';
import type { OptionCase } from './option-case.ts';
import {
  ipJson,
  ipRun,
  ipTry,
  lacks6rd,
  lacksBridgeVlanFiltering,
  lacksFou,
  lacksKind,
  useNamespace,
} from './support.ts';

/** `6.12.117+deb12` >= `6.7`. */
const isAtLeast = (wanted: string): boolean => {
  const numbers = (text: string): readonly number[] => text.split(/[.+-]/).slice(0, 2).map(Number);
  const [major = 0, minor = 0] = numbers(release());
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

/**
 * A kernel port for a suite, in a namespace with the veth pairs parent0 and parent1, spare0 and spare1, all up. Each test has a link k0 to
 * itself: it goes afterwards.
 */
const useKernel = (): { readonly kernel: () => OpenedKernel; readonly ns: () => string } => {
  const ns = useNamespace();
  let kernel: OpenedKernel;
  before(() => {
    for (const [one, other] of [
      ['parent0', 'parent1'],
      ['spare0', 'spare1'],
    ]) {
      ipRun(ns(), `link add ${one} type veth peer name ${other}`, `link set ${one} up`, `link set ${other} up`);
    }
    kernel = openKernel({ namespace: ns() });
  });
  afterEach(() => {
    ipTry(ns(), 'link del k0'); // fails where the test has already failed to make it
  });
  after(() => kernel.close());
  return { kernel: () => kernel, ns };
};

const linkNamed = async (kernel: OpenedKernel, name: string): Promise<Link> => {
  const link = (await kernel.dump({ kinds: ['link'] })).link.find((candidate) => candidate.name === name);
  assert.ok(link, `no link ${name}`);
  return link;
};

const sendOne = async (kernel: OpenedKernel, op: Op): Promise<OpResult> => {
  const [result] = await kernel.send([op]);
  assert.ok(result, 'no answer');
  return result;
};

const describeRefusal = (result: OpResult): string =>
  result.ok ? '' : `${result.error.name} ${result.error.message ?? ''} ${result.error.attribute ?? ''}`;

const make = async (kernel: OpenedKernel, kind: string, options: Readonly<Record<string, Value>>): Promise<Link> => {
  const needsParent = LINK_KINDS[kind]?.parent === 'required';
  const object: Link = { name: 'k0', index: 0, kind, ...(needsParent ? { link: 'parent0' } : {}), options };
  const result = await sendOne(kernel, { kind: 'link', action: 'create', object });
  assert.ok(result.ok, `creation refused: ${describeRefusal(result)}`);
  return linkNamed(kernel, 'k0');
};

/** Until the kernel has dealt with the carrier, which sets the state of a bridge port behind the caller's back. */
const waitUntilUp = async (ns: string, name: string): Promise<void> => {
  await until(() => ipJson<{ readonly operstate: string }>(ns, `link show ${name}`)[0]?.operstate === 'UP', name);
};

/** Sets one option of parent0 as a port. */
const setPort = async (kernel: OpenedKernel, name: string, value: Value): Promise<void> => {
  const before = await linkNamed(kernel, 'parent0');
  assert.ok(before.port);
  const object: Link = { ...before, port: { ...before.port, options: { ...before.port.options, [name]: value } } };
  const fields = [`port.${name}`];
  const result = await sendOne(kernel, { kind: 'link', action: 'update', object, before, fields, stage: 'port' });
  assert.ok(result.ok, `${name} refused: ${describeRefusal(result)}`);
};

/** Equal as the reconciler sees it: ticks, and what a dump leaves out. */
const assertSame = (link: Link, field: string, desired: Value, observed: Value | undefined): void => {
  const same = linkFields(link)[field]?.same;
  const equal = same?.(desired, observed) ?? false;
  if (!equal) assert.deepEqual(observed, desired, field);
};

const title = ({ option, value, given }: OptionCase): string =>
  `${option} ${JSON.stringify(value)}${given === undefined ? '' : ` given ${JSON.stringify(given)}`}`;

/**
 * The kernel does change these in place now and then, but not so that a plan could count on it: mode and fail_over_mac of
 * a bond without ports, nopromisc on a link that is up, external of a GRE tunnel (there is no way back), pmtudisc of sit.
 */
const IN_PLACE_AT_TIMES = ['nopromisc', 'fail_over_mac', 'mode', 'external', 'pmtudisc'];

const LACKING: ReadonlyMap<string, string | false> = new Map(
  await Promise.all(Object.keys(LINK_KINDS).map(async (kind) => [kind, await lacksKind(kind)] as const)),
);
const lacksVlanFiltering = await lacksBridgeVlanFiltering();
const lacksFouModule = await lacksFou();
const lacksSit6rd = await lacks6rd();
const reasonToSkip = (lacking: string | false, { needs }: OptionCase): string | false => {
  if (lacking !== false) return lacking;
  if (needs === 'fou') return lacksFouModule;
  if (needs === '6rd') return lacksSit6rd;
  return needs === 'bridge vlan_filtering' ? lacksVlanFiltering : false;
};
/** Without what came later than this kernel, or would have, had it the kind at all. */
const ofThisKernel = (kind: string, cases: readonly OptionCase[]): readonly OptionCase[] =>
  cases.filter(({ since }) => since === undefined || (isAtLeast(since) && LACKING.get(kind) === false));

/** Options that only mean something once ports are attached, and those with messages of their own: they have their own tests. */
const isLate = (spec: OptionSpec): boolean => spec.afterPorts === true || spec.stage !== undefined;

/** None of the kernels at hand is built with it. */
const UNPROVEN: ReadonlySet<string> = new Set(['bareudp']);

describe('link option tables', () => {
  it('have a case for every option that can be set', () => {
    const missing = Object.values(LINK_KINDS).flatMap(({ kind, options, port }) => {
      if (UNPROVEN.has(kind)) return [];
      const uncovered = (table: typeof options, cases: readonly OptionCase[] | undefined): readonly string[] =>
        Object.entries(table)
          .filter(([name, spec]) => spec.readOnly !== true && !isLate(spec) && !cases?.some((c) => c.option === name))
          .map(([name]) => name);
      return [
        ...uncovered(options, OPTION_CASES[kind]).map((name) => `${kind}.${name}`),
        ...uncovered(port ?? {}, PORT_CASES[kind]).map((name) => `${kind}_port.${name}`),
      ];
    });
    const known = [
      // the peer has tests of its own; no tool sets the switch; no kernel and no device at hand has the other two
      ...['veth.peer', 'netkit.peer', 'vxlan.remcsum_nopartial', 'bridge.fdb_local_vlan_0', 'macsec.offload'],
      // erspan_validate wants sequence numbers always and checksums never
      ...['erspan', 'ip6erspan'].flatMap((kind) => ['icsum', 'ocsum', 'iseq', 'oseq'].map((name) => `${kind}.${name}`)),
    ];
    assert.deepEqual(
      missing.filter((name) => !known.includes(name)),
      [],
    );
  });

  const { kernel } = useKernel();
  for (const [kind, { options }] of Object.entries(LINK_KINDS)) {
    if (kind === 'veth' || UNPROVEN.has(kind)) continue;
    const title = `${kind}: a new link has the defaults, and no attribute that the table does not know`;
    it(title, { skip: LACKING.get(kind) ?? false }, async () => {
      const given = BASE_OPTIONS[kind] ?? {};
      const link = await make(kernel(), kind, given);
      for (const [name, spec] of Object.entries(options)) {
        const value = link.options?.[name];
        if (spec.default === undefined || name in given || value === undefined) continue;
        assertSame(link, `options.${name}`, spec.default, value);
      }
      assert.deepEqual(link.rawOptions ?? [], []);
    });
  }
});

for (const [kind, cases] of Object.entries(OPTION_CASES)) {
  describe(`options of ${kind}`, () => {
    const { kernel } = useKernel();
    const table = LINK_KINDS[kind]?.options ?? {};
    for (const option of ofThisKernel(kind, cases)) {
      const { option: name, value, given = {}, alone } = option;
      const field = `options.${name}`;
      const skip = reasonToSkip(LACKING.get(kind) ?? false, option);

      it(`is made with ${title(option)}`, { skip }, async () => {
        const link = await make(kernel(), kind, { ...(alone === true ? {} : given), [name]: value });
        if (table[name]?.writeOnly !== true) assertSame(link, field, value, link.options?.[name]);
      });

      // what is never reported counts at creation only
      if (table[name]?.writeOnly === true) continue;
      it(`changes to ${title(option)} as the table says`, { skip }, async () => {
        const before = await make(kernel(), kind, given);
        const was = before.options ?? {};
        const object: Link = { ...before, options: { ...was, [name]: value } };
        const update: Op = { kind: 'link', action: 'update', object, before, fields: [field], stage: 'options' };
        const result = await sendOne(kernel(), update);
        const link = await linkNamed(kernel(), 'k0');
        if (optionChange(table, name, was, value) === 'inPlace') {
          assert.ok(result.ok, `refused: ${describeRefusal(result)}`);
          assertSame(link, field, value, link.options?.[name]);
        } else if (result.ok && !IN_PLACE_AT_TIMES.includes(name)) {
          assert.deepEqual(link.options?.[name], was[name], 'the table says that the kernel does not change this');
        }
      });
    }
  });
}

for (const [kind, cases] of Object.entries(PORT_CASES)) {
  describe(`options of a port of ${kind}`, () => {
    const { kernel, ns } = useKernel();
    for (const option of ofThisKernel(kind, cases)) {
      const { option: name, value, given = {}, first = {} } = option;
      it(`changes to ${title(option)}`, { skip: reasonToSkip(LACKING.get(kind) ?? false, option) }, async () => {
        await make(kernel(), kind, given);
        ipRun(ns(), 'link set k0 up');
        for (const port of ['parent0', 'parent1']) {
          ipRun(ns(), `link set ${port} down`, `link set ${port} master k0`, `link set ${port} up`);
        }
        await waitUntilUp(ns(), 'parent0');
        if (name === 'backup_nhid') ipRun(ns(), 'nexthop add id 10 via 192.0.2.1 fdb');
        for (const step of [...Object.entries(first), [name, value] as const]) await setPort(kernel(), ...step);
        const link = await linkNamed(kernel(), 'parent0');
        assertSame(link, `port.${name}`, value, link.port?.options[name]);
      });
    }
  });
}

describe('options that wait for something', () => {
  const { kernel, ns } = useKernel();
  const skip = LACKING.get('bond') ?? false;

  it('are refused by a bond that is up where the table says whileDown', { skip }, async () => {
    await make(kernel(), 'bond', { mode: '802.3ad' });
    ipRun(ns(), 'link set k0 up');
    const before = await linkNamed(kernel(), 'k0');
    const values: Readonly<Record<string, Value>> = { lacp_rate: 'fast', ad_select: 'count', ad_user_port_key: 5 };
    for (const [name, value] of Object.entries({ ...values, lacp_active: 'off' })) {
      assert.equal(LINK_KINDS.bond?.options[name]?.whileDown, true, name);
      const object: Link = { ...before, options: { ...before.options, [name]: value } };
      const fields = [`options.${name}`];
      const result = await sendOne(kernel(), {
        kind: 'link',
        action: 'update',
        object,
        before,
        fields,
        stage: 'options',
      });
      assert.equal(result.ok, false, `${name} was changed on a bond that is up`);
    }
  });

  it('name a port of the link where the table says afterPorts', { skip }, async () => {
    await make(kernel(), 'bond', { mode: 'active-backup', miimon: 100 });
    for (const port of ['parent0', 'parent1']) ipRun(ns(), `link set ${port} down`, `link set ${port} master k0`);
    ipRun(ns(), 'link set parent0 up', 'link set parent1 up', 'link set k0 up');
    // it takes no other port as the active one, and looks ten times a second
    const ofBond = () => ipJson<{ linkinfo: { info_slave_data: { mii_status: string } } }>(ns(), 'link show master k0');
    await until(() => ofBond().every((port) => port.linkinfo.info_slave_data.mii_status === 'UP'), 'the ports are up');
    for (const name of ['primary', 'active_slave']) {
      for (const port of ['parent1', 'parent0']) {
        const before = await linkNamed(kernel(), 'k0');
        const object: Link = { ...before, options: { ...before.options, [name]: port } };
        const fields = [`options.${name}`];
        const result = await sendOne(kernel(), {
          kind: 'link',
          action: 'update',
          object,
          before,
          fields,
          stage: 'options',
        });
        assert.ok(result.ok, `${name} refused: ${describeRefusal(result)}`);
        assert.equal((await linkNamed(kernel(), 'k0')).options?.[name], port);
      }
    }
  });
});
