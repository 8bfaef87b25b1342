// SPDX-License-Identifier: BSD-3-Clause

/** The text is not as plain as exports are: a full reader must take it. */
export class NotPlain extends Error {}

type Line = readonly [indent: number, text: string];

const blank = /^ *(?:#.*)?$/;
const keyed = /^([A-Za-z_][A-Za-z0-9_.]*):(?: +(.*))?$/;
const integer = /^(?:0|-?[1-9][0-9]{0,14})$/;
const decimal = /^-?[0-9]+\.[0-9]+(?:e[-+][0-9]+)?$/;
const word = /^[A-Za-z][A-Za-z0-9_./+-]*$/;
const reserved = /^(?:y|yes|n|no|true|false|on|off|null)$/i;
const region = /^!<lsst\.sphgeom\.[A-Za-z]+>$/;
const flowValue = '(?:[A-Za-z][A-Za-z0-9_./+-]*|-?[0-9]+)';
const flowMap = new RegExp(`^\\{(?:\\w+: ${flowValue}(?:, \\w+: ${flowValue})*)?\\}$`);

/**
 * Reads the YAML of exports many times faster than a full reader: block maps and lists of one-line values, as repositories write
 * them. A value that is not obviously a word or a number goes to `readValue`, with the lines that continue it.
 * @throws NotPlain at anything else (anchors, tabs, several documents, errors)
 */
export function quickYaml(text: string, readValue: (text: string) => unknown): unknown {
  const lines: Line[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line;
    let indent = 0;
    while (trimmed.charCodeAt(indent) === 32) indent++;
    lines.push([indent, trimmed.slice(indent)]);
  }
  return new Reader(lines, readValue).document();
}

class Reader {
  readonly #lines: readonly Line[];
  readonly #readValue: (text: string) => unknown;
  readonly #values = new Map<string, unknown>();
  #at = 0;

  constructor(lines: readonly Line[], readValue: (text: string) => unknown) {
    this.#lines = lines;
    this.#readValue = readValue;
  }

  document(): unknown {
    this.#skip();
    const value = this.#block(0);
    this.#skip();
    if (this.#at < this.#lines.length) throw new NotPlain();
    return value;
  }

  #skip(): void {
    while (this.#at < this.#lines.length && blank.test(this.#lines[this.#at][1])) this.#at++;
  }

  #block(indent: number): unknown {
    const line = this.#lines[this.#at];
    if (line === undefined || line[0] !== indent) throw new NotPlain();
    return isItem(line[1]) ? this.#list(indent) : this.#map(indent, {});
  }

  #list(indent: number): unknown[] {
    const out: unknown[] = [];
    for (;;) {
      const line = this.#lines[this.#at];
      if (line === undefined || line[0] !== indent || !isItem(line[1])) break;
      if (line[1].trimEnd() === '-') {
        this.#at++;
        out.push(this.#below(indent, true));
        this.#skip();
        continue;
      }
      const rest = line[1].slice(2);
      const inner = rest.trimStart();
      const match = keyed.exec(inner);
      if (match !== null) out.push(this.#map(indent + 2 + (rest.length - inner.length), {}, match));
      else {
        this.#at++;
        out.push(this.#value(inner, indent));
      }
      this.#skip();
    }
    this.#end(indent);
    return out;
  }

  /** `first`: the key and value that stand behind the dash of a list. */
  #map(indent: number, out: Record<string, unknown>, first?: RegExpExecArray): Record<string, unknown> {
    let match: RegExpExecArray | null = first ?? null;
    for (;;) {
      if (match === null) {
        const line = this.#lines[this.#at];
        if (line === undefined || line[0] !== indent) break;
        match = keyed.exec(line[1]);
        if (match === null) break;
      }
      this.#at++;
      const [, key, text = ''] = match;
      if (key in out || key === '__proto__' || reserved.test(key)) throw new NotPlain();
      out[key] = text === '' ? this.#below(indent) : this.#value(text, indent);
      match = null;
      this.#skip();
    }
    this.#end(indent);
    return out;
  }

  /** What follows must belong to a block further out. */
  #end(indent: number): void {
    const next = this.#lines[this.#at];
    if (next === undefined || next[0] < indent) return;
    // The items of a list may stand as far in as its key.
    if (next[0] === indent && isItem(next[1])) return;
    if (next[0] === indent && keyed.test(next[1])) return;
    throw new NotPlain();
  }

  #below(indent: number, inList = false): unknown {
    this.#skip();
    const next = this.#lines[this.#at];
    if (next === undefined || next[0] < indent) return null;
    if (next[0] > indent) return this.#block(next[0]);
    return isItem(next[1]) && !inList ? this.#list(indent) : null;
  }

  #value(text: string, indent: number): unknown {
    const next = this.#lines[this.#at];
    if (next !== undefined && next[0] > indent && next[1] !== '') return this.#continued(text, indent);
    if (word.test(text)) return reserved.test(text) ? this.#other(text) : text;
    if (integer.test(text) || decimal.test(text)) return Number(text);
    if (text.startsWith("!uuid '") && text.length === 44) return text.slice(7, 43).toLowerCase();
    if (flowMap.test(text)) return flow(text, (value) => this.#value(value, Number.POSITIVE_INFINITY));
    return this.#other(text);
  }

  #continued(text: string, indent: number): unknown {
    const [, below] = this.#lines[this.#at];
    const after = this.#lines[this.#at + 1];
    if (region.test(text) && /^encoded: [0-9a-f]+$/.test(below) && (after === undefined || after[0] <= indent)) {
      this.#at++;
      return new Uint8Array(Buffer.from(below.slice(9), 'hex'));
    }
    let whole = text;
    for (let line = this.#lines[this.#at]; line !== undefined; line = this.#lines[this.#at]) {
      if (line[1] !== '' && line[0] <= indent) break;
      whole += `\n${' '.repeat(line[0])}${line[1]}`;
      this.#at++;
    }
    return this.#other(whole);
  }

  /** Values come often again: times of a night, flags. */
  #other(text: string): unknown {
    if (/^[&*%@`\t]/.test(text) || text.includes('\t')) throw new NotPlain();
    let value = this.#values.get(text);
    if (value === undefined) {
      value = this.#readValue(text);
      if (typeof value === 'object' && value !== null) return value; // never shared
      this.#values.set(text, value);
    }
    return value;
  }
}

function isItem(text: string): boolean {
  return text.startsWith('- ') || text === '-';
}

function flow(text: string, read: (value: string) => unknown): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (text === '{}') return out;
  for (const pair of text.slice(1, -1).split(', ')) {
    const at = pair.indexOf(': ');
    const key = pair.slice(0, at);
    if (!/^[A-Za-z_]/.test(key) || key in out || key === '__proto__' || reserved.test(key)) throw new NotPlain();
    out[key] = read(pair.slice(at + 2));
  }
  return out;
}
