import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ipView } from './harness.ts';
import { ipJson, ipRun } from './support.ts';
import { type Daemon, eventually, withWatch } from './watch-support.ts';

const STATE = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, lladdr: '02:00:00:00:01:00', mtu: 1400, addresses: [10.0.0.1/24, {address: 2001:db8::1/64, nodad: true}]}
  v1: {kind: veth, veth: {peer: v0}, lladdr: '02:00:00:00:01:01'}
  br0: {kind: bridge, lladdr: '02:00:00:00:01:02'}
  x0: {kind: veth, veth: {peer: x1}, lladdr: '02:00:00:00:01:03', master: br0}
  x1: {kind: veth, veth: {peer: x0}, lladdr: '02:00:00:00:01:04'}
routes:
  - {to: 10.20.0.0/16, via: 10.0.0.254}
  - {to: 10.21.0.0/16, via: 10.0.0.254, table: 100}
rules:
  - {priority: 1000, from: 10.0.0.0/24, table: 100}
neighbors:
  - {to: 10.0.0.5, lladdr: "02:00:00:00:00:05", dev: v0}
`;

/** Waits until the namespace is as it was, and everything heard has been dealt with. */
const repaired = (ns: string, wanted: unknown) =>
  eventually('the repair', () => isDeepStrictEqual(ipView(ns, 'asked'), wanted)).catch(() =>
    assert.deepEqual(ipView(ns, 'asked'), wanted),
  );

interface Case {
  readonly what: string;
  readonly ip: string;
  readonly title: RegExp;
  /** who or why */
  readonly cause: RegExp;
  readonly was?: string;
}

const BY_IP = /^(ip\[\d+\]|port \d+ \(its process has ended, or is hidden\)) (deleted|changed|added) it$/;

const CASES: readonly Case[] = [
  { what: 'a route deleted', ip: 'route del 10.20.0.0/16', title: /^route 10\.20/, cause: BY_IP },
  {
    what: 'a route changed',
    ip: 'route replace 10.20.0.0/16 via 10.0.0.253',
    title: /^route 10\.20/,
    cause: BY_IP,
    was: 'changed',
  },
  {
    what: 'an address deleted',
    ip: 'addr del 2001:db8::1/64 dev v0',
    title: /^address 2001/,
    cause: /^deleted; the kernel does not tell/,
  },
  { what: 'an address added', ip: 'addr add 10.9.0.1/24 dev v0', title: /^address 10\.9/, cause: BY_IP, was: 'added' },
  { what: 'a rule deleted', ip: 'rule del pref 1000', title: /^rule/, cause: BY_IP },
  { what: 'a neighbor deleted', ip: 'neigh del 10.0.0.5 dev v0', title: /^neighbor/, cause: BY_IP },
  {
    what: 'a neighbor changed',
    ip: 'neigh replace 10.0.0.5 lladdr 02:00:00:00:00:06 dev v0',
    title: /^neighbor/,
    cause: BY_IP,
    was: 'changed',
  },
  {
    what: 'a link attribute changed',
    ip: 'link set v0 mtu 1450',
    title: /^link v0/,
    cause: /the kernel does not tell/,
    was: 'changed',
  },
  {
    what: 'a master taken away',
    ip: 'link set x0 nomaster',
    title: /^link x0/,
    cause: /link x0 changed its master/,
    was: 'changed',
  },
  {
    what: 'a link set down: it',
    ip: 'link set v0 down',
    title: /^link v0/,
    cause: /link v0 went down/,
    was: 'changed',
  },
  {
    what: 'a link set down: its silent routes',
    ip: 'link set v0 down',
    title: /^route 10\.21/,
    cause: /^kernel: link v0 went down$/,
  },
  { what: 'a veth peer deleted: it', ip: 'link del v1', title: /^link v0/, cause: /link v0 was deleted/ },
  {
    what: 'a veth peer deleted: its addresses',
    ip: 'link del v1',
    title: /^address 10\.0/,
    cause: /^kernel: link v0 (was deleted|went down)/,
  },
  { what: 'a master deleted', ip: 'link del br0', title: /^link br0/, cause: /link br0 was deleted/ },
  {
    what: 'the last address deleted: its silent routes',
    ip: 'addr del 10.0.0.1/24 dev v0',
    title: /^route 10\.20/,
    cause: /^kernel: address 10\.0\.0\.1\/24 was deleted from v0/,
  },
];

describe('watch: drift', () => {
  it('is put right and explained, whatever it is', () =>
    withWatch(STATE, async (ns, daemon) => {
      const wanted = ipView(ns, 'asked');
      for (const { what, ip, title, cause, was = 'deleted' } of CASES) {
        const after = daemon.events.length;
        ipRun(ns, ip);
        // a link that goes is closed first: of that the watch may hear, and tell, before
        const found = () =>
          daemon.events
            .slice(after)
            .filter((one) => one.type === 'drift')
            .find((one) => title.test(one.title) && one.was === was && cause.test(one.cause));
        const event = await eventually(`${what}: an event ${was}, ${cause}`, found).catch((error: unknown) =>
          assert.fail(`${error} ${JSON.stringify(daemon.events.slice(after))}`),
        );
        assert.ok(event.done === 'corrected' || event.done === 'held', `${what}: ${event.done} ${event.error}`);
        await repaired(ns, wanted).catch((error: unknown) =>
          assert.fail(`${what}: ${error} ${JSON.stringify(daemon.events.slice(after))}`),
        );
        if (was === 'changed') assert.ok(event.fields.length > 0, `${what}: from what to what`);
      }
      const named = daemon.events.filter((event) => event.type === 'drift' && event.by?.command === 'ip');
      assert.ok(named.length > 0, 'the ip process is named');
      const status = daemon.status();
      assert.equal(status.problems.length, 0);
      assert.equal(daemon.run('plan', daemon.path, '--detailed-exitcode').status, 0);
      assert.equal(await daemon.stop(), 0);
      assert.deepEqual(ipView(ns, 'asked'), wanted, 'SIGTERM leaves the network as desired');
    }));

  it('of what the files do not name costs no correction', () =>
    withWatch(STATE, async (ns, daemon) => {
      const after = daemon.events.length;
      ipRun(
        ns,
        'route add 10.99.0.0/16 via 10.0.0.254 proto bird',
        'link add f0 type bridge',
        'rule add pref 77 table 7',
      );
      // told after all that came before it
      ipRun(ns, 'route del 10.20.0.0/16');
      await eventually('the drift behind them', () => daemon.drift(/^route 10\.20/, after));
      assert.equal(daemon.events.length, after + 1, JSON.stringify(daemon.events.slice(after)));
      assert.equal(ipJson(ns, 'route show proto bird').length, 1);
      assert.equal(daemon.run('status').status, 0);
    }));

  it('is only reported where that is asked for, for all or for a section', () =>
    withWatch(
      `${STATE}on_drift: {rules: correct}\n`,
      async (ns, daemon) => {
        ipRun(ns, 'route del 10.20.0.0/16', 'rule del pref 1000');
        const rule = await eventually('the rule', () => daemon.drift(/^rule/));
        const route = await eventually('the route', () => daemon.drift(/^route/));
        assert.deepEqual([rule.done, route.done], ['corrected', 'reported']);
        assert.equal(ipJson(ns, 'route show 10.20.0.0/16').length, 0);
        const status = daemon.run('status');
        assert.equal(status.status, 2);
        assert.match(status.stdout, /^not in sync since .*\n(?:.*\n)*drifted route 10\.20\.0\.0\/16/);
        ipRun(ns, 'route add 10.20.0.0/16 via 10.0.0.254 proto 110');
        await eventually('sync', () => daemon.status().inSync);
      },
      ['--on-drift', 'report'],
    ));
});

const SMALL = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
`;
const WITH_ROUTE = `${SMALL}routes: [{to: 10.5.0.0/16, via: 10.0.0.254}]\n`;
const hasRoute = (ns: string) => ipJson(ns, 'route show 10.5.0.0/16').length === 1;

