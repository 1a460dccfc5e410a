import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createTestCommand } from './command.ts';
import { AS_NOBODY, runPlan, snapshotOf } from './rehearse-host.ts';

/** The lab has its own modprobe there; a kernel within a kernel takes minutes to boot. */
const isLab = existsSync('/run/modprobe');
const skip = !isLab && existsSync('/usr/bin/linux.uml') ? false : 'kernel lacks user-mode-linux';

const STATE = `version: 1
links:
  d0: {kind: dummy, addresses: [10.4.0.1/24]}
  bond0: {kind: bond, bond: {mode: active-backup}, addresses: [10.6.0.1/24]}
  eth0: {master: bond0}
  vlan5: {kind: vlan, link: bond0, vlan: {id: 5}}
routes:
  - {to: 10.5.0.0/16, via: 10.4.0.9}
`;

describe('plan --rehearse=uml', () => {
  const command = createTestCommand();
  chmodSync(command.path('.'), 0o755);
  const temporary = command.path('temporary');
  mkdirSync(temporary);
  chmodSync(temporary, 0o777);

  it('boots a kernel that has the kinds which others lack, as nobody, and leaves nothing behind', {
    skip,
  }, async () => {
    const against = ['--against', await snapshotOf(command, {}), command.file('state.yaml', STATE)];
    const { status, stdout, stderr } = runPlan(['--rehearse=uml', ...against], [...AS_NOBODY, `TMPDIR=${temporary}`]);
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /Rehearsal on Linux 6\.\d+\..*\n {2}copy .*1 hardware link\n {2}plan {6}accepted: \d+ steps/);
    assert.match(stdout, /rollback {2}proven: (\d+) of \1 times/);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('finds there what only such a kernel can tell', { skip }, async () => {
    // vlan_dev.c register_vlan_dev: one number once
    const text = `version: 1
links:
  v5: {kind: vlan, link: eth0, vlan: {id: 5}}
  w5: {kind: vlan, link: eth0, vlan: {id: 5}}
`;
    const against = ['--against', await snapshotOf(command, {}), command.file('state.yaml', text)];
    const { status, stderr } = runPlan(['--rehearse=uml', ...against]);
    assert.equal(status, 3, stderr);
    assert.match(stderr, /state\.yaml:4:3: error NR_REFUSED: .*create link w5: EEXIST/);
  });

  it('names the package where there is none', async () => {
    const against = ['--against', await snapshotOf(command, {}), command.file('state.yaml', STATE)];
    const { status, stderr } = runPlan(['--rehearse=uml', ...against], ['env', 'PATH=/nonexistent']);
    assert.equal(status, 1);
    assert.match(stderr, /error NR_NO_UML: .*user-mode-linux/);
    assert.match(stderr, /hint: .*apt-get install user-mode-linux/);
  });

  it('takes its value behind = only', async () => {
    const { status, stderr } = runPlan(['--rehearse=qemu', 'state.yaml']);
    assert.equal(status, 1);
    assert.match(stderr, /NR_USAGE: .*Allowed choices are here, uml/);
  });
});
