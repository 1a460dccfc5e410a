import { publicKeyOf } from '../desired/key-files.ts';
import { KEY_LENGTH, presharedKey, privateKey } from '../model/link-kinds/wireguard.ts';
import { Secret } from '../model/secret.ts';
import type { RehearsalSubject } from '../reconcile/rehearse/rehearse-types.ts';

/** Takes the place of a secret in what leaves this process: equal secrets have equal numbers. */
interface StandIn {
  readonly standIn: number;
  readonly shown: string;
}

const isStandIn = (value: object): value is StandIn => 'standIn' in value && 'shown' in value;

/** A copy with every value for which `replace` gives another one replaced, however deep it stands. */
const replaceDeep = (value: unknown, replace: (value: object) => unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const other = replace(value);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((item) => replaceDeep(item, replace));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceDeep(item, replace)]));
};

/** The subject with other links, where any of them has secrets (WireGuard alone has). */
const withLinks = (subject: RehearsalSubject, replace: (value: object) => unknown): RehearsalSubject => {
  const { observed, desired } = subject;
  const hasAny = [...observed.link, ...desired.objects.link.map(({ object }) => object)].some(
    ({ kind }) => kind === 'wireguard',
  );
  if (!hasAny) return subject;
  const link = replaceDeep(desired.objects.link, replace) as typeof desired.objects.link;
  return {
    ...subject,
    observed: { ...observed, link: replaceDeep(observed.link, replace) as typeof observed.link },
    desired: { ...desired, objects: { ...desired.objects, link } },
  };
};

/** Secrets stay in this process: a rehearsal shows as well with others. */
export const hideSecrets = (subject: RehearsalSubject): RehearsalSubject => {
  const known: Secret[] = [];
  return withLinks(subject, (value): StandIn | undefined => {
    if (!(value instanceof Secret)) return undefined;
    const found = known.findIndex((other) => other.equals(value));
    return { standIn: found < 0 ? known.push(value) - 1 : found, shown: value.shown };
  });
};

/** Keys that nobody else has, one for each number; as the kernel wants a private key. */
const standInKey = (number: number): Uint8Array => {
  const bytes = new Uint8Array(KEY_LENGTH).fill(64);
  new DataView(bytes.buffer).setUint32(1, number);
  return bytes;
};

/** As a dump shows it. */
const standInSecret = ({ standIn, shown }: StandIn): Secret => {
  const bytes = standInKey(standIn);
  const preshared = presharedKey(bytes);
  return shown === preshared.shown ? preshared : privateKey(bytes, publicKeyOf(bytes));
};

/** The other way round. */
export const giveStandIns = (subject: RehearsalSubject): RehearsalSubject =>
  withLinks(subject, (value) => (isStandIn(value) ? standInSecret(value) : undefined));
