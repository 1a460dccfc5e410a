import { constants } from 'node:os';

/** What the user or the system asks for while a transaction runs. SIGHUP: the terminal or the SSH session is gone. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 + the signal's number, once one has come; what a shell reports of a process that a signal ended */
  exitStatus(): number | undefined;
  /** from now on this one is told of each signal, and whether it is the first; nobody else is */
  tell(onSignal: (name: string, isFirst: boolean) => void): void;
  /** stops listening */
  end(): void;
}

/** Turns signals into an abort. Later ones are swallowed: nothing but SIGKILL may keep a rollback from its end. */
export const listenForSignals = (): Interruption => {
  const controller = new AbortController();
  let status: number | undefined;
  let told: Parameters<Interruption['tell']>[0] | undefined;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      told?.(name, status === undefined);
      status ??= 128 + constants.signals[name];
      controller.abort();
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: controller.signal,
    exitStatus: () => status,
    tell: (onSignal) => {
      told = onSignal;
    },
    end: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
};
