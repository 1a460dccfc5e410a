import { uptime } from 'node:os';

/**
 * Milliseconds since boot, the time asleep included; no setting of the clock moves it. Ten milliseconds exact.
 * @see proc_uptime(5), which uv_uptime reads; CLOCK_BOOTTIME in clock_gettime(2)
 */
export const bootTime = (): number => Math.round(uptime() * 1000);
