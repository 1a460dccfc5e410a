// Which kernel has shown which option of which kind of link to work: docs/link-kinds.json, and from it docs/link-kinds.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** @typedef {import('./run-files.mjs').TestRecord} TestRecord */

/**
 * Kind (`bridge`, `bridge_port`), option, kernel (`6.12`); `ip`: iproute2 read it back, `dump`: netrecon itself did.
 * @typedef {Record<string, Record<string, Record<string, 'ip' | 'dump'>>>} Proof
 */

/** @typedef {Record<string, Record<string, Record<string, 'ip' | 'dump' | 'fail'>>>} Verdicts */

/**
 * How tests name the options that they try.
 * @type {readonly { readonly pattern: RegExp, readonly reader: 'ip' | 'dump', readonly section: (kind: string) => string }[]}
 */
const NAMES = [
  {
    pattern: /^options of [a-z ]+ > (?<kind>\w+): (?<option>\w+) .*, untold by iproute2$/,
    reader: 'dump',
    section: (kind) => kind,
  },
  { pattern: /^options of [a-z ]+ > (?<kind>\w+): (?<option>\w+) /, reader: 'ip', section: (kind) => kind },
  {
    pattern: /^options of a port of (?<kind>\w+) > changes to (?<option>\w+) /,
    reader: 'dump',
    section: (kind) => `${kind}_port`,
  },
  {
    pattern: /^options of (?<kind>\w+) > (?:is made with|changes to) (?<option>\w+) /,
    reader: 'dump',
    section: (kind) => kind,
  },
];

/**
 * Suites and tests that try one option, read back with iproute2.
 * @type {Readonly<Record<string, readonly (readonly [kind: string, option: string])[]>>}
 */
const SUITES = {
  'VLANs of bridges': [
    ['bridge', 'vlans'],
    ['bridge_port', 'vlans'],
  ],
  'VNIs of a VXLAN': [['vxlan', 'vnis']],
  wireguard: ['private_key_file', 'listen_port', 'fwmark', 'peers'].map((option) => ['wireguard', option]),
  netkit: [['netkit', 'peer']],
  'kinds and topologies > a veth pair, both ends declared; then another peer': [['veth', 'peer']],
};

/** @param {string} release `6.12.117+deb12` */
const shortRelease = (release) => release.split('.').slice(0, 2).join('.');

/**
 * @param {string} name of a test
 * @returns {readonly { kind: string, option: string, reader: 'ip' | 'dump' }[]}
 */
const provenBy = (name) => {
  const suite = Object.entries(SUITES).find(([prefix]) => `${name} > `.startsWith(`${prefix} > `));
  if (suite !== undefined) return suite[1].map(([kind, option]) => ({ kind, option, reader: 'ip' }));
  for (const { pattern, reader, section } of NAMES) {
    const { kind, option } = pattern.exec(name)?.groups ?? {};
    if (kind !== undefined && option !== undefined) return [{ kind: section(kind), option, reader }];
  }
  return [];
};

/**
 * The entry of an option, made where there is none.
 * @param {Verdicts} proof
 * @param {string} kind
 * @param {string} option
 */
const kernelsOf = (proof, kind, option) => {
  const options = proof[kind] ?? {};
  const kernels = options[option] ?? {};
  options[option] = kernels;
  proof[kind] = options;
  return kernels;
};

/**
 * What the tests of one run have shown; an option of which any test failed has not passed.
 * @param {readonly TestRecord[]} records
 */
const verdictsOf = (records) => {
  /** @type {Verdicts} */
  const verdicts = {};
  for (const { name, kernel, outcome } of records.filter((record) => record.outcome !== 'skip')) {
    for (const { kind, option, reader } of provenBy(name)) {
      const kernels = kernelsOf(verdicts, kind, option);
      const release = shortRelease(kernel);
      if (outcome === 'fail') kernels[release] = 'fail';
      else if (kernels[release] === undefined || (kernels[release] === 'dump' && reader === 'ip'))
        kernels[release] = reader;
    }
  }
  return verdicts;
};

/**
 * @template T
 * @param {Record<string, T>} object
 * @returns {Record<string, T>} with its keys in order, numbers as numbers
 */
const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));

/**
 * Writes what `records` show to `path`, and keeps what the file says of what they do not try.
 * @param {string} path
 * @param {readonly TestRecord[]} records
 */
export const saveProof = (path, records) => {
  /** @type {Proof} */
  const old = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const fresh = verdictsOf(records);
  /** @type {Verdicts} */
  const merged = {};
  for (const kind of Object.keys(sorted({ ...old, ...fresh }))) {
    for (const option of Object.keys(sorted({ ...old[kind], ...fresh[kind] }))) {
      const kernels = { ...old[kind]?.[option], ...fresh[kind]?.[option] };
      const passed = Object.fromEntries(Object.entries(kernels).filter(([, verdict]) => verdict !== 'fail'));
      if (Object.keys(passed).length > 0) Object.assign(kernelsOf(merged, kind, option), sorted(passed));
    }
  }
  writeFileSync(path, `${JSON.stringify(merged, null, 2)}\n`);
};
