import type { Address } from '../../model/address.ts';
import type { KernelEvent } from '../../model/kernel-port.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import type { KindName } from '../../model/state.ts';
import type { DriftWas } from './events.ts';
import { objectKey } from './interest.ts';
import { createLinkFinder } from './link-finder.ts';

/** A process that changed the network. */
export interface Requester {
  readonly pid: number;
  /** the kernel's short name of it, at most 15 characters */
  readonly command: string;
  readonly cmdline: readonly string[];
}

/** Why an object is no longer as it was. */
export interface Explanation {
  /** one line for people: `ip[1234] deleted it`, `kernel: link eth0 went down` */
  readonly cause: string;
  readonly by?: Requester;
  /** it went with something else */
  readonly cascade: boolean;
}

/** Something that takes other objects along. */
interface Upheaval {
  readonly text: string;
  /** how much it explains: a link that is deleted goes down first, and its addresses before it */
  readonly weight: number;
  readonly by?: Requester;
}

/** Remembers who did what, from one look at the kernel to the next. */
export interface Witness {
  /** @param requester the process behind the event's port id, where it could be found */
  saw(event: KernelEvent, requester: Requester | undefined): void;
  /** @param devs the links that the object stands on or goes through */
  explain(kind: KindName, slot: string, was: DriftWas, devs: readonly string[]): Explanation;
  /** The network is looked at now: what has been seen by now shows. */
  looks(): void;
  /**
   * What has been explained is forgotten: all that was seen before the look.
   * @param links as they are now; what becomes of them a look may show before its message comes
   */
  forget(links: readonly Link[] | undefined): void;
}

const UNTOLD = 'unknown: the kernel does not tell who changes links';

const GONE = 4;
const DOWN = 3;
const ADDRESS_GONE = 2;
const CHANGED = 1;

const upheavalOf = ({ action, object }: KernelEvent, before: Link | undefined): Upheaval | undefined => {
  const link = object as Link;
  const say = (weight: number, what: string): Upheaval => ({ weight, text: `link ${link.name} ${what}` });
  if (action === 'delete') return say(GONE, 'was deleted');
  if (before === undefined) return undefined;
  if (link.state === 'down' && before.state !== 'down') return say(DOWN, 'went down');
  if ((link.mtu ?? 1500) < 1280 && (before.mtu ?? 1500) >= 1280) return say(DOWN, 'lost IPv6 with its MTU');
  if (link.master !== before.master) return say(CHANGED, 'changed its master');
  if (link.carrier === false && before.carrier === true) return say(CHANGED, 'lost its carrier');
  if (link.lladdr !== before.lladdr) return say(CHANGED, 'changed its link-layer address');
  return undefined;
};

const nameOf = ({ command, pid }: Requester): string => `${command}[${pid}]`;

export const createWitness = (): Witness => {
  const direct = new Map<string, { readonly event: KernelEvent; readonly by?: Requester; readonly at: number }>();
  const upheavals = new Map<string, Upheaval & { readonly at: number }>();
  const linkNamed = createLinkFinder();
  let explained: readonly Link[] | undefined;
  let seen = 0;
  let shown = 0;

  const remember = (dev: string, upheaval: Upheaval): void => {
    if ((upheavals.get(dev)?.weight ?? 0) < upheaval.weight) upheavals.set(dev, { ...upheaval, at: seen });
  };
  const explainDirect = (key: string, was: DriftWas): Explanation | undefined => {
    const told = direct.get(key);
    if (told === undefined || told.event.portId === 0) return undefined;
    const { event, by } = told;
    const who = by === undefined ? `port ${event.portId} (its process has ended, or is hidden)` : nameOf(by);
    return { cause: `${who} ${was} it`, cascade: false, ...(by === undefined ? {} : { by }) };
  };
  const explainCascade = (devs: readonly string[], least: number): Explanation | undefined => {
    const found = devs.flatMap((dev) => upheavals.get(dev) ?? []).find(({ weight }) => weight >= least);
    if (found === undefined) return undefined;
    return { cause: `kernel: ${found.text}`, cascade: true, ...(found.by === undefined ? {} : { by: found.by }) };
  };
  const explainLink = (slot: string, was: DriftWas, devs: readonly string[]): Explanation => {
    const own = was === 'deleted' ? `link ${slot} was deleted` : upheavals.get(slot)?.text;
    const cascade = explainCascade(devs, DOWN);
    if (cascade !== undefined) return own === undefined ? cascade : { ...cascade, cause: `${cascade.cause}; ${own}` };
    return { cause: own === undefined ? UNTOLD : `${own} (the kernel does not tell by whom)`, cascade: false };
  };

  return {
    saw: (event, requester) => {
      const { kind, object, action, portId } = event;
      if (object === undefined) return;
      seen++;
      const by = requester === undefined ? {} : { by: requester };
      if (kind === 'link') {
        const { name } = object as Link;
        const upheaval = upheavalOf(event, linkNamed(explained, name));
        if (upheaval !== undefined) remember(name, upheaval);
      } else if (kind === 'address' && action === 'delete') {
        const { dev, address, prefixlen } = object as Address;
        const whose = requester === undefined ? '' : ` by ${nameOf(requester)}`;
        const text = `address ${address}/${prefixlen} was deleted from ${dev}${whose}`;
        remember(dev, { weight: ADDRESS_GONE, text, ...by });
      }
      const key = objectKey(kind, kindOf(kind).slot(object));
      // the kernel's own messages about an object follow those of the one who asked
      if (portId !== 0 || !direct.has(key)) direct.set(key, { event, ...by, at: seen });
    },
    explain: (kind, slot, was, devs) => {
      if (kind === 'link') return explainLink(slot, was, devs);
      const key = objectKey(kind, slot);
      const told = explainDirect(key, was) ?? explainCascade(devs, kind === 'address' ? DOWN : CHANGED);
      if (told !== undefined) return told;
      // IPv6 addresses, among others: their messages carry no port id (net/ipv6/addrconf.c inet6_ifa_notify)
      if (direct.has(key)) return { cause: `${was}; the kernel does not tell by whom`, cascade: false };
      return { cause: 'unknown: no message told of it', cascade: false };
    },
    looks: () => {
      shown = seen;
    },
    forget: (links) => {
      explained = links;
      for (const known of [direct, upheavals]) for (const [key, { at }] of known) if (at <= shown) known.delete(key);
    },
  };
};
