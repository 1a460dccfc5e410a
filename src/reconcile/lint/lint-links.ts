import { type Address, addressText } from '../../model/address.ts';
import type { Declared, Desired } from '../../model/desired.ts';
import { type Diagnostic, formatSource } from '../../model/errors.ts';
import { isLinkLocal, networkOf, prefixContains } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { peerNameOf } from '../../model/link-kinds/index.ts';
import { advise } from './advice.ts';

/** RFC 8200, section 5. */
const INET6_MIN_MTU = 1280;

type Links = ReadonlyMap<string, Declared<Link>>;

/** Routing domains are apart: a link without a VRF is in the one of ''. */
const domainOf = (links: Links, dev: string): string => {
  const master = links.get(dev)?.object.master;
  return typeof master === 'string' && links.get(master)?.object.kind === 'vrf' ? master : '';
};

const overlaps = (a: Address, b: Address): boolean => {
  const [wide, narrow] = a.prefixlen <= b.prefixlen ? [a, b] : [b, a];
  return prefixContains(networkOf(wide.address, wide.prefixlen), narrow.address);
};

const bitsOf = ({ family }: Address): number => (family === 'inet' ? 32 : 128);

const lintAddresses = (addresses: readonly Declared<Address>[], links: Links): readonly Diagnostic[] => {
  const subnets = addresses.filter(
    ({ object }) => object.prefixlen < bitsOf(object) && object.peer === undefined && !isLinkLocal(object.address),
  );
  return subnets.flatMap(({ object, source }, i) => {
    const first = subnets
      .slice(0, i)
      .find(
        ({ object: other }) =>
          other.family === object.family &&
          other.dev !== object.dev &&
          domainOf(links, other.dev) === domainOf(links, object.dev) &&
          overlaps(other, object),
      );
    if (first === undefined) return [];
    const message = `${addressText(object)} dev ${object.dev} overlaps ${addressText(first.object)} dev ${first.object.dev} (${formatSource(first.source)})`;
    return [advise('NR_LINT_OVERLAPPING_ADDRESSES', message, source)];
  });
};

/** Ends of a pair, and ports with their bridge: the larger one's packets are lost on the way. */
const lintMtus = (links: Links): readonly Diagnostic[] =>
  [...links.values()].flatMap(({ object, source, fields }) => {
    const peer = peerNameOf(object);
    const bridge =
      typeof object.master === 'string' && links.get(object.master)?.object.kind === 'bridge'
        ? object.master
        : undefined;
    return [peer, bridge].flatMap((name) => {
      const other = name === undefined ? undefined : links.get(name);
      if (other?.object.mtu === undefined || object.mtu === undefined || other.object.mtu === object.mtu) return [];
      // a pair is told once
      if (name === peer && other.object.options?.peer === object.name && object.name > other.object.name) return [];
      const message = `MTU ${object.mtu} of ${object.name} is not the ${other.object.mtu} of ${other.object.name} (${formatSource(other.source)})`;
      return [advise('NR_LINT_ASYMMETRIC_MTU', message, fields.mtu ?? source)];
    });
  });

const lintSmallMtus = (desired: Desired, links: Links): readonly Diagnostic[] => {
  const inet6 = new Set(
    desired.objects.address.flatMap(({ object, absent }) => (absent || object.family === 'inet' ? [] : [object.dev])),
  );
  for (const { object, absent } of desired.objects.route) {
    if (!absent && object.family === 'inet6') for (const { dev } of object.hops) if (dev !== undefined) inet6.add(dev);
  }
  return [...links.values()].flatMap(({ object: { name, mtu }, source, fields }) => {
    if (mtu === undefined || mtu >= INET6_MIN_MTU || !inet6.has(name)) return [];
    const message = `MTU ${mtu} of ${name} is below the ${INET6_MIN_MTU} that IPv6 needs: the kernel takes IPv6 off the link`;
    return [advise('NR_LINT_SMALL_MTU', message, fields.mtu ?? source)];
  });
};

export const lintLinks = (desired: Desired): readonly Diagnostic[] => {
  const links: Links = new Map(
    desired.objects.link.flatMap((link) => (link.absent ? [] : [[link.object.name, link] as const])),
  );
  const addresses = desired.objects.address.filter(({ absent }) => !absent);
  return [...lintAddresses(addresses, links), ...lintMtus(links), ...lintSmallMtus(desired, links)];
};
