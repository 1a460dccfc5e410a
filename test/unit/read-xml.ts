/** An element of an XML document, without its comments. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const TOKEN = /<\?xml [^?]*\?>|<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([\w:.-]+)="([^"<]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Blanks in an attribute are normalized before its references are resolved (XML 1.0, 3.3.3). */
const resolve = (text: string): string =>
  text.replace(/&(?:#(\d+);|(\w+);)?/g, (whole, number?: string, name?: string) => {
    const char = number === undefined ? ENTITIES[name ?? ''] : String.fromCodePoint(Number(number));
    if (char === undefined) throw new Error(`no reference: ${whole}`);
    return char;
  });

/** A strict reader of the little XML that reports need: whatever is not well-formed is an exception. */
export const readXml = (document: string): Element => {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(document)) throw new Error('no XML character');
  interface Open {
    readonly name: string;
    readonly attributes: Record<string, string>;
    readonly children: Element[];
    text: string;
  }
  const open: Open[] = [{ name: '', attributes: {}, children: [], text: '' }];
  let end = 0;
  for (const [whole, closes, name, list = '', empty, text] of document.matchAll(TOKEN)) {
    end += whole.length;
    const top = open.at(-1) as Open;
    if (text !== undefined) {
      top.text += resolve(text);
    } else if (closes === '/') {
      if (top.name !== name) throw new Error(`</${name}> ends <${top.name}>`);
      open.pop();
    } else if (name !== undefined) {
      const attributes: Record<string, string> = {};
      for (const [, key = '', value = ''] of list.matchAll(ATTRIBUTE)) {
        if (key in attributes) throw new Error(`${key} twice`);
        attributes[key] = resolve(value.replace(/[\t\n\r]/g, ' '));
      }
      const element: Open = { name, attributes, children: [], text: '' };
      top.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  const [document_] = open;
  if (end !== document.length) throw new Error(`not well-formed at ${end}: ${document.slice(end, end + 60)}`);
  if (open.length !== 1 || document_?.children.length !== 1 || document_.text.trim() !== '')
    throw new Error('not one element');
  return document_.children[0] as Element;
};
