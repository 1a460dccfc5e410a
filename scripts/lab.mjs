// Runs a command under another kernel:  node scripts/lab.mjs uml|qemu [--seconds N] [-- COMMAND...]
// Without a command: the kernel tests. The exit status is the command's; 70 where the lab itself failed.
import { parseArgs } from 'node:util';
import { LabError, runInGuest } from '../test/lab/guest.mjs';
import { prepareKernel } from '../test/lab/kernels.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '1200' } },
});
const [name = 'uml', ...command] = positionals;

const main = async () => {
  const boot = prepareKernel(name);
  const { status, bootMs, totalMs } = await runInGuest(boot, {
    command: command.length > 0 ? command : [process.execPath, 'scripts/test.mjs', '--kernel'],
    cwd: process.cwd(),
    seconds: Number(values.seconds),
    out: process.stdout,
  });
  process.stderr.write(`${name}: booted in ${bootMs} ms, done in ${totalMs} ms, exit status ${status}\n`);
  return status;
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab: ${error.message}\n`);
  process.exitCode = 70;
}
