import type { Desired, OnDrift } from '../../model/desired.ts';
import { isNetreconError, type NetreconError } from '../../model/errors.ts';
import { kindOf } from '../../model/kinds.ts';
import type { AnyObject, KindName } from '../../model/state.ts';
import type { ListSieve } from '../lists/list-sieve.ts';
import type { Plan, PlanChange } from '../plan/plan-types.ts';
import { missingLinks } from '../plan/waiting.ts';
import type { Outcome } from '../transaction/outcome.ts';
import { type ApplyOptions, applyDesired } from '../transaction/reconcile.ts';
import { BACKOFF } from './backoff.ts';
import { type Choice, createChoice, keysOf } from './choice.ts';
import { createDriftLog, type DriftLog } from './drift-log.ts';
import { createDriftPlanner } from './drift-planner.ts';
import type { EventBatch } from './event-tee.ts';
import type { ApplyTrigger } from './events.ts';
import { createInterest, type Interest, objectKey } from './interest.ts';
import { countObjects, createMirror, type Mirror } from './mirror.ts';
import { NexthopChoice } from './nexthop-choice.ts';
import { createRestraint, type Restraint } from './restraint.ts';
import { listManner, SAMPLE, sieveOf } from './route-passes.ts';
import { createSameWish } from './same-wish.ts';
import { dueAt, isFullDue, markDirty, markFull, markHeld, passDone, type Schedule, startSchedule } from './schedule.ts';
import { summariseError } from './summarise-error.ts';
import { objectOf, tellBulkDrift, tellDrift } from './tell-drift.ts';
import type { PassReport, WatchOptions, WatchPorts } from './watch-ports.ts';
import { createWitness, type Witness } from './witness.ts';

/** A failure that is no single object's. */
const HOST = '*';

/**
 * Keeps a namespace as the files say. It has no timer of its own: the caller asks `dueAt` and runs `pass` then, one at a
 * time. The caller holds the lock of the namespace and has dealt with an open record.
 */
export class Watcher {
  readonly #ports: WatchPorts;
  readonly #options: WatchOptions;
  readonly #restraint: Restraint;
  readonly #witness: Witness = createWitness();
  readonly #planner = createDriftPlanner();
  readonly #log: DriftLog;
  #schedule: Schedule;
  #desired: Desired;
  /** the same with the nexthop objects that they leave to netrecon */
  #wanted: Desired;
  #nexthops: NexthopChoice;
  /** the last files that the host took; what a bad edit falls back to */
  #good: Desired | undefined;
  #trigger: ApplyTrigger | undefined;
  #interest: Interest;
  /** of routes of lists that are as they should be, where the files have lists */
  #sieve: ListSieve | undefined;
  #mirror: Mirror;
  #listensToAll: boolean;
  #firstHeard: number | undefined;
  #isFirstLook = true;

  constructor(desired: Desired, ports: WatchPorts, options: WatchOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#desired = desired;
    this.#wanted = desired;
    this.#nexthops = new NexthopChoice(desired);
    this.#trigger = 'start';
    this.#restraint = createRestraint(BACKOFF, ports.random);
    this.#log = createDriftLog(ports.now, ports.tell);
    this.#schedule = startSchedule(ports.clock());
    this.#interest = createInterest(desired);
    this.#sieve = sieveOf(desired);
    this.#listensToAll = this.#sieve === undefined;
    this.#mirror = this.#openMirror();
  }

  /** the files in force */
  get desired(): Desired {
    return this.#desired;
  }

  get log(): DriftLog {
    return this.#log;
  }

  get restraint(): Restraint {
    return this.#restraint;
  }

