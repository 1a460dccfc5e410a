import type { Link, Port } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import type { RawAttribute, Value } from '../../model/value.ts';
import { type AttributeNames, eachAttribute, writeRaw } from '../wire/attributes.ts';
import { string } from '../wire/codecs.ts';
import { readString } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';
import { type CompiledOptions, compileOptions, type OptionWrite, readOptions, writeOptions } from './link-options.ts';

export const IFLA_LINKINFO = 18;
/** include/uapi/linux/if_link.h. */
const IFLA_INFO = { KIND: 1, DATA: 2, XSTATS: 3, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const;

const KINDS: ReadonlyMap<string, CompiledOptions> = new Map(
  Object.values(LINK_KINDS).map((spec) => [spec.kind, compileOptions(spec.options)]),
);
const PORTS: ReadonlyMap<string, CompiledOptions> = new Map(
  Object.values(LINK_KINDS).flatMap((spec) =>
    spec.port === undefined ? [] : [[spec.kind, compileOptions(spec.port)]],
  ),
);

/** Names within IFLA_LINKINFO; `inner` gives those of the link that VETH_INFO_PEER holds, behind its ifinfomsg. */
export const linkInfoNames = (inner: () => readonly (AttributeNames | undefined)[]): readonly AttributeNames[] => {
  const choose = (kind: string): readonly (AttributeNames | undefined)[] =>
    kind === 'veth'
      ? [undefined, { name: 'VETH_INFO_PEER', type: 1, nested: { skip: 16, names: inner() } }]
      : (KINDS.get(kind)?.names ?? []);
  return [
    { name: 'IFLA_INFO_UNSPEC', type: 0 },
    { name: 'IFLA_INFO_KIND', type: IFLA_INFO.KIND },
    { name: 'IFLA_INFO_DATA', type: IFLA_INFO.DATA, nested: { sibling: IFLA_INFO.KIND, choose } },
    { name: 'IFLA_INFO_XSTATS', type: IFLA_INFO.XSTATS },
    { name: 'IFLA_INFO_SLAVE_KIND', type: IFLA_INFO.SLAVE_KIND },
    {
      name: 'IFLA_INFO_SLAVE_DATA',
      type: IFLA_INFO.SLAVE_DATA,
      nested: { sibling: IFLA_INFO.SLAVE_KIND, choose: (kind) => PORTS.get(kind)?.names ?? [] },
    },
  ];
};

/** What IFLA_LINKINFO says of a link. */
export interface LinkInfo {
  readonly kind: string | undefined;
  readonly options: Readonly<Record<string, Value>>;
  readonly rawOptions: readonly RawAttribute[];
  readonly port: Port | undefined;
  readonly rawPort: readonly RawAttribute[];
}

export const NO_LINK_INFO: LinkInfo = { kind: undefined, options: {}, rawOptions: [], port: undefined, rawPort: [] };

/**
 * Reads IFLA_LINKINFO. IFLA_INFO_XSTATS is left out: counters of the kind.
 * @throws {DecodeError}
 */
export const readLinkInfo = (bytes: Uint8Array, start: number, end: number, names: LinkNames): LinkInfo => {
  let kind: string | undefined;
  let portKind: string | undefined;
  let data: readonly [number, number] = [end, end];
  let portData: readonly [number, number] = [end, end];
  eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === IFLA_INFO.KIND) kind = readString(bytes, from, to);
    else if (type === IFLA_INFO.SLAVE_KIND) portKind = readString(bytes, from, to);
    else if (type === IFLA_INFO.DATA) data = [from, to];
    else if (type === IFLA_INFO.SLAVE_DATA) portData = [from, to];
  });
  const own = readOptions(kind === undefined ? undefined : KINDS.get(kind), bytes, data[0], data[1], names);
  const ofPort = readOptions(
    portKind === undefined ? undefined : PORTS.get(portKind),
    bytes,
    portData[0],
    portData[1],
    names,
  );
  return {
    kind,
    options: own.options,
    rawOptions: own.raw,
    port: portKind === undefined ? undefined : { kind: portKind, options: ofPort.options },
    rawPort: ofPort.raw,
  };
};

const writeText = (writer: MessageWriter, type: number, text: string, names: LinkNames): void => {
  const at = writer.beginAttribute(type);
  string.write(writer, text, names);
  writer.endAttribute(at);
};

/**
 * Writes IFLA_LINKINFO with the kind and its options.
 * @param extra writes more into IFLA_INFO_DATA
 * @throws {EncodeError}
 */
export const writeLinkInfo = (
  writer: MessageWriter,
  kind: string,
  options: OptionWrite,
  raw: Link['rawOptions'],
  names: LinkNames,
  extra: (writer: MessageWriter) => void = () => undefined,
): void => {
  const info = writer.beginNest(IFLA_LINKINFO);
  writeText(writer, IFLA_INFO.KIND, kind, names);
  const data = writer.beginNest(IFLA_INFO.DATA);
  writeOptions(KINDS.get(kind), options, writer, names);
  extra(writer);
  writeRaw(writer, raw);
  writer.endNest(data);
  writer.endAttribute(info);
};

/**
 * Writes IFLA_LINKINFO with the options of a port.
 * @throws {EncodeError}
 */
export const writePortInfo = (
  writer: MessageWriter,
  kind: string,
  options: OptionWrite,
  raw: Link['rawPort'],
  names: LinkNames,
): void => {
  const info = writer.beginNest(IFLA_LINKINFO);
  writeText(writer, IFLA_INFO.SLAVE_KIND, kind, names);
  const data = writer.beginNest(IFLA_INFO.SLAVE_DATA);
  writeOptions(PORTS.get(kind), options, writer, names);
  writeRaw(writer, raw);
  writer.endNest(data);
  writer.endAttribute(info);
};
