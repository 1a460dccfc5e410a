import { familyOf } from '../../model/ip.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link, LinkConf } from '../../model/link.ts';
import type { KernelRefusal, Op } from '../../model/op.ts';
import { type Route, TABLE_MAIN } from '../../model/route.ts';
import { KIND_NAMES, type State } from '../../model/state.ts';
import { refKey } from '../plan/goal-restore.ts';
import type { PlanStep } from '../plan/plan-types.ts';
import { planRestore } from '../transaction/rollback.ts';
import { canHaveLladdr, maskStandIns } from './rehearse-mask.ts';
import type { StandIn } from './rehearse-stage.ts';
import type { LinkSetting, Scene } from './rehearse-types.ts';

/** A copy of a host in a scene. */
export interface Built {
  /** the scene as the host would show itself */
  readonly kernel: KernelPort;
  /** what it is a copy of, without what the kernel at hand knows nothing of */
  readonly target: State;
  /** what the kernel would not make, by refKey */
  readonly refusals: ReadonlyMap<string, string>;
}

/** Passes over what is still missing; the second is for what needs something that came late. */
const MOST_PASSES = 4;

/** Of a route that must be in nobody's way. */
const SCAFFOLD_METRIC = 0x7fff_fff0;
const SCOPE_LINK = 253;

const RTPROT_STATIC = 4;

const SETTINGS: readonly LinkSetting[] = [
  'promote_secondaries',
  'keep_addr_on_down',
  'disable_ipv6',
  'ignore_routes_with_linkdown',
];

const refusalText = ({ name, message }: KernelRefusal): string =>
  message === undefined ? name : `${name} "${message}"`;

const refused = async (kernel: KernelPort, op: Op): Promise<KernelRefusal | undefined> => {
  const [result] = await kernel.send([op]);
  return result === undefined || result.ok ? undefined : result.error;
};

/**
 * One pair: the end that is seen, and the one that gives it its carrier.
 * @returns what the kernel said where it made none
 */
const makeStandIn = async (
  { kernel, configure }: Scene,
  { shown, peer, peerIndex }: StandIn,
): Promise<KernelRefusal | undefined> => {
  const { name, index, mtu, txqlen, numtxqueues, numrxqueues } = shown;
  const bare: Link = { name, index, kind: 'veth', options: { peer, peerIndex } };
  const like: Link = {
    ...bare,
    ...(mtu === undefined ? {} : { mtu }),
    ...(txqlen === undefined ? {} : { txqlen }),
    ...(numtxqueues === undefined ? {} : { numtxqueues }),
    ...(numrxqueues === undefined ? {} : { numrxqueues }),
    ...(canHaveLladdr(shown) ? { lladdr: shown.lladdr as string } : {}),
  };
  // what hardware can be and a stand-in cannot (a large MTU, many queues) shows when the copy is compared
  let refusal: KernelRefusal | undefined;
  for (const object of [like, bare]) {
    refusal = await refused(kernel, { kind: 'link', action: 'create', object });
    if (refusal === undefined) break;
  }
  if (refusal !== undefined) return refusal;
  configure(peer, 'disable_ipv6', true);
  // down, it is a cable that is not plugged in
  if (shown.carrier === false && shown.state === 'up') return undefined;
  const before: Link = { name: peer, index: peerIndex, state: 'down' };
  const object: Link = { ...before, state: 'up' };
  await refused(kernel, { kind: 'link', action: 'update', object, before, stage: 'up', fields: ['state'] });
  return undefined;
};

/** Some kernels have no receive queues to speak of, older ones fewer limits: lo, which is everywhere, shows which. */
const withoutUnknownFields = (target: State, scene: State): State => {
  const isLo = ({ name }: Link) => name === 'lo';
  const known = scene.link.find(isLo) ?? {};
  const unknown = Object.keys(target.link.find(isLo) ?? {}).filter((field) => !(field in known));
  if (unknown.length === 0) return target;
  const strip = (link: Link): Link =>
    Object.fromEntries(Object.entries(link).filter(([field]) => !unknown.includes(field))) as unknown as Link;
  return { ...target, link: target.link.map(strip) };
};

/** Nothing in which a stand-in differs makes it worth making anew: nobody could. */
const keepStandIns = (target: State, standIns: readonly StandIn[], scene: State): State => {
  const made = new Map(scene.link.map((link) => [link.name, link]));
  const names = new Set(standIns.map(({ name }) => name));
  const keep = (link: Link): Link => {
    const { numtxqueues, numrxqueues } = (names.has(link.name) ? made.get(link.name) : undefined) ?? link;
    const { numtxqueues: _tx, numrxqueues: _rx, ...rest } = link;
    return {
      ...rest,
      ...(numtxqueues === undefined ? {} : { numtxqueues }),
      ...(numrxqueues === undefined ? {} : { numrxqueues }),
    };
  };
  return { ...target, link: target.link.map(keep) };
};

const setUp = ({ configure }: Scene, links: readonly Link[], present: ReadonlySet<string>): void => {
  for (const { name, conf } of links) {
    if (conf === undefined || !present.has(name)) continue;
    for (const setting of SETTINGS) configure(name, setting, conf[setting]);
  }
};