  /** links that the files name and that are not there */
  get missing(): ReadonlySet<string> {
    const { known } = this.#mirror;
    return known === undefined ? new Set() : missingLinks(this.#desired, known, true);
  }

  /** how many objects were seen at the last look */
  get observed(): Readonly<Partial<Record<KindName, number>>> {
    return countObjects(this.#mirror);
  }

  /** when `pass` is to be called, on the ports' clock */
  get dueAt(): number {
    return dueAt(this.#schedule, this.#options.schedule);
  }

  close(): void {
    this.#mirror.close();
  }

  /** Puts other files in force: the next pass applies them, and goes back to the last good ones where it cannot. */
  use(desired: Desired, trigger: ApplyTrigger): void {
    this.#setDesired(desired);
    this.#trigger = trigger;
    this.#restraint.forgetFailures();
    this.#schedule = markFull(this.#schedule, this.#ports.clock());
  }

  /** Looks at everything with the next pass. */
  resync(reason: string): void {
    this.#log.tell({ type: 'resync', reason });
    this.#lookAtAll();
    this.#schedule = markFull(this.#schedule, this.#ports.clock());
  }

  /** The next pass believes nothing that an earlier one has found. */
  #lookAtAll(): void {
    this.#mirror.forget();
    this.#planner.forget();
  }

  #setDesired(desired: Desired): void {
    this.#desired = desired;
    this.#nexthops = new NexthopChoice(desired);
    this.#interest = createInterest(desired);
    this.#want(desired);
  }

  #want(wanted: Desired): void {
    this.#wanted = wanted;
    this.#sieve = sieveOf(wanted);
    this.#mirror.close();
    this.#mirror = this.#openMirror();
  }

  #openMirror(): Mirror {
    const { kinds } = this.#interest;
    const subscription = this.#ports.kernel.subscribe(kinds, { othersOnly: !this.#listensToAll });
    const sieve = this.#sieve === undefined ? {} : { sieve: this.#sieve };
    const mirror = createMirror(
      this.#ports.kernel,
      subscription,
      { kinds, othersOnly: !this.#listensToAll, ...sieve },
      {
        heard: (batch) => this.#heard(batch),
        looking: () => {
          const { dirty: _, ...rest } = this.#schedule;
          this.#schedule = rest;
          this.#firstHeard = undefined;
          // what comes after the first look of a pass may show in the next one only
          if (this.#isFirstLook) this.#witness.looks();
          this.#isFirstLook = false;
        },
      },
    );
    subscription.onReadable(() => {
      this.absorb();
      this.#ports.wake();
    });
    return mirror;
  }

  /** Reads the events that have come. A subscription that fails is opened anew, and everything looked at. */
  absorb(): void {
    try {
      this.#mirror.absorb();
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      this.#mirror.close();
      this.#mirror = this.#openMirror();
      this.resync(`the socket of the events failed: ${error.message}`);
    }
  }

  #heard({ events, overrun }: EventBatch): void {
    const now = this.#ports.clock();
    const own = this.#ports.kernel.portId;
    let due = false;
    for (const event of events) {
      if ((event.portId !== 0 && event.portId === own) || !this.#interest.concerns(event)) continue;
      const requester = event.portId === 0 ? undefined : this.#ports.identify(event.portId);
      this.#witness.saw(event, requester);
      const heldUntil = this.#heldUntil(event.kind, event.object);
      if (heldUntil <= now) due = true;
      else this.#schedule = markHeld(this.#schedule, heldUntil);
    }
    if (overrun) this.resync('messages of the kernel were lost (receive buffer overrun)');
    if (!due) return;
    this.#firstHeard ??= now;
    this.#schedule = markDirty(this.#schedule, now);
  }

  /** What waits for its turn is not looked at earlier because it has been undone once more. */
  #heldUntil(kind: KindName, object: AnyObject | undefined): number {
    if (object === undefined || kind === 'link' || kind === 'address') return 0;
    return this.#restraint.heldUntil(objectKey(kind, kindOf(kind).slot(object)));
  }

