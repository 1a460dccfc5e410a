import { type PollHandle, pollReadable } from './libc.ts';

/** Tells once when a descriptor has something to read. */
export interface Poller {
  /** Calls back once, from the event loop; arming an armed poller replaces its callback. Keeps the process alive meanwhile. */
  arm(callback: () => void): void;
  disarm(): void;
  /** Must be called before the descriptor is closed. */
  close(): void;
}

/**
 * A poller on a descriptor. The handle is stopped at every event and started again by `arm`: libuv reports level-triggered,
 * so a reader that puts its work off would be called in a busy loop; and when a netlink socket overruns (POLLERR), libuv
 * calls back with status -EBADF and stops the handle by itself. Either way the reader looks, and arms it anew.
 */
export const createPoller = (fd: number): Poller => {
  let handle: PollHandle | undefined;
  let waiting: (() => void) | undefined;

  const disarm = (): void => {
    if (waiting === undefined) return;
    waiting = undefined;
    handle?.stop();
  };
  const onEvent = (): void => {
    const callback = waiting;
    disarm();
    callback?.();
  };

  return {
    arm: (callback) => {
      const armed = waiting !== undefined;
      waiting = callback;
      if (handle === undefined) handle = pollReadable(fd, onEvent);
      else if (!armed) handle.start({ readable: true }, onEvent);
    },
    disarm,
    close: () => {
      disarm();
      handle?.close();
      handle = undefined;
    },
  };
};
