import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULT_ROWS } from './fault-rows.ts';
import { GATEWAY_ROWS } from './gateway-rows.ts';
import { LINK_ROWS } from './link-rows.ts';
import { measure, type Sample } from './measure.ts';
import { figureOf, machineText, type RowResult, resultOf, TABLE_HEAD, tableLines } from './report.ts';
import { ROUTE_ROWS } from './route-rows.ts';
import { type Contender, isLeftOut, type LeftOut, type Row } from './row.ts';
import { createScratch, type Scratch } from './scratch.ts';
import { START_ROWS } from './start-rows.ts';
import { VLAN_ROWS } from './vlan-rows.ts';

const ROWS: readonly Row[] = [...START_ROWS, ...ROUTE_ROWS, ...GATEWAY_ROWS, ...FAULT_ROWS, ...LINK_ROWS, ...VLAN_ROWS];

const USAGE = `Usage: npm run bench -- [options] [row...]

Times whole processes against their peers, in private network namespaces (needs root and iproute2).

  --runs N      alternating runs of each program (default 5)
  --all         the slow rows too
  --list        name the rows
  --json FILE   write every sample
`;

/**
 * Programs take turns, so that what disturbs the machine disturbs all of them alike; there and back, so that what one of them
 * leaves to be done behind it (a daemon its cleaning up, the kernel its freeing) does not always meet the same other one.
 */
const measureRow = async (row: Row, runs: number, scratch: Scratch): Promise<RowResult> => {
  try {
    const all = row.contenders(scratch);
    const contenders = all.filter((one): one is Contender => !isLeftOut(one));
    const samples = contenders.map((): Sample[] => []);
    for (let i = 0; i < Math.min(runs, row.mostRuns ?? runs); i++) {
      const turns = [...contenders.entries()];
      for (const [at, { command, prepare, time = measure }] of i % 2 === 0 ? turns : turns.reverse()) {
        await prepare?.();
        samples[at]?.push(await time(command));
      }
    }
    const figures = contenders.map(({ name, command }, at) => figureOf(name, command, samples[at] as Sample[]));
    return resultOf(
      row,
      figures,
      all.filter((one): one is LeftOut => isLeftOut(one)),
    );
  } finally {
    scratch.clear();
  }
};

const chooseRows = (names: readonly string[], all: boolean): readonly Row[] => {
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(', ')} (--list names them)`);
  return names.length > 0
    ? ROWS.filter(({ name }) => names.includes(name))
    : ROWS.filter(({ slow }) => all || slow !== true);
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      all: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.list) {
    for (const { name, work, slow } of ROWS)
      process.stdout.write(`${name}: ${work}${slow === true ? ' (slow)' : ''}\n`);
    return;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a positive number');
  const rows = chooseRows(positionals, values.all);
  const machine = machineText();
  const startedAt = new Date().toISOString();
  process.stdout.write(`${startedAt}, ${machine}, medians of ${runs} alternating runs\n\n${TABLE_HEAD}`);
  const scratch = createScratch();
  const results: RowResult[] = [];
  try {
    for (const row of rows) {
      if (row.needsKind !== undefined && !scratch.hasKind(row.needsKind)) {
        process.stderr.write(`${row.name} is left out: this kernel has no links of kind ${row.needsKind}\n`);
        continue;
      }
      const result = await measureRow(row, runs, scratch);
      results.push(result);
      process.stdout.write(tableLines(result));
    }
  } finally {
    scratch.close();
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ startedAt, machine, runs, rows: results }, null, 2)}\n`);
  }
};

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
