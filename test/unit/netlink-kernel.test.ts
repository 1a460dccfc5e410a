import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Op } from '../../src/model/op.ts';
import type { Channel, OpenChannel, TraceFrame } from '../../src/netlink/channel.ts';
import type { FamilyCodec, MessageView } from '../../src/netlink/families/codec.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { createKernel } from '../../src/netlink/kernel.ts';
import type { FamilyTable } from '../../src/netlink/send-ops.ts';
import { DecodeError, EncodeError } from '../../src/netlink/wire/codec-errors.ts';
import { NLM_F, NLMSG, RTM } from '../../src/netlink/wire/constants.ts';
import { ERRNO } from '../../src/netlink/wire/errno.ts';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';
import { MessageCursor } from '../../src/netlink/wire/framing.ts';
import { ack, done, message, text, tlv, u32 } from './netlink-messages.ts';

interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** first u32 of the body */
  readonly value: number;
  readonly bytes: Buffer;
}
type Answer = Buffer | 'overrun' | 'silence';

const parseRequests = (bytes: Uint8Array): Request[] => {
  const requests: Request[] = [];
  const cursor = new MessageCursor(bytes);
  while (cursor.next()) {
    const { type, flags, sequence, start, end } = cursor;
    const copy = Buffer.from(bytes.subarray(start, end));
    requests.push({ type, flags, sequence, value: copy.readUInt32LE(16), bytes: copy });
  }
  return requests;
};

/** A kernel of recorded answers: a function from requests to datagrams. */
const fakeKernel = (answer: (requests: readonly Request[]) => readonly Answer[], receiveBuffer = 1 << 20) => {
  const sends: Request[][] = [];
  const multicast: Answer[] = [];
  let opened = 0;
  let closed = 0;
  const open: OpenChannel = ({ groups = [] } = {}): Channel => {
    opened++;
    const queue: Answer[] = groups.length > 0 ? multicast : [];
    const receive = (): Uint8Array | undefined => {
      const next = queue.shift();
      if (next === 'overrun') throw new NetlinkError('NR_OVERRUN', 'overrun', { errno: ERRNO.ENOBUFS });
      return next === 'silence' ? undefined : next;
    };
    return {
      portId: 100 + opened,
      receiveBuffer,
      send: (bytes) => {
        const requests = parseRequests(bytes);
        sends.push(requests);
        queue.push(...answer(requests));
      },
      receive,
      receiveNow: receive,
      whenReadable: () => undefined,
      close: () => {
        closed++;
      },
    };
  };
  return { open, sends, multicast, openSockets: () => opened - closed };
};

/** A priority that cannot be encoded. */
const UNSPEAKABLE = 666;

/** Rules whose only content is their priority; every other kind is empty. */
const ruleOf = (view: MessageView): never =>
  ({ family: 'inet', priority: Buffer.from(view.bytes).readUInt32LE(view.start + 16) }) as never;

const codecOf = (kind: string, newType: number, dumps: boolean): FamilyCodec<never> => ({
  kind: kind as never,
  newType,
  deleteType: newType + 1,
  groups: [newType],
  dumps: dumps ? [{ type: newType + 2, body: (writer) => writer.u32(0) }] : [],
  decode: ruleOf,
  encode: (op, writer) => {
    if ((op as { object: { priority: number } }).object.priority === UNSPEAKABLE) throw new EncodeError('no such word');
    writer.begin((op as Op).action === 'delete' ? newType + 1 : newType, 0);
    writer.u32((op as { object: { priority: number } }).object.priority);
    writer.end();
  },
});

const families = {
  link: codecOf('link', RTM.NEWLINK, false),
  address: codecOf('address', RTM.NEWADDR, false),
  nexthop: codecOf('nexthop', RTM.NEWNEXTHOP, false),
  route: codecOf('route', RTM.NEWROUTE, false),
  // of the same types of message as routes, told apart by their family
  mpls: { ...codecOf('mpls', RTM.NEWROUTE, false), family: 28 },
  rule: codecOf('rule', RTM.NEWRULE, true),
  neighbor: codecOf('neighbor', RTM.NEWNEIGH, false),
} as unknown as FamilyTable;

const rule = (priority: number, sequence: number, flags = 0): Buffer =>
  message({ type: RTM.NEWRULE, flags: NLM_F.MULTI | flags, sequence }, u32(priority));

const createRule = (priority: number): Op => ({
  kind: 'rule',
  action: 'create',
  object: { family: 'inet', priority } as never,
});
const priorities = (rules: readonly { readonly priority: number }[]): number[] => rules.map(({ priority }) => priority);
const hasCode = (code: string) => (error: unknown) => error instanceof NetlinkError && error.code === code;