const isBroken = (daemon: Daemon) => daemon.status().problems.some(({ what }) => what === 'files');

describe('watch: files', () => {
  it('are followed through every way to replace them, and a bad edit changes nothing', () =>
    withWatch(SMALL, async (ns, daemon) => {
      writeFileSync(daemon.path, WITH_ROUTE);
      await eventually('an edit', () => hasRoute(ns));
      writeFileSync(daemon.path, `${WITH_ROUTE}rules: [{prio`);
      await eventually('a broken file in the status', () => isBroken(daemon));
      assert.ok(hasRoute(ns));
      ipRun(ns, 'route del 10.5.0.0/16');
      await eventually('a correction meanwhile', () => hasRoute(ns));
      writeFileSync(`${daemon.path}.new`, SMALL);
      renameSync(`${daemon.path}.new`, daemon.path);
      await eventually('a rename over it, and the recovery', () => !hasRoute(ns) && daemon.status().inSync);
      rmSync(daemon.path);
      await eventually('a deletion in the status', () => isBroken(daemon));
      assert.equal(ipJson(ns, 'addr show dev v0').length, 1);
      // as Kubernetes does with a ConfigMap
      mkdirSync(join(daemon.folder, '..one'));
      writeFileSync(join(daemon.folder, '..one/state.yaml'), WITH_ROUTE);
      symlinkSync('..one', join(daemon.folder, '..data'));
      symlinkSync('..data/state.yaml', daemon.path);
      await eventually('a link to it', () => hasRoute(ns));
      mkdirSync(join(daemon.folder, '..two'));
      writeFileSync(join(daemon.folder, '..two/state.yaml'), SMALL);
      symlinkSync('..two', join(daemon.folder, '..tmp'));
      renameSync(join(daemon.folder, '..tmp'), join(daemon.folder, '..data'));
      await eventually('a link that is swapped', () => !hasRoute(ns));
      // what the host does not take: the gateway is in no subnet
      rmSync(daemon.path);
      writeFileSync(daemon.path, `${SMALL}routes: [{to: 10.6.0.0/16, via: 192.0.2.9}]\n`);
      await eventually('an unusable file in the status', () => isBroken(daemon));
      ipRun(ns, 'addr del 10.0.0.1/24 dev v0');
      await eventually('a correction by the last good file', () =>
        /10\.0\.0\.1/.test(JSON.stringify(ipJson(ns, 'addr show dev v0'))),
      );
      assert.equal(await daemon.stop(), 0);
    }));

  it('may name lists, which are followed too; SIGHUP reads everything again', () =>
    withWatch(SMALL, async (ns, daemon) => {
      const list = join(daemon.folder, 'list.txt');
      writeFileSync(list, '10.5.0.0/16\n');
      writeFileSync(daemon.path, `${SMALL}routes: [{to_file: list.txt, via: 10.0.0.254}]\n`);
      await eventually('a list', () => hasRoute(ns));
      writeFileSync(list, '10.7.0.0/16\n');
      await eventually('another list', () => !hasRoute(ns) && ipJson(ns, 'route show 10.7.0.0/16').length === 1);
      ipRun(ns, 'route del 10.7.0.0/16');
      await eventually('a correction of a listed route', () => daemon.drift(/^route 10\.7\.0\.0/));
      assert.equal(ipJson(ns, 'route show 10.7.0.0/16').length, 1);
      daemon.process.kill('SIGHUP');
      await eventually('a reload', () =>
        daemon.events.some((event) => event.type === 'applied' && event.trigger === 'reload'),
      );
    }));

  it('may name links that come later', () =>
    withWatch(
      `${SMALL}  late0: {optional: true, mtu: 1300, addresses: [10.1.0.1/24]}\nroutes: [{to: 10.5.0.0/16, via: 10.1.0.9}]\n`,
      async (ns, daemon) => {
        assert.deepEqual(daemon.status().waitingFor, ['late0']);
        ipRun(ns, 'link add late0 type veth peer name late1');
        await eventually('its configuration', () => hasRoute(ns));
        assert.equal(ipJson<{ mtu: number }>(ns, 'link show dev late0')[0]?.mtu, 1300);
        ipRun(ns, 'link del late0');
        await eventually('waiting again', () => daemon.status().waitingFor[0] === 'late0');
        ipRun(ns, 'addr del 10.0.0.1/24 dev v0');
        await eventually('the rest stays healthy', () =>
          /10\.0\.0\.1/.test(JSON.stringify(ipJson(ns, 'addr show dev v0'))),
        );
      },
    ));
});

