import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { packKeys, withKeys } from '../../src/cli/guardian-keys.ts';
import type { Host } from '../../src/cli/host.ts';
import { packSubject, unpackSubject } from '../../src/cli/rehearse-protocol.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import type { Link } from '../../src/model/link.ts';
import { presharedKey, privateKey, readPeers, wireguard } from '../../src/model/link-kinds/wireguard.ts';
import { Secret } from '../../src/model/secret.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { sameValue, type Value } from '../../src/model/value.ts';
import { maskKeys } from '../../src/netlink/families/wireguard-attributes.ts';
import { joinDevice, readDeviceMessage } from '../../src/netlink/families/wireguard-read.ts';
import { encodeWireguard } from '../../src/netlink/families/wireguard-write.ts';
import { DecodeError, EncodeError } from '../../src/netlink/wire/codec-errors.ts';
import { eachAttribute } from '../../src/netlink/wire/framing.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';
import { wireguardSteps } from '../../src/reconcile/plan/wireguard-ops.ts';
import type { RehearsalSubject } from '../../src/reconcile/rehearse/rehearse-types.ts';
import type { NamespaceRecord, RecordStore } from '../../src/reconcile/transaction/record.ts';
import { replacedBy, withReplacedKeys } from '../../src/reconcile/transaction/replaced-keys.ts';
import { peerChangeLines } from '../../src/report/peers-text.ts';
import { namesOf } from './codecs-support.ts';
import { optionValue } from './option-values.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const FAMILY = 31;
const NAMES = namesOf({ 4: 'wg0' });
const spec = wireguard.options.peers;
assert.ok(spec !== undefined);
const list = optionValue(spec, fc.constant('wg0'));

const linkWith = (options: Readonly<Record<string, Value>>): Link => ({
  name: 'wg0',
  index: 4,
  kind: 'wireguard',
  options: { private_key_file: null, listen_port: 0, fwmark: 0, ...options },
});

type Step = ReturnType<typeof wireguardSteps>[number];

const encode = ({ object, before, fields }: Step): Uint8Array => {
  const writer = new MessageWriter(16);
  const op = { kind: 'link', action: 'update', stage: 'wireguard', object, before, fields } as const;
  encodeWireguard(op, FAMILY, writer, NAMES);
  return writer.bytes.slice(0, writer.length);
};

const read = (bytes: Uint8Array) =>
  joinDevice([readDeviceMessage({ type: FAMILY, flags: 0, bytes, start: 0, end: bytes.length }, NAMES)]);

const setOf = (bytes: Uint8Array): Map<number, readonly [number, number]> => {
  const found = new Map<number, readonly [number, number]>();
  eachAttribute(bytes, 20, bytes.length, (type, from, to) => found.set(type, [from, to]));
  return found;
};