describe('dump', () => {
  it('takes an interrupted dump again, wherever the flag stands', async () => {
    for (const place of ['message', 'done']) {
      let attempts = 0;
      const { open } = fakeKernel(([request]) => {
        const sequence = request?.sequence as number;
        const torn = ++attempts < 4 ? NLM_F.DUMP_INTR : 0;
        return [
          rule(attempts, sequence, place === 'message' ? torn : 0),
          Buffer.concat([rule(50, sequence), done(sequence, 0, place === 'done' ? torn : 0)]),
        ];
      });
      const state = await createKernel({ open, families }).dump();
      assert.deepEqual(priorities(state.rule), [4, 50]);
    }
  });

  it('gives an interrupted dump up after ten attempts and returns the last', async () => {
    let attempts = 0;
    const { open } = fakeKernel(([request]) => {
      const sequence = request?.sequence as number;
      return [rule(++attempts, sequence, NLM_F.DUMP_INTR), done(sequence)];
    });
    const state = await createKernel({ open, families }).dump();
    assert.deepEqual(priorities(state.rule), [10]);
  });

  it('reads an absent table or family as empty, and raises other errors with the text of the kernel', async () => {
    for (const errno of [ERRNO.ENOENT, ERRNO.EOPNOTSUPP, ERRNO.EAFNOSUPPORT]) {
      const { open } = fakeKernel(([request]) => [done(request?.sequence as number, errno)]);
      assert.deepEqual((await createKernel({ open, families }).dump()).rule, []);
    }
    const { open } = fakeKernel(([request]) => [
      done(request?.sequence as number, ERRNO.EINVAL, NLM_F.ACK_TLVS, [tlv(1, text('Invalid header'))]),
    ]);
    await assert.rejects(createKernel({ open, families }).dump(), /NR_DUMP_REFUSED|EINVAL "Invalid header"/);
  });

  it('ignores messages of another conversation', async () => {
    const { open } = fakeKernel(([request]) => {
      const sequence = request?.sequence as number;
      return [Buffer.concat([rule(1, sequence), rule(2, sequence + 9), done(sequence + 9), ack(77)]), done(sequence)];
    });
    assert.deepEqual(priorities((await createKernel({ open, families }).dump()).rule), [1]);
  });

  it('is taken again when something moved meanwhile, and after an overrun', async () => {
    for (const disturbance of [message({ type: RTM.NEWRULE }, u32(9)), 'overrun'] as const) {
      let dumps = 0;
      const kernel = fakeKernel(([request]) => {
        if (++dumps === 1) kernel.multicast.push(disturbance);
        return [rule(dumps, request?.sequence as number), done(request?.sequence as number)];
      });
      const state = await createKernel({ open: kernel.open, families }).dump();
      assert.deepEqual(priorities(state.rule), [2]);
      assert.equal(kernel.openSockets(), 1);
    }
    let dumps = 0;
    const { open, openSockets } = fakeKernel(([request]) =>
      ++dumps === 1 ? ['overrun'] : [rule(dumps, request?.sequence as number), done(request?.sequence as number)],
    );
    assert.deepEqual(priorities((await createKernel({ open, families }).dump()).rule), [2]);
    assert.equal(openSockets(), 1);
  });

  it('is not taken again for what the kernel makes of its own accord', async () => {
    let dumps = 0;
    const kernel = fakeKernel(([request]) => {
      // the rule of the main table
      if (++dumps === 1) kernel.multicast.push(message({ type: RTM.NEWRULE }, u32(32_766)));
      return [rule(dumps, request?.sequence as number), done(request?.sequence as number)];
    });
    assert.deepEqual(priorities((await createKernel({ open: kernel.open, families }).dump()).rule), [1]);
  });

  it('returns the last result where it never comes to rest', async () => {
    let dumps = 0;
    const kernel = fakeKernel(([request]) => {
      kernel.multicast.push(message({ type: RTM.NEWRULE }, u32(9)));
      return [rule(++dumps, request?.sequence as number), done(request?.sequence as number)];
    });
    assert.deepEqual(priorities((await createKernel({ open: kernel.open, families }).dump()).rule), [5]);
  });

  it('times out, and starts afresh on another socket', async () => {
    let silent = true;
    const { open, openSockets } = fakeKernel(([request]) =>
      silent ? ['silence'] : [rule(6, request?.sequence as number), done(request?.sequence as number)],
    );
    const kernel = createKernel({ open, families });
    const { portId } = kernel;
    await assert.rejects(kernel.dump(), hasCode('NR_TIMEOUT'));
    silent = false;
    assert.deepEqual(priorities((await kernel.dump()).rule), [6]);
    assert.notEqual(kernel.portId, portId);
    kernel.close();
    assert.equal(openSockets(), 0);
  });
});

