import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach } from 'node:test';
import { createContext } from '../../src/cli/context.ts';
import { withHost } from '../../src/cli/host.ts';
import { transactionPorts } from '../../src/cli/transact.ts';
import { kindOf } from '../../src/model/kinds.ts';
import type { Op } from '../../src/model/op.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { applyWorld } from '../../src/reconcile/world/apply-world.ts';
import type { ScopePort, WorldPort } from '../../src/reconcile/world/world-port.ts';
import type { TestCommand } from './command.ts';
import { type Fault, faultyPort, type Judge } from './fault-ports.ts';
import { assertBecomes, desiredOf, type IpView, ipView, NAMES } from './harness.ts';
import { mustRun } from './run-command.ts';
import { ipRun } from './support.ts';

/** Whether there is a namespace of that name. */
export const exists = (ns: string): boolean => existsSync(`/run/netns/${ns}`);

/** The namespaces of a test: the one at hand, one that is there with things of its own, and two that are not. */
export interface WorldNames {
  readonly root: string;
  readonly there: string;
  readonly fresh: string;
  readonly other: string;
}

export interface WorldScene {
  /** known once the test runs */
  readonly names: WorldNames;
  /** what iproute2 shows of the two that are there */
  views(): WorldViews;
  /** that both are as before, and the others gone */
  assertAsBefore(before: WorldViews, what: string): Promise<void>;
  /** Applies within this process. `judge` is asked of every operation in every namespace, `onMake` before one is made. */
  applyWith(yaml: string, judge: Judge, hooks?: WorldHooks): Promise<Outcome>;
}

export type WorldViews = Readonly<Record<'root' | 'there', IpView>>;

export interface WorldHooks {
  readonly onMake?: () => void;
  readonly onRemove?: () => void;
}

/** Namespaces for each test of a suite, which go at its end. Call it within `describe`. */
export const useWorld = (command: TestCommand): WorldScene => {
  const names = { root: '', there: '', fresh: '', other: '' };
  beforeEach(() => {
    const id = `nr-${process.pid}-${randomBytes(3).toString('hex')}`;
    Object.assign(names, { root: `${id}-root`, there: `${id}-there`, fresh: `${id}-fresh`, other: `${id}-other` });
    for (const ns of [names.root, names.there]) mustRun('ip', ['netns', 'add', ns]);
    ipRun(names.root, 'link set lo up', 'link add old type bridge', 'addr add 192.0.2.1/24 dev old');
    ipRun(
      names.there,
      'link set lo up',
      'link add a0 type veth peer name a1',
      // link-local addresses come when they like
      'link set a0 addrgenmode none up',
      'link set a1 addrgenmode none up',
      'addr add 10.3.0.1/24 dev a0',
      'route add 10.30.0.0/16 via 10.3.0.9',
    );
  });
  afterEach(() => {
    for (const ns of Object.values(names)) if (exists(ns)) mustRun('ip', ['netns', 'del', ns]);
  });
  return {
    names,
    views: () => ({ root: ipView(names.root), there: ipView(names.there) }),
    assertAsBefore: async (before, what) => {
      for (const ns of [names.fresh, names.other]) assert.equal(exists(ns), false, `${what}: ${ns} is gone`);
      await assertBecomes(names.there, before.there, `${what}: the namespace that was there`);
      await assertBecomes(names.root, before.root, `${what}: the namespace at hand`);
    },
    applyWith: (yaml, judge, hooks) => applyWith(command, names.root, yaml, judge, hooks),
  };
};

const applyWith = (
  command: TestCommand,
  netns: string,
  yaml: string,
  judge: Judge,
  { onMake = () => undefined, onRemove = () => undefined }: WorldHooks = {},
): Promise<Outcome> => {
  const options = { netns, stateDir: command.path('state'), format: 'text', color: 'never', verbose: 0 } as const;
  return withHost(createContext(process, options), async (host) => {
    const lock = host.state.lock('test', new Date());
    const real = host.openWorld?.('test') ?? assert.fail('no other namespaces');
    const abortion = new AbortController();
    const faults = { abort: () => abortion.abort() };
    const wrap = <T extends ScopePort>(port: T): T => ({ ...port, kernel: faultyPort(port.kernel, judge, faults) });
    const ports = new Map<string, ScopePort>();
    const keep = (name: string, port: ScopePort): ScopePort => {
      const kept = ports.get(name) ?? wrap(port);
      ports.set(name, kept);
      return kept;
    };
    const world: WorldPort = {
      ...real,
      open: (name) => {
        const port = real.open(name);
        return port === undefined ? undefined : keep(name, port);
      },
      create: (name, remember) => {
        onMake();
        return keep(name, real.create(name, remember));
      },
      remove: (name) => {
        onRemove();
        real.remove(name);
      },
    };
    try {
      const wish = await desiredOf(yaml);
      const ports = { ...wrap(transactionPorts(host)), world, signal: abortion.signal };
      return await applyWorld(wish, ports, { protocolName: NAMES.protocols.toName });
    } finally {
      real.close();
      lock.release();
    }
  });
};

/** A judge that lets something happen at the k-th operation of all namespaces together, and counts them. */
export const faultAtOperation = (k: number, fault: Fault): { readonly judge: Judge; readonly count: () => number } => {
  let count = 0;
  return { judge: () => (count++ === k ? fault : undefined), count: () => count };
};

/** Refuses operation `k`, and everything on the object that operation `j` of the rollback is about. */
export const refusalsAt = (k: number, j: number): Judge => {
  let index = 0;
  let barred: string | undefined;
  const keyOf = (op: Op): string => `${op.kind} ${kindOf(op.kind).slot(op.object)}`;
  return (op) => {
    const at = index++;
    if (at === k) return 'refused';
    if (at === k + 1 + j) barred = keyOf(op);
    return at > k && keyOf(op) === barred ? 'refused' : undefined;
  };
};

export const noFault: Judge = () => undefined;
