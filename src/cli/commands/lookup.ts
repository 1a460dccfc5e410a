import { type KernelAnswer, type Query, queryText } from '../../model/lookup.ts';
import { createHostLookup } from '../../reconcile/lookup/host-lookup.ts';
import { stateAfter } from '../../reconcile/lookup/probe.ts';
import type { Answer } from '../../reconcile/lookup/query.ts';
import { planDesired } from '../../reconcile/plan/plan.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { answerText, kernelAnswerText } from '../../report/lookup-text.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { readGround } from '../ground.ts';
import { readHostNames, withHost } from '../host.ts';
import { type PacketOptions, readPacket } from '../packet.ts';
import { readDesired } from '../read-files.ts';
import { refuseNamespaces } from '../refuse-namespaces.ts';

interface LookupOptions extends PacketOptions {
  readonly against?: string;
}

/** Raised when an older reader would misunderstand the JSON. */
const LOOKUP_VERSION = 1;

const askKernel = (context: Context, query: Query): Promise<KernelAnswer> =>
  withHost(context, async ({ kernel }) => {
    // the answer holds indexes of links, which a dump gives their names
    await kernel.dump({ kinds: ['link'] });
    const [answer] = await kernel.lookUp([query]);
    return answer as KernelAnswer;
  });

/**
 * `netrecon lookup ADDR [FILE...]`: where a packet would go. Without a file and without --against the kernel says it;
 * else the model of its look-up does, over the snapshot, or over what applying the files would lead to.
 * @returns 0, whatever the answer: that no packet leaves is one
 */
export const run = async (
  context: Context,
  [to = '', ...files]: readonly string[],
  options: LookupOptions,
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const names = readHostNames();
  const query = readPacket(to, options, names.dsfields);
  const show = (by: 'kernel' | 'model', answer: KernelAnswer | Answer, text: string): number => {
    if (context.options.format === 'json') context.print(toJsonText({ version: LOOKUP_VERSION, query, by, answer }));
    else context.print(`${queryText(query)}: ${text}\n`);
    return 0;
  };
  if (files.length === 0 && options.against === undefined) {
    const answer = await askKernel(context, query);
    return show('kernel', answer, kernelAnswerText(answer, names));
  }
  const ground = await readGround(context, options.against);
  for (const warning of ground.warnings) context.say(diagnosticText(warning, context.talkPaint));
  let state = ground.observed;
  if (files.length > 0) {
    const desired = refuseNamespaces(await readDesired(context.process, files, names, { keys: 'ifThere' }), 'lookup');
    const plan = planDesired(desired, ground.observed, {
      owned: ground.owned,
      renamesUp: ground.renamesUp,
      protocolName: names.protocols.toName,
      // nothing is deleted by looking
      allowMassDelete: true,
    });
    state = stateAfter(ground.observed, plan);
  }
  const answer = createHostLookup(state)(query);
  return show('model', answer, answerText(answer, names));
};
