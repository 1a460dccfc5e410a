import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Channel } from '../../src/netlink/channel.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { createKernel } from '../../src/netlink/kernel.ts';
import { NLM_F, RTM } from '../../src/netlink/wire/constants.ts';
import { MessageCursor } from '../../src/netlink/wire/framing.ts';
import { done, message } from './netlink-messages.ts';

/** A rule of IPv4 for everything, by priority: struct fib_rule_hdr, then FRA_PRIORITY. */
const rule = (priority: number, sequence: number): Buffer => {
  const body = Buffer.alloc(20);
  body[0] = 2;
  body[4] = 254;
  body[7] = 1;
  body.writeUInt16LE(8, 12);
  body.writeUInt16LE(6, 14);
  body.writeUInt32LE(priority, 16);
  return message({ type: RTM.NEWRULE, flags: NLM_F.MULTI, sequence }, body);
};

interface Script {
  /** how many datagrams a call that reads ahead finds, from the first such call on */
  readonly finds: readonly number[];
  readonly datagrams: number;
  /** the dump has no end */
  readonly breaksOff?: boolean;
}

/** A kernel with so many rules of IPv4, one a datagram, and what was called of its socket. */
const scripted = ({ finds, datagrams, breaksOff = false }: Script) => {
  const calls: string[] = [];
  let queue: Buffer[] = [];
  let call = 0;
  let isAhead = false;
  const plain = (name: string): void => {
    assert.equal(isAhead, false, `${name} while another thread reads`);
  };
  const receive = (): Uint8Array | undefined => {
    calls.push('receive');
    return queue.shift();
  };
  const channel: Channel = {
    portId: 1,
    receiveBuffer: 1 << 20,
    send: (bytes) => {
      plain('send');
      const cursor = new MessageCursor(bytes);
      while (cursor.next()) {
        const isInet = cursor.type === RTM.GETRULE && bytes[cursor.start + 16] === 2;
        const count = isInet ? datagrams : 0;
        queue = Array.from({ length: count }, (_, i) => rule(i + 1, cursor.sequence));
        if (!isInet || !breaksOff) queue.push(done(cursor.sequence));
      }
    },
    receive,
    receiveNow: receive,
    receiveAhead: async (visit) => {
      const count = Math.min(finds[call++] ?? 0, queue.length);
      isAhead = count > 0;
      calls.push(`ahead ${count}`);
      for (const datagram of queue.splice(0, count)) visit(datagram, 0, datagram.length);
      return count;
    },
    endAhead: async () => {
      isAhead = false;
    },
    whenReadable: () => undefined,
    close: () => calls.push('close'),
  };
  const kernel = createKernel({ open: () => channel, families: FAMILIES });
  return { calls, dump: () => kernel.dump({ kinds: ['rule'], once: true }) };
};

const priorities = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('reading ahead', () => {
  it('begins where a dump is long, and misses nothing', async () => {
    const { calls, dump } = scripted({ finds: [3, 1, 100], datagrams: 40 });
    const { rule: rules } = await dump();
    assert.deepEqual(
      rules.map(({ priority }) => priority),
      priorities(40),
    );
    assert.deepEqual(
      calls.filter((call) => call.startsWith('ahead')),
      ['ahead 3', 'ahead 1', 'ahead 21'],
    );
  });

  it('leaves a short dump to one thread', async () => {
    const { calls, dump } = scripted({ finds: [100], datagrams: 10 });
    assert.equal((await dump()).rule.length, 10);
    assert.ok(calls.every((call) => !call.startsWith('ahead')));
  });

  it('waits for what is not there yet', async () => {
    const { dump } = scripted({ finds: [2, 0, 0, 100], datagrams: 40 });
    assert.equal((await dump()).rule.length, 40);
  });

  it('says so where nothing more comes', async () => {
    const { dump } = scripted({ finds: [100], datagrams: 40, breaksOff: true });
    await assert.rejects(dump(), { code: 'NR_TIMEOUT' });
  });
});
