import { bareudp } from './bareudp.ts';
import { batadv } from './batadv.ts';
import { bond } from './bond.ts';
import { bridge } from './bridge.ts';
import { geneve } from './geneve.ts';
import { erspan, gre, gretap } from './gre.ts';
import { hsr } from './hsr.ts';
import { ip6erspan, ip6gre, ip6gretap } from './ip6gre.ts';
import { ip6tnl } from './ip6tnl.ts';
import { ipip } from './ipip.ts';
import { ipvlan, ipvtap } from './ipvlan.ts';
import { macsec } from './macsec.ts';
import { macvlan, macvtap } from './macvlan.ts';
import { netkit } from './netkit.ts';
import { dummy, ifb, nlmon, team, vcan } from './plain-kinds.ts';
import { sit } from './sit.ts';
import type { LinkKindSpec } from './spec.ts';
import { tun } from './tun.ts';
import { veth } from './veth.ts';
import { vlan } from './vlan.ts';
import { vrf } from './vrf.ts';
import { vti, vti6 } from './vti.ts';
import { vxlan } from './vxlan.ts';
import { wireguard } from './wireguard.ts';
import { xfrm } from './xfrm.ts';

/** Every link kind that netrecon makes, by IFLA_INFO_KIND. */
export const LINK_KINDS: Readonly<Record<string, LinkKindSpec>> = {
  veth,
  bridge,
  vxlan,
  macvlan,
  macvtap,
  ifb,
  dummy,
  vlan,
  vrf,
  bond,
  geneve,
  bareudp,
  gre,
  gretap,
  erspan,
  ip6gre,
  ip6gretap,
  ip6erspan,
  ipip,
  sit,
  ip6tnl,
  vti,
  vti6,
  xfrm,
  ipvlan,
  ipvtap,
  macsec,
  hsr,
  team,
  batadv,
  nlmon,
  vcan,
  wireguard,
  tun,
  netkit,
};

/** Whether a link is one that the kernel makes by itself, in every namespace, with the first use of its kind. */
export const isFallbackDevice = (kind: string | undefined, name: string): boolean =>
  kind !== undefined && LINK_KINDS[kind]?.fallbackDevices?.includes(name) === true;

/** The other end of a link that is one of a pair, where it has a name here. */
export const peerNameOf = ({
  kind,
  options,
}: {
  readonly kind?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}): string | undefined => {
  const peer = kind !== undefined && LINK_KINDS[kind]?.pair === true ? options?.peer : undefined;
  return typeof peer === 'string' ? peer : undefined;
};

/** Whether a link is there only as long as a program holds it open: nothing else can make it. */
export const isHeldOpen = (kind: string | undefined, options: Readonly<Record<string, unknown>> | undefined): boolean =>
  kind !== undefined && LINK_KINDS[kind]?.byIoctl === true && options?.persist === false;

/** A link that another one names by an option: the underlay of a tunnel, the two links of an HSR. */
export interface LowerLink {
  /** `options.NAME` */
  readonly field: string;
  readonly name: string;
}

/** The links that a link of this kind and options needs to be made, but for its parent. */
export const lowerLinks = (
  kind: string | undefined,
  options: Readonly<Record<string, unknown>> | undefined,
): readonly LowerLink[] =>
  (LOWER_OPTIONS.get(kind ?? '') ?? []).flatMap((option) => {
    const name = options?.[option];
    return typeof name === 'string' ? [{ field: `options.${option}`, name }] : [];
  });

const LOWER_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(LINK_KINDS).map(({ kind, options }) => [
    kind,
    Object.keys(options).filter((name) => options[name]?.codec === 'ifindex' && options[name]?.afterPorts !== true),
  ]),
);
