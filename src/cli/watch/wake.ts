/** A sleep that can be cut short. */
export interface Wake {
  /** Resolves after that many milliseconds, or when `up` is called; at once where it was called since the last sleep. */
  sleep(milliseconds: number): Promise<void>;
  up(): void;
}

/** setTimeout takes no more. */
const LONGEST = 0x7fffffff;

export const createWake = (): Wake => {
  let isUp = false;
  let rise: (() => void) | undefined;
  return {
    sleep: (milliseconds) => {
      if (isUp) {
        isUp = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          rise = undefined;
          resolve();
        };
        const timer = setTimeout(end, Math.min(milliseconds, LONGEST));
        rise = end;
      });
    },
    up: () => {
      if (rise === undefined) isUp = true;
      else rise();
    },
  };
};