describe('watch: a fight on a host where nothing else happens', () => {
  it('is over, and the object there, soon after the other side gave up', () =>
    withWatch(WITH_ROUTE, async (ns, daemon) => {
      while (!daemon.events.some(({ type }) => type === 'fight')) {
        await eventually('a correction', () => hasRoute(ns));
        ipRun(ns, 'route del 10.5.0.0/16');
      }
      // it is held by now, and nothing but its time wakes the watch
      await eventually('the route', () => hasRoute(ns));
    }));
});

describe('watch: operation', () => {
  it('writes no record of what happens or does not', () =>
    withWatch(WITH_ROUTE, async (ns, daemon) => {
      const [folder] = readdirSync(join(daemon.folder, 'state'));
      const written = () => statSync(join(daemon.folder, 'state', folder as string, 'record')).mtimeMs;
      const before = written();
      ipRun(ns, 'route del 10.5.0.0/16');
      await eventually('the correction', () => daemon.drift(/^route/));
      assert.equal(written(), before);
      // the route goes with the last address: two operations
      ipRun(ns, 'addr del 10.0.0.1/24 dev v0');
      await eventually('both corrections', () => daemon.drift(/^address/) !== undefined && hasRoute(ns));
      assert.notEqual(written(), before);
    }));

  it('keeps no more privileges than it needs', () =>
    withWatch(SMALL, async (_ns, daemon) => {
      const status = readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8');
      // CAP_NET_ADMIN, and CAP_SYS_ADMIN to enter the namespace
      assert.match(status, /^CapEff:\s*0*201000$/m);
      assert.match(status, /^CapBnd:\s*0*201000$/m);
    }));

  it('keeps others out, answers on a private socket, and writes its history', () =>
    withWatch(SMALL, async (ns, daemon) => {
      assert.equal(daemon.run('apply', daemon.path, '--yes').status, 6);
      const [folder] = readdirSync(join(daemon.folder, 'state'));
      const socket = join(daemon.folder, 'state', folder as string, 'watch.sock');
      assert.equal(statSync(socket).mode & 0o777, 0o600);
      ipRun(ns, 'addr del 10.0.0.1/24 dev v0');
      await eventually('the correction', () => daemon.drift(/^address/));
      await daemon.stop();
      const history = daemon.run('history');
      assert.match(
        history.stdout,
        /applied the files at the start .*\n.*drift address 10\.0\.0\.1\/24 dev v0 was gone/,
      );
      assert.equal(daemon.run('history', '-n', '1', '--format', 'json').stdout.split('\n').length, 2);
      const gone = daemon.run('status');
      assert.equal(gone.status, 1);
      assert.match(gone.stderr, /NR_NO_WATCH/);
      assert.ok(existsSync(daemon.path));
    }));

  it('puts everything back at the end where that is asked for', () =>
    withWatch(
      SMALL,
      async (ns, daemon) => {
        ipRun(ns, 'addr del 10.0.0.1/24 dev v0');
        await eventually('the correction', () => daemon.drift(/^address/));
        assert.equal(await daemon.stop(), 0);
        assert.equal(ipJson(ns, 'link').length, 1, 'nothing but lo');
      },
      ['--revert-on-exit'],
    ));
});
