import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultyPort, type Judge } from './fault-ports.ts';
import { assertBecomes, ipView, openTestHost } from './harness.ts';
import { ipRun, lacksKind, withNamespace } from './support.ts';

const lacksVrf = await lacksKind('vrf');

/** Applies `yaml`, some operations of which are refused, and expects the namespace to be as it was. */
const expectAsBefore = async (ns: string, yaml: string, judge: Judge): Promise<readonly string[]> => {
  const host = openTestHost(ns);
  const sent: string[] = [];
  try {
    const before = ipView(ns);
    const outcome = await host.apply(yaml, {
      wrap: (kernel) =>
        faultyPort(kernel, (op, index) => {
          if (op.kind === 'address') sent.push(`${op.action} ${op.object.address}/${op.object.prefixlen}`);
          return judge(op, index);
        }),
    });
    assert.equal(outcome.status, 'rolledBack');
    await assertBecomes(ns, before, sent.join('\n'));
  } finally {
    host.close();
  }
  return sent;
};

describe('a rollback', () => {
  it('brings back the local routes of a link that joined a VRF while it was down', { skip: lacksVrf }, () =>
    withNamespace(async (ns) => {
      ipRun(ns, 'link add v0 type veth peer name v1', 'addr add 10.0.0.1/24 dev v0', 'addr add 10.0.0.2/24 dev v0');
      ipRun(ns, 'link add red type vrf table 500', 'link set red up');
      const sent = await expectAsBefore(ns, '{version: 1, links: {v0: {master: red, state: up}}}', (op) =>
        op.kind === 'link' && op.stage === 'up' ? 'refused' : undefined,
      );
      assert.ok(sent.includes('create 10.0.0.1/24'), 'the address is made anew');
    }),
  );

  it('puts no address in the place of another: cut short, it would leave it behind', () =>
    withNamespace(async (ns) => {
      ipRun(ns, 'link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up');
      ipRun(ns, 'addr add 10.0.0.1/24 dev v0', 'route add default via 10.0.0.254');
      let refused = false;
      const sent = await expectAsBefore(ns, '{version: 1, links: {v0: {addresses: [10.0.0.2/24]}}}', (op) => {
        if (refused || op.kind !== 'address' || op.action !== 'delete' || op.object.prefixlen !== 32) return undefined;
        refused = true;
        return 'refused';
      });
      assert.ok(sent.includes('create 10.0.0.2/32'), 'the apply does so');
      assert.ok(!sent.includes('create 10.0.0.1/32'), sent.join('\n'));
    }));

  it('brings back routes that went with a nexthop object, which a link took along that it had been moved to', () =>
    withNamespace(async (ns) => {
      for (const [link, peer, address] of [
        ['v0', 'v1', '10.0.0.1/24'],
        ['w0', 'w1', '10.1.0.1/24'],
      ] as const)
        ipRun(
          ns,
          `link add ${link} type veth peer name ${peer}`,
          `link set ${peer} up`,
          `addr add ${address} dev ${link}`,
        );
      ipRun(ns, 'link set v0 up', 'nexthop add id 6 via 10.0.0.9 dev v0', 'nexthop add id 7 group 6');
      ipRun(ns, 'route add 10.9.0.0/16 nhid 6', 'route add 10.8.0.0/16 nhid 7');
      await expectAsBefore(
        ns,
        `{version: 1, links: {w0: {state: up}}, nexthops: [{id: 6, via: 10.1.0.9, dev: w0, adopt: true}],
          routes: [{to: 10.7.0.0/16, type: blackhole}]}`,
        (op) => (op.kind === 'route' && op.object.type === 'blackhole' ? 'refused' : undefined),
      );
    }));
});
