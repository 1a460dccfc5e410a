import { ipProtocolNumber } from '../desired/ip-protocols.ts';
import type { NameTable } from '../desired/names.ts';
import { canonicalAddress, familyOf } from '../model/ip.ts';
import type { Query } from '../model/lookup.ts';
import { UsageError } from './usage-error.ts';

/** The options of `lookup` that describe a packet, as written. */
export interface PacketOptions {
  readonly from?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly mark?: string;
  readonly tos?: string;
  readonly ipproto?: string;
  readonly sport?: string;
  readonly dport?: string;
}

/** @throws {UsageError} where the text is no address */
export const readHostAddress = (what: string, text: string): string => {
  const address = canonicalAddress(text);
  if (address === undefined) throw new UsageError(`${what} ${JSON.stringify(text)} is no IP address`);
  return address;
};

const readNumber = (option: string, text: string, max: number): number => {
  const value = /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new UsageError(`${option} ${JSON.stringify(text)} is no number from 0 to ${max}`);
};

/** inet_rtm_getroute and rtm_getroute_parse_ip_proto (net/ipv4/fib_frontend.c): the kernel answers for no other. */
const ROUTED_PROTOCOLS: ReadonlySet<number> = new Set([1, 6, 17, 58]);

const readProtocol = (text: string): number => {
  const number = ipProtocolNumber(text);
  if (number !== undefined && ROUTED_PROTOCOLS.has(number)) return number;
  throw new UsageError(`--ipproto ${JSON.stringify(text)} is none that the kernel looks up: tcp, udp, icmp, icmpv6`);
};

/**
 * A packet from the command line.
 * @throws {UsageError} where a value is none, or the packet is of two families, or comes in and goes out
 */
export const readPacket = (to: string, options: PacketOptions, dsfields: NameTable): Query => {
  const target = readHostAddress('the destination', to);
  const from = options.from === undefined ? undefined : readHostAddress('--from', options.from);
  if (from !== undefined && familyOf(from) !== familyOf(target)) {
    throw new UsageError(`--from ${from} is of another family than ${target}`);
  }
  if (options.iif !== undefined && options.oif !== undefined) {
    throw new UsageError('--iif and --oif cannot go together', 'a packet either comes in or is sent by this host');
  }
  const tos = options.tos === undefined ? undefined : (dsfields.toNumber(options.tos) ?? Number.NaN);
  if (tos !== undefined && !(tos <= 255)) throw new UsageError(`--tos ${JSON.stringify(options.tos)} is not known`);
  const { iif, oif, mark, ipproto, sport, dport } = options;
  return {
    to: target,
    ...(from === undefined ? {} : { from }),
    ...(iif === undefined ? {} : { iif }),
    ...(oif === undefined ? {} : { oif }),
    ...(mark === undefined ? {} : { mark: readNumber('--mark', mark, 0xffffffff) }),
    ...(tos === undefined ? {} : { tos }),
    ...(ipproto === undefined ? {} : { ipproto: readProtocol(ipproto) }),
    ...(sport === undefined ? {} : { sport: readNumber('--sport', sport, 0xffff) }),
    ...(dport === undefined ? {} : { dport: readNumber('--dport', dport, 0xffff) }),
  };
};
