import { nearest, type Problems } from './problems.ts';
import { compileRules, type SchemaMisfit, type SchemaRules } from './schema-rules.ts';
import { type Placed, placeAt, type SourceFile, sourceAt } from './source-file.ts';
import { STATE_RULES } from './state-rules.gen.ts';

const findMisfits = compileRules(STATE_RULES);
const findRouteMisfits = compileRules({
  ...STATE_RULES.definitions?.route,
  definitions: STATE_RULES.definitions ?? {},
});

/**
 * What does not fit the schema: paths of keys below each declaration (`links/eth0`, `routes/3`, `namespaces/red/links/eth0`)
 * or section (`routes`). A path of no keys is the declaration or section itself.
 */
export type Unfit = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Checks a file against the schema and reports every misfit at its place. */
export const checkSchema = (placed: Placed, file: SourceFile, problems: Problems): Unfit => {
  const unfit = new Map<string, string[][]>();
  const misfits = findMisfits(placed.value);
  const alternatives = new Set(
    misfits.filter((misfit) => misfit.keyword === 'anyOf').map(({ path }) => path.join('/')),
  );
  const seen = new Set<string>();
  for (const misfit of misfits) {
    // `anyOf` is "text or mapping" throughout: a mapping is judged as one, anything else gets one message
    const { keyword, path, data, key = '' } = misfit;
    if (keyword === 'type' && alternatives.has(path.join('/'))) continue;
    if (keyword === 'anyOf' && isMapping(data)) continue;
    const slot = keyword === 'additionalProperties' ? key : '';
    const once = JSON.stringify([path, slot, keyword === 'required' ? key : '']);
    if (seen.has(once)) continue;
    seen.add(once);
    const depth = sectionDepth(path) + (path.length > 3 || path[0] !== 'namespaces' ? 2 : 1);
    const declaration = path.slice(0, depth).join('/');
    const below = slot === '' ? path.slice(depth) : [...path.slice(depth), slot];
    const paths = unfit.get(declaration);
    if (paths === undefined) unfit.set(declaration, [below]);
    else paths.push(below);
    report(misfit, placed, file, problems);
  }
  return unfit;
};

/**
 * Checks what a list says of a route against the schema of an entry of `routes`, and reports every misfit at its place.
 * @returns whether it fits
 */
export const fitsRoute = (placed: Placed, file: SourceFile, problems: Problems): boolean => {
  const misfits = findRouteMisfits(placed.value);
  for (const misfit of misfits) report(misfit, placed, file, problems, 'the route');
  return misfits.length === 0;
};

const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the section of an entry stands in its path: at the beginning, or within a namespace. */
const sectionDepth = (path: readonly string[]): number => (path[0] === 'namespaces' ? 2 : 0);

/**
 * `links.eth0.mtu`, `routes[3].to`.
 * @param whole - what the path of no steps leads to
 */
const pathText = (path: readonly string[], whole: string): string => {
  const section = sectionDepth(path);
  const isNumber = (step: string, i: number): boolean => /^\d+$/.test(step) && i > section && path[section] !== 'links';
  return path.map((step, i) => (isNumber(step, i) ? `[${step}]` : i === 0 ? step : `.${step}`)).join('') || whole;
};

const report = (
  misfit: SchemaMisfit,
  placed: Placed,
  file: SourceFile,
  problems: Problems,
  whole = 'the file',
): void => {
  const { keyword, path, rules, data, key = '' } = misfit;
  const place = placeAt(placed.place, path);
  const at = (offset: number) => sourceAt(file, offset);
  const name = pathText(path, whole);
  if (keyword === 'additionalProperties') {
    const member = place.members?.get(key);
    problems.add(
      'NR_UNKNOWN_KEY',
      `unknown key "${key}" in ${name}`,
      at(member?.key ?? place.start),
      unknownKeyHint(key, rules),
    );
  } else if (keyword === 'required') {
    const hint = key === 'version' ? 'begin the file with "version: 1"' : undefined;
    problems.add('NR_SCHEMA', `${name} needs "${key}"`, at(place.key ?? place.start), hint);
  } else {
    const written = file.text.slice(place.start, place.end);
    problems.add(
      'NR_SCHEMA',
      `${name} ${expectation(misfit)}${found(data, written)}`,
      at(place.start),
      valueHint(misfit, written),
    );
  }
};

