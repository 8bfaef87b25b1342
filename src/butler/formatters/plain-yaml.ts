// SPDX-License-Identifier: BSD-3-Clause

/** A text that means itself in every version of YAML: no number, date, truth value or null, no indicator, no colon before a space, no comment. */
const plainText = /^(?:[A-Za-z_/]|<(?!<))(?:[\w./+@<>-]|:(?=[\w./+@<>-])|,(?! )| (?=[\w./+@-]))*$/;
const words = /^(?:y|yes|n|no|on|off|true|false|null)$/i;
const integer = /^(?:0|-?[1-9]\d{0,14})$/;
const decimal = /^-?(?:0|[1-9]\d*)\.\d+(?:e[-+]\d+)?$/;

interface Line {
  indent: number;
  text: string;
}

/** Says that a text is beyond what is read here. */
class Beyond extends Error {}

/**
 * Reads the commonest YAML, block mappings and sequences of simple scalars as dumpers write them, some twenty times as fast as a whole
 * parser does. Undefined for anything else (comments, flow collections, anchors, escapes, text over lines, doubtful scalars, errors):
 * then the whole parser decides. What is read here is what that would give.
 */
export function readPlainYaml(text: string): unknown {
  if (!text.endsWith('\n')) return undefined;
  const lines: Line[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    let indent = 0;
    while (line.charCodeAt(indent) === 32) indent++;
    if (indent === line.length) return undefined;
    lines.push({ indent, text: line.slice(indent) });
  }
  if (lines[0].indent !== 0 || !(lines[0].text.startsWith('- ') || lines[0].text.includes(':'))) return undefined;
  try {
    const reader = new Reader(lines);
    const value = reader.block(0);
    return reader.atEnd ? value : undefined;
  } catch (error) {
    if (error instanceof Beyond) return undefined;
    throw error;
  }
}

class Reader {
  readonly #lines: Line[];
  #at = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  get atEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  /** The mapping or sequence whose lines stand at this indent. */
  block(indent: number): unknown {
    return isItem(this.#lines[this.#at].text) ? this.#sequence(indent) : this.#mapping(indent);
  }

  #mapping(indent: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (let line = this.#next(indent); line !== undefined && !isItem(line.text); line = this.#next(indent)) {
      const colon = line.text.indexOf(':');
      const key = line.text.slice(0, colon);
      if (colon < 0 || !isPlainText(key) || key === '__proto__' || Object.hasOwn(out, key)) throw new Beyond();
      const rest = line.text.slice(colon + 1);
      this.#at++;
      if (rest !== '') {
        if (rest.charCodeAt(0) !== 32) throw new Beyond();
        out[key] = scalar(rest.slice(1));
      } else out[key] = this.#nested(indent);
    }
    return out;
  }

  /** What belongs to a key without a value on its line; the items of a sequence may stand right below the key. */
  #nested(indent: number): unknown {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return null;
    if (next.indent > indent) return this.block(next.indent);
    return isItem(next.text) ? this.#sequence(indent) : null;
  }

  #sequence(indent: number): unknown[] {
    const out: unknown[] = [];
    for (let line = this.#next(indent); line !== undefined && isItem(line.text); line = this.#next(indent)) {
      const rest = line.text.slice(2);
      if (rest.startsWith(' ')) throw new Beyond();
      if (isItem(rest) || /^[A-Za-z_][^:'"]*:(?: |$)/.test(rest)) {
        // A block that begins on the line of its item.
        this.#lines[this.#at] = { indent: indent + 2, text: rest };
        out.push(this.block(indent + 2));
      } else {
        this.#at++;
        out.push(scalar(rest));
      }
    }
    return out;
  }

  /** The next line, if it is of this block; one that stands deeper has no place here. */
  #next(indent: number): Line | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined || line.indent < indent) return undefined;
    if (line.indent > indent) throw new Beyond();
    return line;
  }
}

function isItem(text: string): boolean {
  return text.startsWith('- ');
}

function isPlainText(text: string): boolean {
  return plainText.test(text) && !words.test(text);
}

function scalar(text: string): unknown {
  if (integer.test(text) || decimal.test(text)) return Number(text);
  if (isPlainText(text)) return text;
  switch (text) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    case '{}':
      return {};
    case '[]':
      return [];
  }
  const quote = text[0];
  const inner = text.slice(1, -1);
  const simple = text.length > 1 && text.endsWith(quote) && !inner.includes(quote);
  if (simple && quote === "'" && /^[\x20-\x7e]*$/.test(inner)) return inner;
  if (simple && quote === '"' && /^[\x20-\x7e]*$/.test(inner) && !inner.includes('\\')) return inner;
  throw new Beyond();
}

/**
 * Writes mappings and sequences of simple values, some thirty times as fast as the whole writer and in exactly its words. Undefined for
 * anything that it might write otherwise.
 */
export function writePlainYaml(value: unknown): string | undefined {
  if (!isCollection(value) || sizeOf(value) === 0) return undefined;
  try {
    return blockText(value, '');
  } catch (error) {
    if (error instanceof Beyond) return undefined;
    throw error;
  }
}

type Collection = readonly unknown[] | Readonly<Record<string, unknown>>;

function isCollection(value: unknown): value is Collection {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function sizeOf(value: Collection): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Lines of a collection that is not empty; the first is not indented, for it may follow a dash. */
function blockText(value: Collection, indent: string): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => `- ${isCollection(item) ? itemText(item, indent) : scalarText(item)}\n`);
    return items.join(indent);
  }
  const entries = Object.entries(value).map(([key, item]) => `${keyText(key)}:${entryText(item, indent)}\n`);
  return entries.join(indent);
}

function itemText(item: Collection, indent: string): string {
  if (Array.isArray(item)) throw new Beyond();
  return sizeOf(item) === 0 ? '{}' : blockText(item, `${indent}  `).slice(0, -1);
}

function entryText(item: unknown, indent: string): string {
  if (!isCollection(item)) return ` ${scalarText(item)}`;
  if (sizeOf(item) === 0) return Array.isArray(item) ? ' []' : ' {}';
  const inner = `${indent}  `;
  return `\n${inner}${blockText(item, inner).slice(0, -1)}`;
}

function keyText(key: string): string {
  if (key.length > 100 || !isPlain(key)) throw new Beyond();
  return key;
}

function isPlain(text: string): boolean {
  return plainText.test(text) && !words.test(text);
}

function scalarText(value: unknown): string {
  if (typeof value === 'string' && isPlain(value)) return value;
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'number') {
    const text = Object.is(value, -0) ? '-0' : String(value);
    if (integer.test(text) || (decimal.test(text) && !text.includes('e'))) return text;
  }
  throw new Beyond();
}
