import { constants } from 'node:os';

/** What the user or the system asks for while a transaction runs. SIGHUP: the terminal or the SSH session is gone. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 + the signal's number, once one has come; what a shell reports of a process that a signal ended */
  exitStatus(): number | undefined;
  /** stops listening */
  end(): void;
}

/**
 * Turns signals into an abort. Later ones are swallowed: nothing but SIGKILL may keep a rollback from its end.
 * @param onSignal told of each
 */
export const listenForSignals = (onSignal: (name: string, isFirst: boolean) => void): Interruption => {
  const controller = new AbortController();
  let status: number | undefined;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      onSignal(name, status === undefined);
      status ??= 128 + constants.signals[name];
      controller.abort();
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: controller.signal,
    exitStatus: () => status,
    end: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
};
