import type { Op, OpResult } from '../model/op.ts';
import type { LinkTable } from './link-table.ts';
import { followLink } from './send-ops.ts';
import { errnoName } from './wire/errno.ts';

/** What is asked of /dev/net/tun, in one opening of it. */
export interface TunRequest {
  readonly name: string;
  /** IFF_* of if_tun.h: the mode, and what else TUNSETIFF takes */
  readonly flags: number;
  /** of a new device; 0: any */
  readonly index: number;
  /** user and group that may open it; undefined: as it is */
  readonly user?: number | undefined;
  readonly group?: number | undefined;
}

/** A refusal: which call, and the positive errno. */
export interface TunRefusal {
  readonly call: string;
  readonly errno: number;
}

/** /dev/net/tun in the namespace that a kernel port is about. */
export interface TunDevice {
  /** whether there is one; opening it loads the module */
  exists(): boolean;
  /** Makes a persistent device, or changes the one of that name. */
  set(request: TunRequest): TunRefusal | undefined;
}

// include/uapi/linux/if_tun.h
const IFF = { TUN: 0x1, TAP: 0x2, MULTI_QUEUE: 0x100, NO_PI: 0x1000, VNET_HDR: 0x4000 } as const;

/** Attaching to a device sets its flags anew, so that they are always all of those it shall have (tun_set_iff). */
const requestOf = ({ action, object, fields = [] }: Op & { readonly kind: 'link' }): TunRequest => {
  const { mode, user, group, pi, vnet_hdr, multi_queue } = object.options ?? {};
  const flags =
    (mode === 'tap' ? IFF.TAP : IFF.TUN) |
    (pi === true ? 0 : IFF.NO_PI) |
    (vnet_hdr === true ? IFF.VNET_HDR : 0) |
    (multi_queue === true ? IFF.MULTI_QUEUE : 0);
  const isSet = (name: string): boolean => action === 'create' || fields.includes(`options.${name}`);
  return {
    name: object.name,
    flags,
    index: action === 'create' ? object.index : 0,
    ...(typeof user === 'number' && isSet('user') ? { user } : {}),
    ...(typeof group === 'number' && isSet('group') ? { group } : {}),
  };
};

const resultOf = (refusal: TunRefusal | undefined): OpResult =>
  refusal === undefined
    ? { ok: true }
    : { ok: false, error: { errno: refusal.errno, name: errnoName(refusal.errno), message: refusal.call } };

/** Makes and changes devices, one after the other, until one is refused. */
export const sendTunOps = (device: TunDevice, names: LinkTable, ops: readonly Op[]): readonly OpResult[] => {
  const results: OpResult[] = [];
  for (const op of ops) {
    if (op.kind !== 'link') throw new TypeError('only links are made by /dev/net/tun');
    const result = resultOf(device.set(requestOf(op)));
    results.push(result);
    if (!result.ok) break;
    followLink(op, names);
  }
  return results;
};