/** What all links of the host agree in is most likely what new ones begin with. */
const setDefaults = ({ configure }: Scene, links: readonly Link[]): void => {
  const confs = links.flatMap(({ conf }): readonly LinkConf[] => (conf === undefined ? [] : [conf]));
  for (const setting of SETTINGS)
    configure('default', setting, confs.length > 0 && confs.every((conf) => conf[setting]));
  // nobody else is there who could have the same address
  configure('default', 'accept_dad', false);
};

/** A route by which the gateway of another one is reached. */
const scaffoldFor = (route: Route): readonly Route[] =>
  route.hops.flatMap(({ via, dev }): readonly Route[] => {
    if (via === undefined || dev === undefined) return [];
    const family = familyOf(via);
    const inet6 = family === 'inet6';
    return [
      {
        family,
        to: `${via}/${inet6 ? 128 : 32}`,
        table: TABLE_MAIN,
        metric: SCAFFOLD_METRIC,
        tos: 0,
        type: 'unicast',
        protocol: RTPROT_STATIC,
        scope: inet6 ? 0 : SCOPE_LINK,
        hops: [{ dev, weight: 1 }],
      },
    ];
  });

/**
 * Adds a route whose gateway is not reachable any more. The kernel asks for that only when a route is added, so a host may
 * well have such a one: here it gets a way to its gateway for as long as it takes.
 */
const forceRoute = async (kernel: KernelPort, op: Op): Promise<KernelRefusal | undefined> => {
  const helpers = scaffoldFor(op.object as Route);
  const made: Route[] = [];
  for (const object of helpers)
    if ((await refused(kernel, { kind: 'route', action: 'create', object })) === undefined) made.push(object);
  const refusal = await refused(kernel, op);
  for (const object of made) await refused(kernel, { kind: 'route', action: 'delete', object });
  return refusal;
};

/** Sends all steps, whatever becomes of each. */
const sendAll = async (
  kernel: KernelPort,
  steps: readonly PlanStep[],
  onRefused: (op: Op, refusal: KernelRefusal) => Promise<void>,
): Promise<void> => {
  for (let start = 0; start < steps.length; ) {
    const { bundle } = steps[start] as PlanStep;
    let end = start + 1;
    while (end < steps.length && steps[end]?.bundle === bundle) end++;
    const ops = steps.slice(start, end).map(({ op }) => op);
    for (let sent = 0; sent < ops.length; ) {
      const results = await kernel.send(ops.slice(sent), { pipeline: bundle !== undefined });
      for (const [i, result] of results.entries()) if (!result.ok) await onRefused(ops[sent + i] as Op, result.error);
      sent += results.length;
    }
    start = end;
  }
};

/**
 * Makes a scene as a host is: stand-ins for its hardware, then everything else as a rollback to that state would.
 * @param host - what can be made of it; see planStage
 * @returns what came of it; the caller compares
 */
export const buildScene = async (
  scene: Scene,
  host: State,
  standIns: readonly StandIn[],
  renamesUp: boolean,
): Promise<Built> => {
  const target = withoutUnknownFields(host, await scene.kernel.dump({ kinds: ['link'] }));
  setDefaults(scene, target.link);
  const refusals = new Map<string, string>();
  for (const standIn of standIns) {
    const refusal = await makeStandIn(scene, standIn);
    if (refusal !== undefined) refusals.set(refKey('link', standIn.name), refusalText(refusal));
  }
  const kernel = maskStandIns(scene.kernel, standIns, renamesUp);
  setUp(scene, target.link, new Set(['lo', ...standIns.map(({ name }) => name)]));
  const goal = keepStandIns(target, standIns, await kernel.dump({ kinds: ['link'] }));
  const all: readonly Ref[] = KIND_NAMES.flatMap((kind) =>
    (goal[kind] as readonly never[]).map((object) => ({ kind, slot: kindOf(kind).slot(object) })),
  );
  const tried = new Set<string>();
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const plan = planRestore(goal, await kernel.dump(), all, { first: pass === 0, renamesUp });
    // what was refused once more, with all else in place, is refused for good
    const steps = plan.steps.filter(({ op, title }) => !tried.has(`${op.action} ${title}`));
    if (pass > 0) {
      if (steps.length === 0) break;
      for (const { op, title } of steps) tried.add(`${op.action} ${title}`);
    }
    await sendAll(kernel, steps, async (op, refusal) => {
      const key = refKey(op.kind, kindOf(op.kind).slot(op.object));
      const last = op.kind === 'route' && op.action === 'create' ? await forceRoute(kernel, op) : refusal;
      // what follows from the first refusal says less
      if (last === undefined) refusals.delete(key);
      else if (!refusals.has(key)) refusals.set(key, refusalText(last));
    });
  }
  const present = new Set((await kernel.dump({ kinds: ['link'] })).link.map(({ name }) => name));
  setUp(scene, target.link, present);
  return { kernel, target, refusals };
};
