// Made from schemas/state.schema.json by scripts/build-schema.mjs; do not edit.
/** One misfit, as ajv words it (option `verbose`). */
export interface SchemaMisfit {
  readonly keyword: string;
  /** JSON pointer of the value */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  readonly parentSchema: Readonly<Record<string, unknown>>;
}

/** Whether a value fits the schema; `errors` holds every misfit of the last call. */
declare const validate: { (value: unknown): boolean; errors?: readonly SchemaMisfit[] | null };
export default validate;
