import { canonicalLladdr, familyOf } from '../../model/ip.ts';
import type { Neighbor } from '../../model/neighbor.ts';
import {
  type IpObject,
  type IpReading,
  isSet,
  requireAddress,
  requireNumber,
  requireText,
  textIn,
  wordsIn,
} from './ip-json.ts';

const stateOf = (words: readonly string[]): 'permanent' | 'noarp' | 'dynamic' => {
  if (words.includes('PERMANENT')) return 'permanent';
  return words.includes('NOARP') ? 'noarp' : 'dynamic';
};

const readNeighbor = (object: IpObject, file: string, { names }: IpReading): Neighbor => {
  const to = requireAddress(requireText(object, 'dst', file), file);
  const dev = textIn(object.dev);
  const router = isSet(object, 'router') ? { router: true } : {};
  const protocol = requireNumber(textIn(object.protocol) ?? '0', names.protocol, file);
  const common = { family: familyOf(to), to, protocol, ...router };
  if ('proxy' in object) return { type: 'proxy', ...common, ...(dev === undefined ? {} : { dev }) };
  const lladdr = canonicalLladdr(textIn(object.lladdr) ?? '');
  return {
    type: 'neighbor',
    ...common,
    dev: requireText(object, 'dev', file),
    ...(lladdr === undefined ? {} : { lladdr }),
    state: stateOf(wordsIn(object.state)),
    ...(isSet(object, 'extern_learn') ? { extern_learn: true } : {}),
  };
};

/** What `ip -d -j neigh show`, with or without `proxy`, says. */
export const readNeighbors = (objects: readonly IpObject[], file: string, reading: IpReading): readonly Neighbor[] =>
  objects.map((object) => readNeighbor(object, file, reading));
