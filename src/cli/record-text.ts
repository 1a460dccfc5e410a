import { createHash } from 'node:crypto';
import { NetreconError } from '../model/errors.ts';
import { completeState } from '../model/state.ts';
import { type NamespaceRecord, RECORD_VERSION, type TransactionRecord } from '../reconcile/transaction/record.ts';

const MAGIC = 'netrecon-record';

const digest = (body: string): string => createHash('sha256').update(body).digest('hex');

/** The sum binds a line to the record it was appended to, and shows one that is damaged. */
const progressSum = (sum: string, operations: number): string => digest(`${sum} ${operations}`).slice(0, 16);

/**
 * A record as text: a line `netrecon-record VERSION BOOT SHA256` and the JSON that the sum is of, so that a torn write shows.
 * @param boot id of the running kernel's boot: the record is of no use after the next one
 */
export const formatRecord = (record: NamespaceRecord, boot: string): string => {
  const body = `${JSON.stringify(record)}\n`;
  return `${MAGIC} ${RECORD_VERSION} ${boot} ${digest(body)}\n${body}`;
};

/** The checksum that a formatted record begins with. */
export const recordSum = (text: string): string => text.slice(0, text.indexOf('\n')).split(' ')[3] ?? '';

/**
 * The line that is appended as operations are acknowledged: `ack OPERATIONS SUM`.
 * @param sum - recordSum of the record that it belongs to
 */
export const formatProgress = (sum: string, operations: number): string =>
  `ack ${operations} ${progressSum(sum, operations)}\n`;

const broken = (path: string, reason: string): NetreconError =>
  new NetreconError('NR_RECORD', `record ${path} ${reason}`, {
    hint: 'look at the network, then remove the file: netrecon forgets what it made there, and changes nothing',
  });

/** A last line without its end was being written when the process was killed: what it would say is not relied on. */
const readProgress = (lines: string, sumOfRecord: string, path: string): number => {
  let acknowledged = 0;
  for (const line of lines.split('\n').slice(0, -1)) {
    const [word, operations, sum] = line.split(' ');
    if (word !== 'ack' || sum !== progressSum(sumOfRecord, Number(operations)))
      throw broken(path, 'has a damaged line');
    acknowledged = Number(operations);
  }
  return acknowledged;
};

/** A netrecon that knew fewer kinds of object may have written it. */
const completeTransaction = ({ world, ...transaction }: TransactionRecord): TransactionRecord => ({
  ...transaction,
  before: completeState(transaction.before),
  ...(world === undefined
    ? {}
    : {
        world: {
          ...world,
          namespaces: world.namespaces.map((one) => ({ ...one, before: completeState(one.before) })),
        },
      }),
});

/**
 * @returns undefined where the record is of an earlier boot: what it speaks of is gone
 * @throws {NetreconError} NR_RECORD
 */
export const parseRecord = (text: string, boot: string, path: string): NamespaceRecord | undefined => {
  const end = text.indexOf('\n');
  const [magic, version, writtenAt, sum] = text.slice(0, Math.max(end, 0)).split(' ');
  if (magic !== MAGIC || sum === undefined) throw broken(path, 'is none of netrecon');
  if (version !== `${RECORD_VERSION}`) throw broken(path, `has version ${version}, which this netrecon does not know`);
  const bodyEnd = text.indexOf('\n', end + 1) + 1;
  const body = text.slice(end + 1, bodyEnd);
  if (digest(body) !== sum) throw broken(path, 'is torn: its checksum does not match');
  const acknowledged = readProgress(text.slice(bodyEnd), sum, path);
  if (writtenAt !== boot) return undefined;
  const record = JSON.parse(body) as NamespaceRecord;
  if (record.transaction === undefined) return record;
  const transaction = completeTransaction(record.transaction);
  return { ...record, transaction: acknowledged === 0 ? transaction : { ...transaction, acknowledged } };
};