  #policy(kind: KindName): OnDrift {
    return this.#desired.onDrift[kind] ?? this.#options.onDrift;
  }

  /** Looks at what may have changed, and puts it right. Never throws what a host or a file can be the reason of. */
  async pass(): Promise<void> {
    const { clock, passed } = this.#ports;
    const startedAt = clock();
    const full = isFullDue(this.#schedule, startedAt);
    this.#isFirstLook = true;
    if (full) this.#lookAtAll();
    const heardAt = this.#firstHeard ?? startedAt;
    this.#firstHeard = undefined;
    const { fullAt, restUntil } = this.#schedule;
    this.#schedule = { fullAt, restUntil };
    const trigger = this.#trigger;
    const keep = (kind: KindName, key: string): boolean =>
      trigger !== undefined ||
      (this.#policy(kind) === 'correct' && this.#restraint.heldUntil(objectKey(kind, key)) <= startedAt);
    const choice = createChoice(keep);
    let status: PassReport['status'] = 'failed';
    let isTold = false;
    try {
      const wanted = await this.#nexthops.look(this.#mirror, sieveOf);
      if (wanted !== this.#wanted) this.#want(wanted);
      const outcome = await this.#apply(choice);
      status = outcome.status;
      isTold = this.#settle(outcome, choice, heardAt, trigger);
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      this.#failed(error, trigger);
    }
    if (!this.#listensToAll) this.#listenToAll();
    const endedAt = clock();
    if (choice.hasNews) this.#schedule = markDirty(this.#schedule, endedAt);
    // what could not be put right is explained again when it is
    else if (isTold && status !== 'rolledBack') this.#witness.forget(this.#mirror.known?.link);
    this.#forgetCalm(endedAt);
    const heardMeanwhile = this.#schedule.dirty;
    this.#schedule = {
      ...passDone({ startedAt, endedAt, full, ...this.#retryAt(endedAt) }, this.#schedule, this.#options.schedule),
      ...(heardMeanwhile === undefined ? {} : { dirty: heardMeanwhile }),
    };
    passed({ tookMs: endedAt - startedAt, full, status, sent: choice.sent });
  }

  #apply({ select, approve }: Choice): Promise<Outcome> {
    const { records, sleep, now } = this.#ports;
    const { protocolName, allowMassDelete } = this.#options;
    return applyDesired(
      this.#wanted,
      {
        kernel: this.#mirror,
        records,
        sleep,
        now,
        approve,
        asksNobody: true,
        safeguards: { whoIs: (portId) => this.#whoIs(portId) },
      },
      {
        protocolName,
        select,
        waitForLinks: this.#good !== undefined,
        // what new files ask for is an apply, which can be rolled back later
        recordAtomic: this.#trigger !== undefined,
        ...(allowMassDelete === undefined ? {} : { allowMassDelete }),
        ...this.#manner(),
      },
    );
  }

  #manner(): Pick<ApplyOptions, 'sample' | 'sieve' | 'burst' | 'planner' | 'listens' | 'routesAPass'> {
    // long lists go in bulk the first time; later, where very many routes are missing
    if (this.#sieve !== undefined && this.#good === undefined) return { sample: SAMPLE };
    const mayWait = () => this.#policy('route') !== 'correct' || this.#restraint.holdsAny('route', this.#ports.clock());
    if (this.#sieve !== undefined) return listManner(this.#sieve, () => this.#trigger !== undefined || !mayWait());
    // without lists, what the mirror knows of routes is all of them, and good until it hears otherwise
    return this.#trigger === undefined
      ? { sieve: null, planner: this.#planner.plan, listens: this.#interest.kinds }
      : {};
  }

  /**
   * During the first pass, each of a million routes that it makes would be heard of. From now on it hears of its own work as
   * well, and of what the kernel does by itself; where all is done, it looks at what it has missed.
   */
  #listenToAll(): void {
    this.#listensToAll = true;
    this.#mirror.close();
    this.#mirror = this.#openMirror();
    if (this.#good !== undefined) this.#schedule = markDirty(this.#schedule, this.#ports.clock());
  }

  #whoIs(portId: number): string {
    const by = this.#ports.identify(portId);
    return by === undefined ? `another program (netlink port ${portId})` : `${by.command}[${by.pid}]`;
  }

  /** @returns whether everything that was found has been told of */
  #settle(
    outcome: Outcome,
    { found, sent, left }: Choice,
    heardAt: number,
    trigger: ApplyTrigger | undefined,
  ): boolean {
    const tookMs = this.#ports.clock() - heardAt;
    const failed = outcome.status === 'rolledBack' || outcome.status === 'incomplete' ? outcome.failure : undefined;
    if (failed?.cause === 'foreign' && outcome.status === 'rolledBack') {
      this.#interfered(sent);
      return false;
    }
    if (failed !== undefined && this.#fallBack(failed.message, trigger)) return false;
    if (trigger !== undefined && failed === undefined)
      this.#log.tell({ type: 'applied', trigger, summary: sent.summary, tookMs });
    const corrected = keysOf(sent);
    tellDrift(this.#driftOf(found, trigger), found, {
      log: this.#log,
      witness: this.#witness,
      restraint: this.#restraint,
      now: this.#ports.clock(),
      done: ({ kind, key }) => {
        if (corrected.has(objectKey(kind, key))) return failed === undefined ? 'corrected' : 'failed';
        return this.#policy(kind) === 'report' ? 'reported' : 'held';
      },
      tookMs,
      ...(failed === undefined ? {} : { error: failed.message }),
    });
    if (trigger === undefined && failed === undefined) tellBulkDrift(sent, this.#log, this.#witness, tookMs);
    this.#trigger = undefined;
    if (failed === undefined) {
      this.#good = this.#desired;
      this.#log.recover('host');
      if (trigger !== undefined) this.#log.recover('files');
    } else {
      const op = failed.step?.op;
      const key = op === undefined ? HOST : objectKey(op.kind, kindOf(op.kind).slot(op.object));
      this.#restraint.count(key, this.#ports.clock(), true);
      this.#log.problem('host', failed.message);
    }
    this.#log.setOpen(failed === undefined ? left.changes : found.changes);
    return true;
  }

  /** Somebody was at work on the same objects at the same moment: that is no failure, and worth another try at once. */
  #interfered(sent: Plan): void {
    const now = this.#ports.clock();
    for (const key of keysOf(sent)) this.#restraint.count(key, now, false);
    this.#schedule = markDirty(this.#schedule, now);
  }

  /** New files that the host does not take: the last good ones stay in force. */
  #fallBack(message: string, trigger: ApplyTrigger | undefined): boolean {
    if (trigger === undefined || this.#good === undefined || this.#good === this.#desired) return false;
    this.#log.problem('files', message);
    this.#setDesired(this.#good);
    this.#trigger = undefined;
    this.#schedule = markFull(this.#schedule, this.#ports.clock());
    return true;
  }

  /** What of a plan is drift: all of it, unless it is there because the files are new. */
  #driftOf(plan: Plan, trigger: ApplyTrigger | undefined): readonly PlanChange[] {
    const { changes } = plan;
    if (trigger === undefined) return changes;
    if (this.#good === undefined) return [];
    const isSameWish = createSameWish(this.#good, this.#desired);
    return changes.filter((change) => isSameWish(change.kind, change.key, objectOf(change, plan)));
  }

  #failed(error: NetreconError, trigger: ApplyTrigger | undefined): void {
    const text = summariseError(error);
    if (this.#fallBack(text, trigger)) return;
    this.#restraint.count(HOST, this.#ports.clock(), true);
    this.#lookAtAll();
    this.#log.problem('host', text);
  }

  #forgetCalm(now: number): void {
    for (const object of this.#restraint.forgetCalm(now))
      if (object !== HOST) this.#log.tell({ type: 'fightOver', object });
  }

  #retryAt(now: number): { readonly retryAt?: number } {
    const times: number[] = [];
    for (const { kind, key } of this.#log.open.values()) {
      if (this.#policy(kind) === 'report') continue;
      times.push(this.#restraint.heldUntil(objectKey(kind, key)));
    }
    if (this.#log.hasProblem('host')) times.push(this.#restraint.heldUntil(HOST));
    const later = times.filter((time) => time > now);
    return later.length === 0 ? {} : { retryAt: Math.min(...later) };
  }
}
