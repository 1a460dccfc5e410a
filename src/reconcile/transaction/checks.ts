import { NetreconError } from '../../model/errors.ts';
import type { Failure } from './outcome.ts';

/** What `--check` asks for. */
export type Check =
  | { readonly type: 'command'; readonly command: string }
  | { readonly type: 'ping'; readonly address: string }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'gateway' };

/** How one try of a check went. */
export type CheckResult =
  | { readonly passed: true }
  /** `final`: trying again leads nowhere (there is no such program); `cut`: it was not let to come to its own end */
  | { readonly passed: false; readonly why: string; readonly final?: boolean; readonly cut?: boolean };

const unusable = (text: string, why: string): NetreconError =>
  new NetreconError('NR_USAGE', `--check ${text}: ${why}`, {
    hint: "it is ping:ADDRESS, tcp:HOST:PORT, gateway, or a command for the shell ('true; gateway' for one of that name)",
  });

const parseTcp = (text: string): Check => {
  // the last colon parts the port from the host, which may be an IPv6 address, in brackets or not
  const match = /^tcp:(?:\[(?<inner>[^\]]+)\]|(?<host>.+)):(?<port>\d+)$/.exec(text);
  const host = match?.groups?.inner ?? match?.groups?.host;
  const port = Number(match?.groups?.port);
  if (host === undefined || !(port >= 1 && port <= 65535)) throw unusable(text, 'it is no host and port');
  return { type: 'tcp', host, port };
};

/**
 * Reads the value of one `--check`: `ping:ADDRESS`, `tcp:HOST:PORT`, `gateway`, else a command.
 * @throws {NetreconError} NR_USAGE
 */
export const parseCheck = (text: string): Check => {
  if (text.trim() === '') throw unusable("''", 'it is empty');
  if (text === 'gateway') return { type: 'gateway' };
  if (text.startsWith('tcp:')) return parseTcp(text);
  const ping = /^ping:([0-9a-fA-F.:]+(?:%[^\s]+)?)$/.exec(text);
  if (ping?.[1] !== undefined) return { type: 'ping', address: ping[1] };
  if (text.startsWith('ping:')) throw unusable(text, 'it is no address');
  return { type: 'command', command: text };
};

/** The check as it was written. */
const checkText = (check: Check): string => {
  switch (check.type) {
    case 'command':
      return check.command;
    case 'ping':
      return `ping:${check.address}`;
    case 'tcp':
      return `tcp:${check.host.includes(':') ? `[${check.host}]` : check.host}:${check.port}`;
    case 'gateway':
      return 'gateway';
  }
};

export interface CheckPorts {
  /** tries a check once; must end within `leftMs` */
  readonly attempt: (check: Check, leftMs: number) => Promise<CheckResult>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** milliseconds of any clock that does not jump */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

/** Between two tries of one check. */
const PAUSE_MS = 200;

const pursue = async (check: Check, deadline: number, ports: CheckPorts): Promise<string | undefined> => {
  let why: string | undefined;
  for (;;) {
    const result = await ports.attempt(check, Math.max(0, deadline - ports.clock()));
    if (result.passed) return undefined;
    if (ports.signal?.aborted === true) return 'interrupted';
    // an attempt that the end cut short tells less than one before it that came to its own end
    if (why === undefined || result.cut !== true) why = result.why;
    if (result.final === true || ports.clock() + PAUSE_MS >= deadline) return why;
    await ports.sleep(PAUSE_MS);
  }
};

/**
 * Runs the checks at the same time, each again and again until it passes once or the time is over: a network takes a
 * moment to come up.
 * @returns the failure that names each check that did not pass; undefined where all did
 */
export const runChecks = async (
  checks: readonly Check[],
  withinMs: number,
  ports: CheckPorts,
): Promise<Failure | undefined> => {
  const deadline = ports.clock() + withinMs;
  const reasons = await Promise.all(checks.map((check) => pursue(check, deadline, ports)));
  if (ports.signal?.aborted === true) return { cause: 'interrupted', message: 'interrupted by a signal' };
  const failed = checks.flatMap((check, i) =>
    reasons[i] === undefined ? [] : [`check \`${checkText(check)}\`: ${reasons[i]}`],
  );
  if (failed.length === 0) return undefined;
  return { cause: 'check', message: `${failed.join('; ')} (within ${withinMs / 1000} s)` };
};
