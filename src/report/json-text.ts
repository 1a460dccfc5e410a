/** A list of a document whose elements are made one by one, as they are written. */
export class JsonList {
  /** Texts of the elements; each begins further lines with `indent`. */
  readonly elements: (indent: string) => Iterable<string>;

  constructor(elements: (indent: string) => Iterable<string>) {
    this.elements = elements;
  }
}

/** A value as JSON with an indent of two, further lines beginning with `indent`. */
export const indentedJson = (value: unknown, indent: string): string =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const holdsList = (value: unknown): boolean => {
  if (value instanceof JsonList) return true;
  if (Array.isArray(value)) return value.some(holdsList);
  return isMapping(value) && Object.values(value).some(holdsList);
};

/** The text of a document in pieces, as JSON.stringify with an indent of two gives it in one. */
export function* jsonPieces(value: unknown, indent = ''): Generator<string> {
  const within = `${indent}  `;
  let before = '';
  if (value instanceof JsonList) {
    for (const element of value.elements(within)) {
      yield `${before === '' ? '[' : before}\n${within}${element}`;
      before = ',';
    }
    yield before === '' ? '[]' : `\n${indent}]`;
  } else if (!holdsList(value)) yield indentedJson(value, indent);
  else if (Array.isArray(value)) {
    for (const element of value) {
      yield `${before === '' ? '[' : before}\n${within}`;
      yield* jsonPieces(element, within);
      before = ',';
    }
    yield `\n${indent}]`;
  } else {
    for (const [name, member] of Object.entries(value as object)) {
      if (member === undefined) continue;
      yield `${before === '' ? '{' : before}\n${within}${JSON.stringify(name)}: `;
      yield* jsonPieces(member, within);
      before = ',';
    }
    yield `\n${indent}}`;
  }
}
