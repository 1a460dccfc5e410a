// docs/link-kinds.md from the tables of link kinds: what can be set, and what happens when it changes.

/** @typedef {import('../../src/model/link-kinds/spec.ts').OptionSpec} OptionSpec */
/** @typedef {import('../../src/model/link-kinds/spec.ts').LinkKindSpec} LinkKindSpec */

/** @param {OptionSpec} option */
const changeText = (option) => {
  if (option.readOnly === true) return 'read only';
  if (option.change === 'recreate') return 'the link is made anew';
  const conditions = [
    ...(option.whileDown === true ? ['the link goes down for it'] : []),
    ...(option.afterPorts === true ? ['once its port is attached'] : []),
    ...(option.recreateFor === undefined ? [] : [`anew to or from ${option.recreateFor.join(', ')}`]),
    ...(option.staysSet === true ? ['anew where there is to be none'] : []),
    ...(option.farEnd === undefined ? [] : ['anew where there was none or will be none']),
    ...(option.inet6 === undefined ? [] : ['anew for the other address family']),
  ];
  return ['in place', ...conditions].join('; ');
};

/** @type {Readonly<Record<string, string>>} */
const STRUCTS = {
  maskedBits: 'yes or no',
  bridgeId: 'PRIORITY.ADDRESS',
  qosMap: 'a list of FROM:TO',
  macList: 'a list of addresses',
  vethPeer: 'a name',
  sci: '16 hexadecimal digits',
  bridgeVlans: 'a list of VLANs',
  vxlanVnis: 'a list of VNIs',
  wireguardKey: 'the name of a file',
  wireguardPeers: 'a list of peers',
  cipherSuite: 'gcm-aes-128, gcm-aes-256, gcm-aes-xpn-128, gcm-aes-xpn-256',
};

/** @param {OptionSpec} option */
const valueText = (option) => {
  if (option.words !== undefined) return Object.values(option.words).join(', ');
  const { codec } = option;
  if (typeof codec === 'object') return STRUCTS[codec.struct] ?? codec.struct;
  if (option.bit !== undefined && option.width === undefined) return 'yes or no';
  /** @type {Readonly<Record<string, string>>} */
  const plain = {
    bool8: 'yes or no',
    flag: 'yes or no',
    ifindex: 'a link',
    inet: 'an address',
    inet6: 'an IPv6 address',
  };
  const range =
    option.min === undefined && option.max === undefined ? '' : `${option.min ?? 0} to ${option.max ?? 'most'}`;
  return plain[codec] ?? (range === '' ? codec : range);
};

/** @param {Readonly<Record<string, 'ip' | 'dump'>>} kernels */
const kernelsText = (kernels) =>
  Object.entries(kernels)
    .map(([release, reader]) => (reader === 'ip' ? release : `${release}\\*`))
    .join(', ');

/** @typedef {import('../test/proof.mjs').Proof[string]} KindProof */

/** @param {string} name @param {OptionSpec} option @param {KindProof} proof */
const row = (name, option, proof) => {
  const words = [option.flagWord?.word, option.bitWord?.word].filter((word) => typeof word === 'string');
  const value = [valueText(option), ...words].join(', or ');
  const note = option.writeOnly === true ? ' (the kernel does not show it)' : '';
  return `| \`${name}\` | \`${option.attr}\` | ${value} | ${changeText(option)}${note} | ${kernelsText(proof[name] ?? {})} |`;
};

/** @param {Readonly<Record<string, OptionSpec>>} table @param {KindProof} [proof] */
const rows = (table, proof = {}) => Object.entries(table).map(([name, option]) => row(name, option, proof));

const HEAD = ['| option | attribute | value | when it changes | passed on |', '| --- | --- | --- | --- | --- |'];

/** @param {LinkKindSpec} spec @param {import('../test/proof.mjs').Proof} proof */
const section = (spec, proof) => {
  const parent = { required: 'stands on `link`', optional: 'may stand on `link`', none: '' }[spec.parent];
  const needs = spec.required === undefined ? '' : `needs ${spec.required.map((name) => `\`${name}\``).join(', ')}`;
  const facts = [parent, needs].filter((fact) => fact !== '').join('; ');
  const own =
    Object.keys(spec.options).length === 0 ? ['No options.'] : [...HEAD, ...rows(spec.options, proof[spec.kind])];
  const port =
    spec.port === undefined
      ? []
      : ['', `### ${spec.kind}_port`, '', ...HEAD, ...rows(spec.port, proof[`${spec.kind}_port`])];
  return [
    `## ${spec.kind}`,
    '',
    ...(facts === '' ? [] : [`${facts[0]?.toUpperCase()}${facts.slice(1)}.`, '']),
    ...own,
    ...port,
  ];
};

/**
 * The page as text.
 * @param {Readonly<Record<string, LinkKindSpec>>} kinds
 * @param {import('../test/proof.mjs').Proof} proof docs/link-kinds.json
 */
export const linkKindsPage = (kinds, proof) =>
  [
    '# Link kinds',
    '',
    'Made by `npm run docs` from the tables in `src/model/link-kinds`, which also make the plan; a test compares the two. Words are those of `ip link add ... type KIND help`. Every option that can be set is tried on a kernel that has it: created with a value, changed, read back.',
    '',
    '`passed on` names the kernels (`npm test -- --proof docs/link-kinds.json`): what was applied, changed, rolled back and removed was read with `ip -d -j`, `bridge -d -j` or `wg`; with \\*, on a kernel under emulation or of an option that iproute2 does not tell of, by netrecon alone.',
    '',
    ...Object.values(kinds).flatMap((spec) => [...section(spec, proof), '']),
  ].join('\n');
