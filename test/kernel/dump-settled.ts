import assert from 'node:assert/strict';
import type { State } from '../../src/model/state.ts';
import { sleep, type TestHost } from './harness.ts';
import { PATIENCE_MS } from './support.ts';

/** An IPv6 address is there at once, and its local route when the kernel has time (addrconf_dad_work): then a dump is whole. */
export const dumpSettled = async (host: TestHost): Promise<State> => {
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    const state = await host.dump();
    const down = new Set(state.link.filter((link) => link.state === 'down').map(({ name }) => name));
    const missing = state.address.filter(
      ({ family, address, dev }) =>
        family === 'inet6' &&
        !down.has(dev) &&
        !state.route.some(({ type, to }) => (type === 'local' || type === 'anycast') && to === `${address}/128`),
    );
    if (missing.length === 0) return state;
    assert.ok(performance.now() < end, `no local route of ${missing.map(({ address }) => address)}`);
    await sleep(10);
  }
};
