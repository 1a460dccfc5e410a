import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { createTestCommand, killProcess, until } from './command.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const SESSION = '10.1.0.2 50000 10.1.0.1 22';
const command = createTestCommand({ SSH_CONNECTION: SESSION });
const { run, startOnTerminal } = command;

/** Takes away the address that the session comes in on. */
const CUTTING = command.file('cutting.yaml', 'version: 1\nlinks:\n  w0: {addresses: [10.2.0.1/24]}\n');

/** What `sshd` is to the drill: echoes. */
const SERVER = command.file(
  'server.cjs',
  `require('node:net').createServer((s) => { s.on('error', () => {}); s.pipe(s); }).listen(22, () => console.log('up'));`,
);

/** One session that must live on, and a new connection every 50 ms; says at which second each of them got an answer. */
const CLIENT = command.file(
  'client.cjs',
  `const { connect } = require('node:net');
const say = (what) => console.log(what + ' ' + process.uptime());
const session = connect(22, '10.1.0.1').on('error', (e) => say('lost:' + e.code)).on('data', () => say('session'));
setInterval(() => session.write('x'), 50);
setInterval(() => {
  const s = connect(22, '10.1.0.1').on('error', () => {}).on('connect', () => { say('new'); s.destroy(); });
  setTimeout(() => s.destroy(), 3000);
}, 50);`,
);

const startIn = (ns: string, script: string) => {
  const child = spawn('ip', ['netns', 'exec', ns, process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return { stop: () => child.kill('SIGKILL'), text: () => text };
};

/** Seconds at which something was said. */
const times = (text: string, what: string): readonly number[] =>
  [...text.matchAll(new RegExp(`^${what} ([0-9.]+)$`, 'gm'))].map((match) => Number(match[1]));

const longestGap = (moments: readonly number[]): number =>
  Math.max(...moments.slice(1).map((moment, i) => moment - (moments[i] as number)));

/** A host that is administered over w0, and the machine that the administrator is at. */
const withSession = (drill: (host: string, away: string) => Promise<void> | void) =>
  withNamespace((host) =>
    withNamespace((away) => {
      ipRun(host, `link add w0 type veth peer name w1 netns ${away}`, 'link set w0 up', 'addr add 10.1.0.1/24 dev w0');
      ipRun(away, 'link set w1 up', 'addr add 10.1.0.2/24 dev w1');
      return drill(host, away);
    }),
  );

describe('the lockout drill', () => {
  it('ends by itself although the terminal has died, soon after the time is over', () =>
    withSession(async (host, away) => {
      const server = startIn(host, SERVER);
      await until(() => server.text().includes('up'), 'the server runs');
      const client = startIn(away, CLIENT);
      try {
        await until(() => times(client.text(), 'session').length > 3, 'the session stands');
        const isCut = () => !JSON.stringify(ipJson(host, 'addr show dev w0')).includes('10.1.0.1');
        const apply = startOnTerminal(host, 'apply', CUTTING, '--yes', '--confirm', '10');
        await until(
          () => /It is reverted in 10 s/.test(apply.text()),
          () => apply.text(),
        );
        assert.ok(isCut(), 'the file cuts the link');
        // script(1) is the terminal: its death hangs up the session of the apply
        killProcess(apply.child.pid as number, 'SIGKILL');
        await until(() => !isCut(), 'it is reverted');
        const answered = times(client.text(), 'new').length;
        await until(() => times(client.text(), 'new').length > answered + 3, 'the link works again');
        const gap = longestGap(times(client.text(), 'new'));
        // the client is late to tell of its last answer where others have the processor, or of its first
        assert.ok(gap > 5, `the file cut the link for ${gap} s`);
        assert.ok(gap < 30, `the link was cut for ${gap} s`);
        const echoes = times(client.text(), 'session').length;
        await until(() => times(client.text(), 'session').length > echoes, 'the old session goes on');
        assert.doesNotMatch(client.text(), /lost/);
        console.log(`# lockout: the link was cut for ${gap.toFixed(2)} s with --confirm 10`);
      } finally {
        client.stop();
        server.stop();
      }
    }));
});

describe('the path of the session', () => {
  it('is guarded: what may cut it needs --confirm or --force', () =>
    withSession((host) => {
      const plan = run(host, 'plan', CUTTING);
      assert.equal(plan.status, 0);
      assert.match(
        plan.stderr,
        /warning NR_MANAGEMENT_PATH: step \d+, delete address 10\.1\.0\.1\/24 dev w0: address 10\.1\.0\.1 goes, which your session from 10\.1\.0\.2 depends on/,
      );
      const refused = run(host, 'apply', CUTTING, '--yes');
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /^error NR_MANAGEMENT_PATH: [^\n]*\n {2}hint: give --confirm/m);
      assert.equal(run(host, 'plan', '--detailed-exitcode', CUTTING).status, 2, 'nothing was changed');
      assert.equal(run(host, 'apply', CUTTING, '--yes', '--force').status, 0);
    }));

  it('leaves alone what does not interrupt it', () =>
    withSession((host) => {
      const harmless = command.file(
        'harmless.yaml',
        'version: 1\nlinks:\n  w0: {mtu: 1400, addresses: [10.1.0.1/24, 10.2.0.1/24]}\nroutes:\n  - {to: default, via: 10.1.0.2}\n',
      );
      const { status, stderr } = run(host, 'apply', harmless, '--yes');
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stderr, /NR_MANAGEMENT_PATH/);
    }));
});