describe('messages of WireGuard', () => {
  it('hold a whole device, as a dump would', () => {
    const before = linkWith({ peers: [] });
    fc.assert(
      fc.property(list, (peers) => {
        const key = privateKey(randomBytes(32), 'P=');
        const steps = wireguardSteps(linkWith({ private_key_file: key, listen_port: 7, fwmark: 9, peers }), before);
        const [device, ...rest] = steps.map(encode);
        assert.ok(device !== undefined);
        assert.ok(rest.length <= 1);
        const told = read(device);
        assert.ok(sameValue(told.private_key_file, key));
        assert.deepEqual([told.listen_port, told.fwmark], [7, 9]);
        const [second] = rest;
        assert.ok(sameValue(second === undefined ? [] : read(second).peers, peers));
      }),
      { seed },
    );
  });

  it('lead from any list of peers to any other, each with what differs', () => {
    fc.assert(
      fc.property(list, list, fc.nat(4), (a, b, kept) => {
        // some peers are in both
        const shared = readPeers(a).slice(0, kept);
        const names = new Set(shared.map(({ public_key }) => public_key));
        const after = [...shared, ...readPeers(b).filter(({ public_key }) => !names.has(public_key))].toSorted(
          (x, y) => (x.public_key < y.public_key ? -1 : 1),
        );
        const wanted = after as unknown as Value;
        const steps = wireguardSteps(linkWith({ peers: wanted }), linkWith({ peers: a }));
        const last = steps.at(-1)?.object.options?.peers ?? a;
        assert.ok(sameValue(last, wanted));
        assert.equal(steps.length === 0, sameValue(a, wanted));
        for (const step of steps) encode(step);
      }),
      { seed },
    );
  });

  it('are split where a device has more than fits', () => {
    const peer = (i: number, allowed: number) => ({
      public_key: Buffer.alloc(32, i + 1).toString('base64'),
      preshared_key_file: null,
      endpoint: null,
      persistent_keepalive: 0,
      allowed_ips: Array.from({ length: allowed }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`).sort(),
    });
    const peers = [peer(0, 1700), ...Array.from({ length: 150 }, (_, i) => peer(i + 1, 3))] as unknown as Value;
    const steps = wireguardSteps(linkWith({ peers }), linkWith({ peers: [] }));
    assert.ok(steps.length >= 5, `${steps.length} steps`);
    for (const step of steps) assert.ok(encode(step).length < 65_000);
    const parts = steps.map((step) => {
      const bytes = encode(step);
      return readDeviceMessage({ type: FAMILY, flags: 0, bytes, start: 0, end: bytes.length }, NAMES);
    });
    const joined = readPeers(joinDevice(parts).peers);
    assert.equal(joined.length, 151);
    assert.equal(joined.find(({ public_key }) => public_key === peer(0, 0).public_key)?.allowed_ips.length, 1700);
  });

  it('take a peer out and in again where only that forgets its endpoint', () => {
    const peer = { public_key: Buffer.alloc(32, 1).toString('base64'), persistent_keepalive: 0, allowed_ips: [] };
    const at = (endpoint: string | null) =>
      linkWith({ peers: [{ ...peer, preshared_key_file: null, endpoint }] as unknown as Value });
    const [step, ...more] = wireguardSteps(at(null), at('192.0.2.1:1'));
    assert.ok(step !== undefined);
    assert.deepEqual(more, []);
    const range = setOf(encode(step)).get(8);
    assert.ok(range !== undefined);
    const items: number[] = [];
    eachAttribute(encode(step), ...range, (type) => items.push(type));
    assert.deepEqual(items, [0, 1]);
  });

  it('break without a word of what they held', () => {
    const key = randomBytes(32);
    const step = wireguardSteps(
      linkWith({ private_key_file: privateKey(key, 'P=') }),
      linkWith({ private_key_file: null }),
    )[0];
    assert.ok(step !== undefined);
    const bytes = encode(step);
    const at = bytes.findIndex((_, i) => Buffer.from(bytes.subarray(i, i + 32)).equals(key));
    bytes[at - 4] = 200;
    assert.throws(
      () => read(bytes),
      (error) => error instanceof DecodeError && !error.message.includes(key.toString('hex').slice(0, 8)),
    );
  });

  it('are shown without keys', () => {
    fc.assert(
      fc.property(list, (peers) => {
        const key = Buffer.alloc(32, 0xa5);
        for (const step of wireguardSteps(
          linkWith({ private_key_file: privateKey(key, 'P='), peers }),
          linkWith({ peers: [] }),
        )) {
          const shown = Buffer.from(maskKeys(encode(step)));
          assert.ok(!shown.includes(key));
          for (const { preshared_key_file: psk } of readPeers(peers))
            assert.ok(
              !(psk instanceof Secret) ||
                psk.reveal().every((byte) => byte === 0) ||
                !shown.includes(Buffer.from(psk.reveal())),
            );
        }
      }),
      { seed },
    );
    // nobody knows where a key stands in a message that breaks the format
    const broken = new Uint8Array(32).fill(0xee);
    assert.ok(
      maskKeys(broken)
        .subarray(20)
        .every((byte) => byte === 0),
    );
  });
});

describe('secrets', () => {
  const bytes = randomBytes(32);
  const texts = [bytes.toString('base64'), bytes.toString('hex'), bytes.join(','), bytes.join(', ')];

  it('show nothing, whichever way they are written down', () => {
    const secret = presharedKey(bytes);
    const object = { peers: [{ preshared_key_file: secret }] };
    const written = [
      JSON.stringify(object),
      `${secret}`,
      inspect(object, { depth: 9, showHidden: true }),
      serialize(object).toString('latin1'),
      Object.entries(secret).join(),
    ];
    for (const text of written) for (const part of texts) assert.ok(!text.includes(part), text);
    assert.ok(!serialize(object).includes(bytes));
  });

  it('are compared by what they are, and once written down by what they show', () => {
    const [a, b] = [privateKey(bytes, 'A='), privateKey(randomBytes(32), 'B=')];
    assert.ok(sameValue(a, privateKey(bytes, 'A=')));
    assert.ok(!sameValue(a, b));
    assert.ok(sameValue([JSON.parse(JSON.stringify(a))], [a]));
    assert.ok(!sameValue(JSON.parse(JSON.stringify(a)), b));
    assert.ok(!sameValue(presharedKey(bytes), presharedKey(randomBytes(32))));
    assert.ok(!sameValue(null, presharedKey(bytes)));
  });

  it('cannot be set from a record, and those that were replaced are told from those that were not', () => {
    const peer = {
      public_key: Buffer.alloc(32, 1).toString('base64'),
      endpoint: null,
      persistent_keepalive: 0,
      allowed_ips: [],
    };
    const withKey = (psk: Secret) => linkWith({ peers: [{ ...peer, preshared_key_file: psk }] as unknown as Value });
    const [before, after] = [withKey(presharedKey(bytes)), withKey(presharedKey(randomBytes(32)))];
    const [step] = wireguardSteps(after, before);
    assert.ok(step !== undefined);
    const replaced = replacedBy({ kind: 'link', action: 'update', stage: 'wireguard', ...step });
    assert.deepEqual(replaced, [{ link: 'wg0', peer: peer.public_key }]);
    assert.equal(
      peerChangeLines(before.options?.peers, after.options?.peers)[0],
      `~ ${peer.public_key} another preshared key`,
    );

    const state = { link: [before], address: [], nexthop: [], route: [], mpls: [], rule: [], neighbor: [] };
    const [recorded] = (JSON.parse(JSON.stringify(withReplacedKeys(state, replaced))) as State).link;
    assert.ok(recorded !== undefined);
    const [back] = wireguardSteps(recorded, after);
    assert.ok(back !== undefined);
    assert.throws(() => encode(back), EncodeError);
    // a peer that has gone with its key comes behind all others, alone
    const others = [2, 3].map((byte) => ({
      ...peer,
      public_key: Buffer.alloc(32, byte).toString('base64'),
      preshared_key_file: null,
    }));
    const all = linkWith({ peers: [{ ...peer, preshared_key_file: '(hidden)' }, ...others] as unknown as Value });
    const sizes = wireguardSteps(all, linkWith({ peers: [] })).map(
      ({ object }) => readPeers(object.options?.peers).length,
    );
    assert.deepEqual(sizes, [2, 3]);
    // without it, any key would pass for the one that was there
    assert.deepEqual(wireguardSteps(JSON.parse(JSON.stringify(before)), after), []);
  });

  it('stay at home while a plan is rehearsed: others take their places, equal ones for equal ones', () => {
    const peer = { public_key: Buffer.alloc(32, 1).toString('base64'), endpoint: null, persistent_keepalive: 0 };
    const peersWith = (psk: Secret) => [{ ...peer, allowed_ips: [], preshared_key_file: psk }] as unknown as Value;
    const [old, next] = [privateKey(bytes, 'P='), privateKey(randomBytes(32), 'Q=')];
    const observed = {
      ...emptyState(),
      link: [linkWith({ private_key_file: old, peers: peersWith(presharedKey(bytes)) })],
    };
    const wanted = linkWith({ private_key_file: next, peers: peersWith(presharedKey(bytes)) });
    const source = { file: 'a.yaml', line: 1, column: 1 };
    const declared = { object: wanted, absent: false, adopt: false, source, fields: {} };
    const desired = { objects: { ...emptyState(), link: [declared] } } as unknown as Desired;
    const subject: RehearsalSubject = {
      observed,
      desired,
      owned: [],
      renamesUp: true,
      allowMassDelete: false,
      mostFailures: 1,
    };
    const packed = packSubject(subject);
    assert.ok(!packed.includes(bytes));
    for (const text of texts) assert.ok(!packed.toString('latin1').includes(text));
    const other = unpackSubject(packed);
    const [was, becomes] = [other.observed.link[0]?.options, other.desired.objects.link[0]?.object.options];
    assert.ok(was?.private_key_file instanceof Secret && !was.private_key_file.equals(old));
    assert.ok(!sameValue(was.private_key_file, becomes?.private_key_file));
    assert.ok(sameValue(was.peers, becomes?.peers));
  });

  it('go from an apply to its guardian, beside the record', () => {
    const own = privateKey(bytes, 'P=');
    const peer = { public_key: Buffer.alloc(32, 1).toString('base64'), endpoint: null, persistent_keepalive: 0 };
    const peers = [{ ...peer, allowed_ips: [], preshared_key_file: presharedKey(bytes) }] as unknown as Value;
    const before: State = { ...emptyState(), link: [linkWith({ private_key_file: own, peers })] };
    const transaction = { id: '1', startedAt: 1, phase: 'open', before, touched: [], ownedBefore: [] } as const;
    const record: NamespaceRecord = { version: 1, owned: [], transaction };
    const text = JSON.stringify(record);
    for (const part of texts) assert.ok(!text.includes(part));
    const records: RecordStore = { read: () => JSON.parse(text), write: () => undefined };
    const host = { state: { records } } as unknown as Host;
    const [link] = withKeys(host, packKeys(record)).state.records.read()?.transaction?.before.link ?? [];
    assert.ok(sameValue(link?.options?.private_key_file, own));
    assert.ok(link?.options?.private_key_file instanceof Secret);
    const [given] = readPeers(link.options.peers);
    assert.ok(given?.preshared_key_file instanceof Secret && given.preshared_key_file.equals(presharedKey(bytes)));
    assert.equal(packKeys({ version: 1, owned: [] }), '');
    assert.equal(withKeys(host, ''), host);
  });
});

const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
const SECRET = Buffer.from(d ?? '', 'base64url').toString('base64');
const PUBLIC = Buffer.from(x ?? '', 'base64url').toString('base64');
const PEER = Buffer.alloc(32, 4).toString('base64');

const load = (
  section: object,
  files: Readonly<Record<string, readonly [text: string, mode: number]>> = {},
): Promise<Desired> =>
  loadDesired({
    files: ['/etc/state.yaml'],
    names: createNameTables(),
    readFile: async () => `version: 1\nlinks: ${JSON.stringify({ wg0: { kind: 'wireguard', wireguard: section } })}`,
    listDirectory: async () => undefined,
    readKey: async (path) => {
      const found = files[path];
      if (found === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
      return { text: found[0], mode: 0o100000 + found[1] };
    },
  });

const problemsOf = async (...args: Parameters<typeof load>): Promise<readonly string[]> => {
  const error = await load(...args).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConfigError);
  for (const { message, hint } of error.diagnostics) assert.ok(!`${message}${hint}`.includes(SECRET.slice(0, 20)));
  return error.diagnostics.map(({ code }) => code);
};

describe('wireguard in the state file', () => {
  it('has keys from files, and tells of those that others may read', async () => {
    const section = {
      private_key_file: 'keys/own',
      peers: [
        {
          public_key: PEER,
          preshared_key_file: '/etc/psk',
          allowed_ips: ['10.0.0.1', '2001:db8::/64'],
          endpoint: '[fe80::1%eth0]:5',
          persistent_keepalive: 'off',
        },
      ],
    };
    const desired = await load(section, { '/etc/keys/own': [`${SECRET}\n`, 0o640], '/etc/psk': [`${PEER}\n`, 0o600] });
    const options = desired.objects.link[0]?.object.options;
    assert.match(String(options?.private_key_file), new RegExp(`public key is ${PUBLIC.replace(/[+/]/g, '.')}`));
    const [peer] = readPeers(options?.peers);
    assert.deepEqual(JSON.parse(JSON.stringify(peer)), {
      public_key: PEER,
      preshared_key_file: '(hidden)',
      endpoint: '[fe80::1%eth0]:5',
      allowed_ips: ['10.0.0.1/32', '2001:db8::/64'],
      persistent_keepalive: 0,
    });
    assert.deepEqual(
      desired.warnings?.map(({ code, source }) => [code, source?.line]),
      [['NR_KEY_MODE', 2]],
    );
  });

  it('refuses what is no key, and never repeats it', async () => {
    assert.deepEqual(await problemsOf({ private_key_file: SECRET }), ['NR_KEY']);
    assert.deepEqual(await problemsOf({ private_key_file: '/k' }, { '/k': [SECRET.slice(1), 0o600] }), ['NR_KEY']);
    assert.deepEqual(await problemsOf({ private_key_file: '/k' }, { '/k': [`${'A'.repeat(43)}=`, 0o600] }), ['NR_KEY']);
    assert.deepEqual(await problemsOf({ private_key_file: '/away' }), ['NR_FILE']);
    assert.deepEqual(await problemsOf({ peers: [{ public_key: 'x' }] }), ['NR_KEY']);
  });

  it('refuses peers that cannot be', async () => {
    const other = Buffer.alloc(32, 8).toString('base64');
    const peersOf = (...peers: readonly object[]) => problemsOf({ peers });
    assert.deepEqual(await peersOf({ public_key: PEER }, { public_key: PEER }), ['NR_DUPLICATE']);
    assert.deepEqual(
      await peersOf(
        { public_key: PEER, allowed_ips: ['10.0.0.0/24'] },
        { public_key: other, allowed_ips: ['10.0.0.0/24'] },
      ),
      ['NR_CONTRADICTION'],
    );
    assert.deepEqual(await peersOf({ public_key: PEER, allowed_ips: ['10.0.0.1/24'] }), ['NR_HOST_BITS']);
    for (const endpoint of ['example.org:51820', '192.0.2.1', '2001:db8::1:5', '192.0.2.1:0', '[192.0.2.1]:5'])
      assert.deepEqual(await peersOf({ public_key: PEER, endpoint }), ['NR_BAD_VALUE'], endpoint);
    assert.deepEqual(
      await problemsOf({ private_key_file: '/k', peers: [{ public_key: PUBLIC }] }, { '/k': [SECRET, 0o600] }),
      ['NR_CONTRADICTION'],
    );
  });
});
