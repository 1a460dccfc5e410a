import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rollbackLast } from '../../src/reconcile/transaction/recover.ts';
import { until } from './command.ts';
import { openTestHost, sleep } from './harness.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

interface BridgeData {
  readonly ageing_time: number;
  readonly topology_change: number;
  readonly forward_delay: number;
  readonly root_port: number;
}

const bridgeData = (ns: string): BridgeData => {
  const [link] = ipJson<{ linkinfo: { info_data: BridgeData } }>(ns, 'link show br0');
  assert.ok(link);
  return link.linkinfo.info_data;
};

/** A topology change begins when a port forwards, after twice the delay, and ends with max_age and the delay. */
const untilTopologyChange = (ns: string, value: 0 | 1): Promise<void> =>
  until(() => bridgeData(ns).topology_change === value, `topology_change becomes ${value}`);

/** A bridge whose spanning tree begins to settle as fast as it may, once its port has a carrier, and then takes its time. */
const stateOf = (ageing: number, far: 'up' | 'down'): string => `version: 1
links:
  br0: {kind: bridge, bridge: {stp_state: 1, forward_delay: 200, max_age: 1000, ageing_time: ${ageing}}}
  v0: {kind: veth, veth: {peer: v1}, master: br0}
  v1: {state: ${far}}
`;

describe('a bridge whose spanning tree changes', () => {
  it('shows a passing ageing_time, which is neither drift nor kept by a rollback', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      try {
        assert.equal((await host.apply(stateOf(30000, 'down'))).status, 'applied');
        assert.equal((await host.apply(stateOf(40000, 'up'))).status, 'applied');
        await untilTopologyChange(ns, 1);
        assert.equal(bridgeData(ns).ageing_time, 400, 'twice the delay');
        const plan = await host.plan(stateOf(40000, 'up'));
        assert.deepEqual(
          plan.steps.map(({ title }) => title),
          [],
        );
        assert.deepEqual(
          plan.warnings.map(({ code, source }) => [code, source?.line]),
          [['NR_UNKNOWN_VALUE', 3]],
        );
        const ports = {
          kernel: host.kernel,
          records: host.records,
          approve: async () => true,
          sleep,
          now: Date.now,
        };
        assert.equal((await rollbackLast(ports)).status, 'applied');
        await untilTopologyChange(ns, 0);
        assert.equal(bridgeData(ns).ageing_time, 30000, 'what was there before the apply that was taken back');
        assert.equal((await host.plan(stateOf(30000, 'down'))).warnings.length, 0);
      } finally {
        host.close();
      }
    }));

  it('shows the times of the root, which are no drift', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      const state = `version: 1
links:
  br0: {kind: bridge, bridge: {stp_state: 1, forward_delay: 300, hello_time: 150, max_age: 700}}
  br1: {kind: bridge, bridge: {stp_state: 1, priority: 4096, forward_delay: 400, hello_time: 100, max_age: 800}}
  v0: {kind: veth, veth: {peer: v1}, master: br0}
  v1: {master: br1}
`;
      try {
        assert.equal((await host.apply(state)).status, 'applied');
        await until(() => bridgeData(ns).root_port !== 0, 'br0 hears of the root');
        assert.equal(bridgeData(ns).forward_delay, 400);
        const plan = await host.plan(state);
        assert.deepEqual(plan.steps, []);
        assert.ok(plan.warnings.every(({ code }) => code === 'NR_UNKNOWN_VALUE'));
        assert.equal(plan.warnings.filter(({ source }) => source?.line === 3).length, 3);
        ipRun(ns, 'link set v0 nomaster');
        assert.equal(bridgeData(ns).forward_delay, 300, 'its own again');
      } finally {
        host.close();
      }
    }));
});
