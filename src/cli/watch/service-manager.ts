import { isNetreconError } from '../../model/errors.ts';
import { sendUnixDatagram } from '../../netlink/socket/unix-datagram.ts';

/** What the service manager is told. Every call does nothing where there is none. @see sd_notify(3) */
export interface ServiceManager {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  status(text: string): void;
  /** stops the watchdog's keep-alive */
  close(): void;
}

type Env = Readonly<Record<string, string | undefined>>;

/** How often systemd wants a sign of life: half of WATCHDOG_USEC. @see sd_watchdog_enabled(3) */
const watchdogMs = (env: Env, pid: number): number | undefined => {
  const period = Number(env.WATCHDOG_USEC);
  if (!Number.isFinite(period) || period <= 0) return undefined;
  if (env.WATCHDOG_PID !== undefined && Number(env.WATCHDOG_PID) !== pid) return undefined;
  return period / 2000;
};

/** @param onLost told once, where the manager's socket cannot be reached: no reason to stop working */
export const connectServiceManager = (env: Env, pid: number, onLost: (message: string) => void): ServiceManager => {
  const path = env.NOTIFY_SOCKET;
  let lost = false;
  const send = (...lines: readonly string[]): void => {
    if (path === undefined || path === '' || lost) return;
    try {
      sendUnixDatagram(path, lines.join('\n'));
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      lost = true;
      onLost(`cannot reach the service manager at ${path}: ${error.message}`);
    }
  };
  const oneLine = (text: string): string => text.replaceAll('\n', ' ');
  const period = watchdogMs(env, pid);
  // a timer of the event loop: where that hangs, no sign of life goes out
  const watchdog = period === undefined ? undefined : setInterval(() => send('WATCHDOG=1'), period);
  return {
    ready: (status) => send('READY=1', `STATUS=${oneLine(status)}`),
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => send('STOPPING=1'),
    status: (text) => send(`STATUS=${oneLine(text)}`),
    close: () => clearInterval(watchdog),
  };
};