describe('send', () => {
  const refusing = (bad: number) =>
    fakeKernel((requests) =>
      requests.map(({ sequence, value }) =>
        ack(sequence, value === bad ? 17 : 0, value === bad ? [tlv(1, text('rule exists'))] : []),
      ),
    );

  it('stops after the first refusal, with the words of the kernel', async () => {
    const { open, sends } = refusing(2);
    const results = await createKernel({ open, families }).send([1, 2, 3].map(createRule));
    assert.deepEqual(results, [
      { ok: true },
      { ok: false, error: { errno: 17, name: 'EEXIST', message: 'rule exists' } },
    ]);
    assert.deepEqual(
      sends.map((requests) => requests.map(({ value }) => value)),
      [[1], [2]],
    );
    assert.ok(sends.flat().every(({ flags }) => flags === (NLM_F.REQUEST | NLM_F.ACK)));
  });

  it('matches acknowledgements by sequence number, in any order and among other messages', async () => {
    const { open, sends } = fakeKernel((requests) => [
      ack(12345, 1),
      Buffer.concat([
        rule(1, requests[0]?.sequence as number),
        ...requests.map(({ sequence, value }) => ack(sequence, value)).reverse(),
      ]),
    ]);
    const results = await createKernel({ open, families }).send([0, 17, 0, 22].map(createRule), { pipeline: true });
    assert.deepEqual(
      results.map((result) => (result.ok ? 0 : result.error.errno)),
      [0, 17, 0, 22],
    );
    assert.equal(sends.length, 1);
  });

  it('keeps no more in flight than the receive buffer holds acknowledgements', async () => {
    const { open, sends } = fakeKernel((requests) => requests.map(({ sequence }) => ack(sequence)), 8 * 2048);
    const results = await createKernel({ open, families }).send(
      Array.from({ length: 20 }, (_, i) => createRule(i)),
      { pipeline: true },
    );
    assert.equal(results.length, 20);
    assert.deepEqual(
      sends.map((requests) => requests.length),
      [8, 8, 4],
    );
  });

  it('keeps only one kind and one action in flight together, and links alone', async () => {
    const { open, sends } = refusing(-1);
    const remove = (priority: number): Op => ({ ...createRule(priority), action: 'delete' }) as Op;
    const link = { kind: 'link', action: 'update', object: { name: 'a', priority: 1 } } as never;
    await createKernel({ open, families }).send([createRule(1), createRule(2), remove(1), remove(2), link, link], {
      pipeline: true,
    });
    assert.deepEqual(
      sends.map((requests) => requests.length),
      [2, 2, 1, 1],
    );
  });

  it('refuses what cannot be encoded, in its turn', async () => {
    const { open, sends } = refusing(-1);
    const results = await createKernel({ open, families }).send([1, 2, UNSPEAKABLE, 3].map(createRule), {
      pipeline: true,
    });
    const refusal = { errno: ERRNO.EINVAL, name: 'NR_ENCODE', message: 'no such word' };
    assert.deepEqual(results, [{ ok: true }, { ok: true }, { ok: false, error: refusal }]);
    assert.deepEqual(
      sends.map((requests) => requests.map(({ value }) => value)),
      [[1, 2]],
    );
  });

  it('names the attribute at fault, and the one that is missing, also within a nest', async () => {
    const vxlan: Op = {
      kind: 'link',
      action: 'create',
      object: { name: 'vx0', index: 0, kind: 'vxlan', options: { id: 7 } },
    };
    const answerWith = async (tlvs: (request: Buffer) => readonly Buffer[]): Promise<string | undefined> => {
      const { open } = fakeKernel(([request]) =>
        request === undefined ? [] : [ack(request.sequence, ERRNO.EINVAL, tlvs(request.bytes))],
      );
      const [result] = await createKernel({ open, families: FAMILIES }).send([vxlan]);
      return result?.ok === false ? result.error.attribute : undefined;
    };
    // IFLA_VXLAN_ID (1), u32 7, and the IFLA_INFO_DATA that begins four bytes before it
    const idAt = (request: Buffer): number => request.indexOf(Buffer.from([8, 0, 1, 0, 7, 0, 0, 0]));
    assert.equal(
      await answerWith((request) => [tlv(2, u32(idAt(request)))]),
      'IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VXLAN_ID',
    );
    assert.equal(await answerWith(() => [tlv(5, u32(4))]), 'IFLA_MTU');
    assert.equal(
      await answerWith((request) => [tlv(5, u32(15)), tlv(6, u32(idAt(request) - 4))]),
      'IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VXLAN_PORT',
    );
  });

  it('passes a warning on', async () => {
    const { open } = fakeKernel(([request]) => [ack(request?.sequence as number, 0, [tlv(1, text('deprecated'))])]);
    assert.deepEqual(await createKernel({ open, families }).send([createRule(1)]), [
      { ok: true, warning: 'deprecated' },
    ]);
  });

  it('reports lost acknowledgements and silence as what they are', async () => {
    const lost = fakeKernel(([request]) => [ack(request?.sequence as number), 'overrun']);
    await assert.rejects(
      createKernel({ open: lost.open, families }).send([1, 2, 3].map(createRule), { pipeline: true }),
      hasCode('NR_ACK_LOST'),
    );
    const silent = fakeKernel(() => ['silence']);
    await assert.rejects(createKernel({ open: silent.open, families }).send([createRule(1)]), hasCode('NR_TIMEOUT'));
  });

  it('shows every message to the trace', async () => {
    const frames: TraceFrame[] = [];
    const { open } = refusing(-1);
    await createKernel({ open, families, trace: (frame) => frames.push(frame) }).send([1, 2].map(createRule));
    assert.deepEqual(
      frames.map(({ direction, type, sequence, bytes }) => [direction, type, sequence, bytes.length]),
      [
        ['out', RTM.NEWRULE, 1, 20],
        ['in', NLMSG.ERROR, 1, 36],
        ['out', RTM.NEWRULE, 2, 20],
        ['in', NLMSG.ERROR, 2, 36],
      ],
    );
  });
});

