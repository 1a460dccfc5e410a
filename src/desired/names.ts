import { NETRECON_PROTOCOL } from '../model/kind.ts';

/** Numbers and their names, as iproute2 reads them from its files. */
export interface NameTable {
  /** a name, or a number as text in any base that `ip` takes (`100`, `0x64`); undefined where it is neither */
  toNumber(text: string): number | undefined;
  /** the name, or the number in decimal where it has none */
  toName(value: number): string;
  /** every name, for hints */
  readonly names: readonly string[];
}

export interface NameTables {
  /** rt_tables */
  readonly tables: NameTable;
  /** rt_protos */
  readonly protocols: NameTable;
  /** rt_scopes */
  readonly scopes: NameTable;
  /** group */
  readonly groups: NameTable;
  /** rt_dsfield */
  readonly dsfields: NameTable;
}

type Entries = readonly (readonly [number, string])[];

const BUILT_IN = {
  rt_tables: [
    [0, 'unspec'],
    [253, 'default'],
    [254, 'main'],
    [255, 'local'],
  ],
  rt_protos: [
    [0, 'unspec'],
    [1, 'redirect'],
    [2, 'kernel'],
    [3, 'boot'],
    [4, 'static'],
    [8, 'gated'],
    [9, 'ra'],
    [10, 'mrt'],
    [11, 'zebra'],
    [12, 'bird'],
    [13, 'dnrouted'],
    [14, 'xorp'],
    [15, 'ntk'],
    [16, 'dhcp'],
    [18, 'keepalived'],
    [42, 'babel'],
    [99, 'openr'],
    [186, 'bgp'],
    [187, 'isis'],
    [188, 'ospf'],
    [189, 'rip'],
    [192, 'eigrp'],
  ],
  rt_scopes: [
    [0, 'global'],
    [200, 'site'],
    [253, 'link'],
    [254, 'host'],
    [255, 'nowhere'],
  ],
  group: [[0, 'default']],
  rt_dsfield: [],
} as const satisfies Record<string, Entries>;
type NameFile = keyof typeof BUILT_IN;

/**
 * One of iproute2's name files: `NUMBER NAME` a line, `#` comments. Lines that are neither are passed over, as `ip` does.
 */
export const parseNameFile = (text: string): Entries => {
  const entries: [number, string][] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(0x[0-9a-fA-F]+|[0-9]+)\s+([^\s#]+)\s*(#.*)?$/.exec(line);
    if (match !== null) entries.push([Number(match[1]), match[2] as string]);
  }
  return entries;
};

/** Later entries win, as in `ip`; the first name read for a number is not forgotten as a way to write it. */
const createTable = (entries: Entries): NameTable => {
  const numbers = new Map<string, number>();
  const names = new Map<number, string>();
  for (const [number, name] of entries) {
    numbers.set(name, number);
    names.set(number, name);
  }
  return {
    toNumber(text) {
      if (/^(0|[1-9][0-9]*|0x[0-9a-fA-F]+)$/.test(text)) return Number(text) <= 0xffffffff ? Number(text) : undefined;
      return numbers.get(text);
    },
    toName(value) {
      const name = names.get(value);
      // a name that another number has taken since would be read back as that number
      return name !== undefined && numbers.get(name) === value ? name : String(value);
    },
    names: [...numbers.keys()],
  };
};

/** Tables from what the files say, over the names that iproute2 has built in. Protocol 110 is `netrecon`. */
export const createNameTables = (read: Readonly<Partial<Record<NameFile, Entries>>> = {}): NameTables => {
  const table = (file: NameFile, extra: Entries = []) =>
    createTable([...BUILT_IN[file], ...(read[file] ?? []), ...extra]);
  return {
    tables: table('rt_tables'),
    protocols: table('rt_protos', [[NETRECON_PROTOCOL, 'netrecon']]),
    scopes: table('rt_scopes'),
    groups: table('group'),
    dsfields: table('rt_dsfield'),
  };
};

/** What reading needs of the file system; both give undefined where there is nothing to read. */
export interface NameReader {
  readFile(path: string): string | undefined;
  /** names in a directory */
  listDirectory(path: string): readonly string[] | undefined;
}

const ETC = '/etc/iproute2';
const SHARE = '/usr/share/iproute2';

/**
 * Reads iproute2's names as its lib/rt_names.c (6.6 on) does: the file in /etc/iproute2 in place of the one in
 * /usr/share/iproute2, then `*.conf` of both `.d` directories, where a file in /etc hides its namesake.
 */
export const readNameTables = (reader: NameReader): NameTables => {
  const read: Partial<Record<NameFile, Entries>> = {};
  for (const file of Object.keys(BUILT_IN) as NameFile[]) {
    const texts = [reader.readFile(`${ETC}/${file}`) ?? reader.readFile(`${SHARE}/${file}`)];
    const conf = (directory: string) =>
      (reader.listDirectory(`${directory}/${file}.d`) ?? []).filter((name) => name.endsWith('.conf')).toSorted();
    const own = conf(ETC);
    for (const name of conf(SHARE)) if (!own.includes(name)) texts.push(reader.readFile(`${SHARE}/${file}.d/${name}`));
    for (const name of own) texts.push(reader.readFile(`${ETC}/${file}.d/${name}`));
    read[file] = texts.flatMap((text) => (text === undefined ? [] : parseNameFile(text)));
  }
  return createNameTables(read);
};
