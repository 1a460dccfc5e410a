import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from './watch-support.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SYSTEMD = '/lib/systemd/systemd';
const UNIT = 'netrecon-watch.service';

/** A second systemd beside a running one would meddle with its control groups: the lab has neither. */
const lacking = !existsSync(SYSTEMD)
  ? `kernel lacks ${SYSTEMD} beside it`
  : existsSync('/sys/fs/cgroup') && readdirSync('/sys/fs/cgroup').length > 0
    ? 'kernel lacks control groups that nobody uses (a lab kernel has them)'
    : false;

const stateOf = (addresses: string): string => `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [${addresses}]}
  v1: {kind: veth, veth: {peer: v0}}
`;

/** The targets that the unit and systemd itself ask for; none of the host's own units is loaded. */
const TARGETS = ['sysinit', 'basic', 'shutdown', 'network-pre', 'network', 'lab'];

/** First process of namespaces of its own: everything that systemd could write to is a copy or read-only. */
const initText = (lab: string): string => `
mount --make-rprivate /
mount -t proc proc /proc
mount --bind '${ROOT}' '${lab}/repo'
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=lab SYSTEMD_UNIT_PATH='${lab}/units' \
  ${SYSTEMD} --system --unit=lab.target --log-target=kmsg --show-status=no
`;

/** Where the test differs from the unit file: what is not installed, and times that nobody waits for. */
const dropInText = (lab: string): string => `[Service]
ExecStart=
ExecStart=${process.execPath} ${lab}/repo/bin/netrecon watch ${lab}/state.yaml --format json
StandardOutput=append:${lab}/log
StandardError=append:${lab}/log
WatchdogSec=15
TimeoutAbortSec=1
RestartSec=0
`;

interface Machine {
  /** runs a command beside systemd, and returns what it prints */
  run(...command: readonly string[]): string;
  systemctl(...args: readonly string[]): string;
  property(name: string): string;
  ip(line: string): string;
}

const MOST_MS = 300_000;

/** Puts into `folder` what the machine starts from, and starts it. */
const startMachine = (folder: string): ChildProcess => {
  mkdirSync(join(folder, `units/${UNIT}.d`), { recursive: true });
  mkdirSync(join(folder, 'repo'));
  for (const name of TARGETS)
    writeFileSync(join(folder, `units/${name}.target`), `[Unit]\nDescription=${name}\nDefaultDependencies=no\n`);
  copyFileSync(join(ROOT, 'systemd', UNIT), join(folder, 'units', UNIT));
  writeFileSync(join(folder, `units/${UNIT}.d/lab.conf`), dropInText(folder));
  writeFileSync(join(folder, 'state.yaml'), stateOf('10.0.0.1/24'));
  writeFileSync(join(folder, 'init.sh'), initText(folder));
  const unshare = [
    '--fork',
    '--pid',
    '--mount',
    '--net',
    '--ipc',
    '--uts',
    '--kill-child',
    'sh',
    join(folder, 'init.sh'),
  ];
  return spawn('unshare', unshare, { stdio: 'ignore' });
};

/** The machine once its systemd is ready. */
const enterMachine = async (child: ChildProcess): Promise<Machine> => {
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  // empty until unshare has forked
  const init = await eventually('the first process', () => /\d+/.exec(readFileSync(children, 'latin1'))?.[0]);
  const run = (...command: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync('nsenter', ['-t', init, '-m', '-p', '-n', '-i', '-u', ...command], {
      encoding: 'utf8',
      timeout: MOST_MS,
    });
    assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  await eventually('systemd', () => {
    const command = ['-t', init, '-m', '-p', 'systemctl', 'is-active', 'lab.target'];
    return spawnSync('nsenter', command, { timeout: MOST_MS }).status === 0;
  });
  const systemctl = (...args: readonly string[]) => run('systemctl', ...args);
  const property = (name: string) => systemctl('show', UNIT, '--value', '-p', name);
  return { run, systemctl, property, ip: (line) => run('ip', ...line.split(' ')) };
};

describe('the unit file under a real systemd', { skip: lacking }, () => {
  let machine: Machine;
  let child: ChildProcess | undefined;
  let folder: string;
  before(async () => {
    folder = mkdtempSync('/run/netrecon-systemd-');
    child = startMachine(folder);
    machine = await enterMachine(child);
  });
  after(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is ready once its files are in force, and keeps CAP_NET_ADMIN alone', () => {
    machine.systemctl('start', UNIT);
    assert.equal(machine.property('ActiveState'), 'active');
    assert.match(machine.property('StatusText'), /^in sync since/);
    assert.match(machine.ip('-br addr show v0'), /10\.0\.0\.1\/24/);
    const status = machine.run('cat', `/proc/${machine.property('MainPID')}/status`);
    assert.match(status, /^CapEff:\s*0*1000$/m);
    assert.match(status, /^CapBnd:\s*0*1000$/m);
    assert.match(status, /^NoNewPrivs:\s*1$/m);
    assert.match(status, /^Seccomp:\s*2$/m);
  });

  it('corrects drift', async () => {
    machine.ip('addr del 10.0.0.1/24 dev v0');
    await eventually('the correction', () => /10\.0\.0\.1\/24/.test(machine.ip('-br addr show v0')));
    await eventually('the event', () => /"type":"drift".*10\.0\.0\.1/.test(readFileSync(join(folder, 'log'), 'utf8')));
  });

  it('reloads', async () => {
    writeFileSync(join(folder, 'state.yaml'), stateOf('10.0.0.1/24, 10.2.0.1/24'));
    machine.systemctl('reload', UNIT);
    await eventually('the new address', () => /10\.2\.0\.1\/24/.test(machine.ip('-br addr show v0')));
    await eventually('active again', () => machine.property('SubState') === 'running');
  });

  it('is started again by the watchdog where it hangs', async () => {
    const hung = machine.property('MainPID');
    const restarts = Number(machine.property('NRestarts'));
    machine.systemctl('kill', '--kill-whom=main', '--signal=SIGSTOP', UNIT);
    await eventually(
      'another process',
      () => Number(machine.property('NRestarts')) > restarts && machine.property('ActiveState') === 'active',
    );
    assert.notEqual(machine.property('MainPID'), hung);
    assert.match(machine.ip('-br addr show v0'), /10\.2\.0\.1\/24/);
  });

  it('stops, and leaves the network as it is', () => {
    machine.systemctl('stop', UNIT);
    assert.equal(machine.property('Result'), 'success');
    assert.equal(machine.property('ActiveState'), 'inactive');
    assert.match(machine.ip('-br addr show v0'), /10\.0\.0\.1\/24.*10\.2\.0\.1\/24/);
  });
});
