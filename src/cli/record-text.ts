import { createHash } from 'node:crypto';
import { NetreconError } from '../model/errors.ts';
import { type NamespaceRecord, RECORD_VERSION } from '../reconcile/record.ts';

const MAGIC = 'netrecon-record';

const digest = (body: string): string => createHash('sha256').update(body).digest('hex');

/**
 * A record as text: a line `netrecon-record VERSION BOOT SHA256` and the JSON that the sum is of, so that a torn write shows.
 * @param boot id of the running kernel's boot: the record is of no use after the next one
 */
export const formatRecord = (record: NamespaceRecord, boot: string): string => {
  const body = `${JSON.stringify(record)}\n`;
  return `${MAGIC} ${RECORD_VERSION} ${boot} ${digest(body)}\n${body}`;
};

const broken = (path: string, reason: string): NetreconError =>
  new NetreconError('NR_RECORD', `record ${path} ${reason}`, {
    hint: 'look at the network, then remove the file: netrecon forgets what it made there, and changes nothing',
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
  const body = text.slice(end + 1);
  if (digest(body) !== sum) throw broken(path, 'is torn: its checksum does not match');
  return writtenAt === boot ? (JSON.parse(body) as NamespaceRecord) : undefined;
};