describe('subscribe', () => {
  const linkMessage = (type: number, family: number, index: number, name: string): Buffer => {
    const header = Buffer.alloc(16);
    header.writeUInt8(family, 0);
    header.writeInt32LE(index, 4);
    return message({ type }, Buffer.concat([header, tlv(3, text(name))]));
  };

  it('tells kind, action, object and requester', () => {
    const { open, multicast } = fakeKernel(() => []);
    const subscription = createKernel({ open, families }).subscribe(['rule']);
    multicast.push(
      message({ type: RTM.NEWRULE, flags: 0x600, sequence: 5, portId: 77 }, u32(9)),
      message({ type: RTM.DELRULE }, u32(9)),
    );
    assert.deepEqual(subscription.drain(), {
      overrun: false,
      events: [
        { kind: 'rule', action: 'new', object: { family: 'inet', priority: 9 }, portId: 77, sequence: 5, flags: 0x600 },
        { kind: 'rule', action: 'delete', object: { family: 'inet', priority: 9 }, portId: 0, sequence: 0, flags: 0 },
      ],
    });
  });

  it('does not take a released bridge port for a deleted link', () => {
    const { open, multicast } = fakeKernel(() => []);
    const subscription = createKernel({ open, families }).subscribe(['link']);
    multicast.push(linkMessage(RTM.DELLINK, 7, 4, 'veth0'), linkMessage(RTM.DELLINK, 0, 4, 'veth0'));
    const { events } = subscription.drain();
    assert.deepEqual(
      events.map(({ action, object }) => [action, object === undefined]),
      [
        ['new', true],
        ['delete', false],
      ],
    );
  });

  it('reports an overrun and goes on with what is left', () => {
    const { open, multicast } = fakeKernel(() => []);
    const subscription = createKernel({ open, families }).subscribe(['rule']);
    multicast.push('overrun', message({ type: RTM.NEWRULE }, u32(3)));
    const { events, overrun } = subscription.drain();
    assert.equal(overrun, true);
    assert.equal(events.length, 1);
  });

  it('leaves the object out where the message cannot be read', () => {
    const broken = {
      ...families,
      rule: {
        ...families.rule,
        decode: () => {
          throw new DecodeError('FRA_DST', 'too short', new Uint8Array(0), 0, 0);
        },
      },
    };
    const { open, multicast } = fakeKernel(() => []);
    const subscription = createKernel({ open, families: broken as FamilyTable }).subscribe(['rule']);
    multicast.push(message({ type: RTM.NEWRULE }, u32(3)));
    assert.deepEqual(subscription.drain().events, [{ kind: 'rule', action: 'new', portId: 0, sequence: 0, flags: 0 }]);
  });
});
