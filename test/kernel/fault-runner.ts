// Applies a state and ends by SIGKILL at one of its operations:
//   node fault-runner.js NETNS STATE-FILE STATE-FOLDER K killedBefore|killedAfter
import { readFileSync } from 'node:fs';
import { faultAt, faultyPort } from './fault-ports.ts';
import { openRecords } from './fault-scene.ts';
import { openTestHost } from './harness.ts';

const [ns, stateFile, folder, k, moment] = process.argv.slice(2) as [string, string, string, string, string];

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('SIGKILL had no effect');
};

const judge = faultAt(Number(k), moment === 'killedAfter' ? 'killedAfter' : 'killedBefore');
await openTestHost(ns, openRecords(folder, ns)).apply(readFileSync(stateFile, 'utf8'), {
  wrap: (kernel) => faultyPort(kernel, judge, { die }),
});
