/** What the state file's schema says of a value: the keywords of JSON Schema (draft-07) that it uses, and no others. */
export interface SchemaRules {
  /** `#/definitions/NAME` */
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaRules[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: SchemaRules;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaRules>>;
  readonly additionalProperties?: boolean | SchemaRules;
  readonly definitions?: Readonly<Record<string, SchemaRules>>;
}

/** A value that does not fit. */
export interface SchemaMisfit {
  /** the keyword that says so */
  readonly keyword: keyof SchemaRules;
  /** keys and places from the root to the value */
  readonly path: readonly string[];
  readonly data: unknown;
  /** what the keyword is part of */
  readonly rules: SchemaRules;
  /** the key that is missing (`required`) or not known (`additionalProperties`) */
  readonly key?: string;
}

/** Looks at a value, at `path` from the root, and adds what does not fit. */
type Check = (value: unknown, path: string[], misfits: SchemaMisfit[]) => void;

const isOfType = (value: unknown, type: string): boolean => {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMapping(value);
    case 'null':
      return value === null;
    default:
      // the other types of JSON are called as in JavaScript
      return typeof value === type;
  }
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Characters, not UTF-16 units; nearly every text is plain. */
const countCharacters = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

const hasTwins = (items: readonly unknown[]): boolean =>
  new Set(items.map((item) => JSON.stringify(item))).size < items.length;

/** Whether a value is within the limits of one keyword; `undefined` where the keyword says nothing of such values. */
const LIMITS: { readonly [K in keyof SchemaRules]?: (value: unknown, limit: never) => boolean } = {
  const: (value, limit: unknown) => value === limit,
  enum: (value, allowed: readonly unknown[]) => allowed.includes(value),
  minimum: (value, least: number) => typeof value !== 'number' || value >= least,
  maximum: (value, most: number) => typeof value !== 'number' || value <= most,
  minLength: (value, least: number) => typeof value !== 'string' || countCharacters(value) >= least,
  maxLength: (value, most: number) => typeof value !== 'string' || countCharacters(value) <= most,
  minItems: (value, least: number) => !Array.isArray(value) || value.length >= least,
  maxItems: (value, most: number) => !Array.isArray(value) || value.length <= most,
  uniqueItems: (value, unique: boolean) => !unique || !Array.isArray(value) || !hasTwins(value),
};

/**
 * Makes a check of a schema. Parts of it are made ready when a value first comes to them: a file of ten lines meets few of
 * them, and every start pays for what is made ready.
 * @returns every misfit of a value, in the order in which it holds them; none where it fits
 * @throws {TypeError} where the schema refers to what it does not define
 */
export const compileRules = (root: SchemaRules): ((value: unknown) => readonly SchemaMisfit[]) => {
  const known = new Map<SchemaRules, Check>();

  const checkOf = (rules: SchemaRules): Check => {
    const check = known.get(rules) ?? prepare(rules);
    known.set(rules, check);
    return check;
  };

  const resolve = (reference: string): SchemaRules => {
    const rules = root.definitions?.[reference.replace('#/definitions/', '')];
    if (rules === undefined) throw new TypeError(`the schema does not define ${reference}`);
    return rules;
  };

  const checkAt = (rules: SchemaRules, value: unknown, key: string, path: string[], misfits: SchemaMisfit[]): void => {
    path.push(key);
    checkOf(rules)(value, path, misfits);
    path.pop();
  };

  const checkType =
    (rules: SchemaRules, types: readonly string[]): Check =>
    (value, path, misfits) => {
      if (types.some((type) => isOfType(value, type))) return;
      misfits.push({ keyword: 'type', path: [...path], data: value, rules });
    };

  const checkLimits = (rules: SchemaRules): readonly Check[] =>
    Object.entries(LIMITS).flatMap(([name, isWithin]): Check | readonly Check[] => {
      const keyword = name as keyof SchemaRules;
      const limit = rules[keyword] as never;
      if (limit === undefined) return [];
      return (value, path, misfits) => {
        if (!isWithin(value, limit)) misfits.push({ keyword, path: [...path], data: value, rules });
      };
    });

  /** One of the alternatives must fit; where none does, what each says goes first. */
  const checkAnyOf =
    (rules: SchemaRules, alternatives: readonly SchemaRules[]): Check =>
    (value, path, misfits) => {
      const said: SchemaMisfit[] = [];
      for (const alternative of alternatives) {
        const before = said.length;
        checkOf(alternative)(value, path, said);
        if (said.length === before) return;
      }
      misfits.push(...said, { keyword: 'anyOf', path: [...path], data: value, rules });
    };

  const checkItems =
    (items: SchemaRules): Check =>
    (value, path, misfits) => {
      if (Array.isArray(value)) for (const [i, item] of value.entries()) checkAt(items, item, `${i}`, path, misfits);
    };

  const checkMembers = (rules: SchemaRules): Check => {
    const { required = [], properties = {}, additionalProperties: others = true } = rules;
    const named = new Map(Object.entries(properties));
    return (value, path, misfits) => {
      if (!isMapping(value)) return;
      for (const key of required) {
        if (value[key] === undefined) misfits.push({ keyword: 'required', path: [...path], data: value, rules, key });
      }
      for (const key of Object.keys(value)) {
        const member = named.get(key) ?? others;
        if (typeof member === 'object') {
          if (value[key] !== undefined) checkAt(member, value[key], key, path, misfits);
        } else if (!member) {
          misfits.push({ keyword: 'additionalProperties', path: [...path], data: value, rules, key });
        }
      }
    };
  };

  const prepare = (rules: SchemaRules): Check => {
    const { $ref, type, anyOf, items, required, properties, additionalProperties } = rules;
    const checks = [
      ...($ref === undefined ? [] : [checkOf(resolve($ref))]),
      ...(type === undefined ? [] : [checkType(rules, [type].flat())]),
      ...checkLimits(rules),
      ...(anyOf === undefined ? [] : [checkAnyOf(rules, anyOf)]),
      ...(items === undefined ? [] : [checkItems(items)]),
      ...(required === undefined && properties === undefined && additionalProperties === undefined
        ? []
        : [checkMembers(rules)]),
    ];
    const [only] = checks;
    if (checks.length === 1 && only !== undefined) return only;
    return (value, path, misfits) => {
      for (const check of checks) check(value, path, misfits);
    };
  };

  return (value) => {
    const misfits: SchemaMisfit[] = [];
    checkOf(root)(value, [], misfits);
    return misfits;
  };
};
