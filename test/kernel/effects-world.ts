import { writeFileSync } from 'node:fs';
import type { OpenedKernel } from '../../src/netlink/open-kernel.ts';
import type { ExtraKind } from './random-state.ts';
import { ipBatch } from './support.ts';

/** Settings that change what an operation takes along. */
export interface WorldConf {
  readonly promote: boolean;
  readonly keep: boolean;
}

export const writeConf = (kernel: OpenedKernel, conf: WorldConf): void =>
  kernel.inNamespace(() => {
    writeFileSync('/proc/sys/net/ipv4/conf/all/promote_secondaries', conf.promote ? '1' : '0');
    writeFileSync('/proc/sys/net/ipv6/conf/all/keep_addr_on_down', conf.keep ? '1' : '0');
  });

/** Links of a namespace `near` whose other ends are in `far`, so that their carrier follows nothing but themselves. */
export const buildWorld = (near: string, far: string, extra: ReadonlySet<ExtraKind>): void => {
  const kind = (name: ExtraKind, line: string): string[] => (extra.has(name) ? [line] : []);
  // an MTU and a MAC address that were set once no longer follow those of the ports
  const bridge = (name: string, mac: string): string[] => [
    `link add ${name} type bridge`,
    `link set ${name} mtu 1400`,
    `link set ${name} mtu 1500 address ${mac}`,
  ];
  ipBatch(near, [
    ...[0, 1, 2, 3].flatMap((n) => [
      `link add e${n} type veth peer name e${n} netns ${far}`,
      `link set e${n} address 02:00:00:00:01:0${n} up`,
    ]),
    'link add p0 type veth peer name p1',
    'link set p0 address 02:00:00:00:02:00 up',
    'link set p1 address 02:00:00:00:02:01 up',
    ...bridge('br0', '02:00:00:00:03:00'),
    ...bridge('br1', '02:00:00:00:03:01'),
    'link add mv0 link e3 address 02:00:00:00:04:00 type macvlan mode bridge',
    'link add vx0 address 02:00:00:00:04:01 type vxlan id 7 dstport 4789 local 192.0.2.1 dev e2',
    ...kind('dummy', 'link add dm0 address 02:00:00:00:05:00 type dummy'),
    ...kind('vlan', 'link add vl0 link e2 type vlan id 5'),
    ...kind('vlan', 'link add vl1 link e2 type vlan id 6 loose_binding on'),
    ...kind('vlan', 'link add vl2 link vl0 type vlan id 7'),
    ...kind('vrf', 'link add vrf0 type vrf table 500'),
    ...kind('vrf', 'link set vrf0 up'),
    ...kind('bond', 'link add bond0 address 02:00:00:00:05:01 type bond mode active-backup miimon 100'),
  ]);
  ipBatch(
    far,
    [0, 1, 2, 3].map((n) => `link set e${n} up`),
  );
};