const unknownKeyHint = (key: string, { properties = {} }: SchemaRules): string | undefined => {
  if (key === '<<') return 'merge keys are not YAML 1.2: write the values out';
  const near = nearest(key, Object.keys(properties));
  return near === undefined ? undefined : `did you mean "${near}"?`;
};

const TYPE_WORDS: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
};

const typeWords = (types: unknown): string =>
  (Array.isArray(types) ? types : [types]).map((type) => TYPE_WORDS[String(type)] ?? String(type)).join(' or ');

const isFlag = ({ enum: allowed }: SchemaRules): boolean => allowed?.includes(true) === true && allowed.includes(0);

const wordsOf = ({ enum: allowed = [] }: SchemaRules): readonly string[] =>
  allowed.filter((value) => typeof value === 'string');

/** The items of `vlans` and `vnis` may be numbers, those of `addresses` may not. */
const takesNumber = ({ anyOf }: SchemaRules): boolean => [anyOf?.[0]?.type].flat().includes('integer');

const expectation = ({ keyword, rules }: SchemaMisfit): string => {
  switch (keyword) {
    case 'type':
      return `must be ${typeWords(rules.type)}`;
    case 'anyOf':
      return takesNumber(rules)
        ? 'must be a number, a range such as 20-30, or a mapping'
        : 'must be an address with its prefix length, or a mapping';
    case 'const':
      return `must be ${JSON.stringify(rules.const)}`;
    case 'enum':
      if (isFlag(rules)) return 'must be true or false';
      return `must be one of ${wordsOf(rules).join(', ')}`;
    case 'minimum':
    case 'maximum':
      return `must be from ${rules.minimum ?? 0} to ${rules.maximum ?? 'any number'}`;
    case 'minLength':
      return 'must not be empty';
    case 'maxLength':
      return `must have at most ${rules.maxLength} characters`;
    case 'minItems':
      return `must have at least ${rules.minItems} items`;
    case 'maxItems':
      return `must have at most ${rules.maxItems} items`;
    case 'uniqueItems':
      return 'must not hold an item twice';
    default:
      return `does not fit (${keyword})`;
  }
};

/** `, not 70000`; long or structured values are left out. */
const found = (data: unknown, written: string): string => {
  if (data === null) return ', but nothing is written';
  if (Array.isArray(data)) return ', not a list';
  if (typeof data === 'object') return ', not a mapping';
  const text = typeof data === 'string' ? JSON.stringify(data) : written;
  return text.length <= 60 ? `, not ${text}` : '';
};

const valueHint = ({ keyword, rules, data }: SchemaMisfit, written: string): string | undefined => {
  if (data === null) return 'leave the key out where nothing is to be managed';
  if (keyword === 'enum' && isFlag(rules))
    return /^(yes|no|y|n)$/i.test(written) ? 'YAML 1.2 reads yes and no as text' : undefined;
  if (keyword === 'enum' && typeof data === 'string') {
    const near = nearest(data, wordsOf(rules));
    return near === undefined ? undefined : `did you mean "${near}"?`;
  }
  if (keyword === 'const' && typeof data === 'string' && data === String(rules.const)) return 'write it without quotes';
  if (keyword !== 'type' && keyword !== 'anyOf') return undefined;
  if (keyword === 'anyOf' && takesNumber(rules)) return undefined;
  const types = keyword === 'anyOf' ? ['string'] : [rules.type].flat();
  if (types.includes('string') && (typeof data === 'number' || typeof data === 'boolean')) {
    const reading = String(data) === written ? '' : ` is read as ${data}`;
    return `unquoted ${written}${reading || ` is a ${typeof data === 'number' ? 'number' : 'truth value'}`}: quote it, "${written}"`;
  }
  if (types.includes('integer') && typeof data === 'string' && /^[0-9]+$/.test(data)) return 'write it without quotes';
  if (types.includes('array') && typeof data === 'string') return `a list of one is [${data}]`;
  return undefined;
};
