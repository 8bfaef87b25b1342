// SPDX-License-Identifier: BSD-3-Clause
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { didYouMean, type Place } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';

/** One YAML text with the place of every node in it. */
export class YamlSource {
  readonly file: string;
  readonly root: Node | null;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #document: ReturnType<typeof parseDocument>;

  /** Parses at once; broken YAML is an error with its place. */
  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    const [problem] = this.#document.errors;
    if (problem !== undefined) {
      throw pipelineErrors.YAML_SYNTAX({ file, problem: problem.message }, { place: this.placeAt(problem.pos[0]) });
    }
    this.root = this.#document.contents as Node | null;
  }

  placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const source = this.#text.slice(start).split('\n', 1)[0] ?? '';
    const pad = source.slice(0, col - 1).replace(/[^\t]/g, ' ');
    return { file: this.file, line, column: col, excerpt: `${source}\n${pad}^` };
  }

  place(node: unknown): Place {
    const range = (node as Node | null | undefined)?.range;
    return range ? this.placeAt(range[0]) : { file: this.file };
  }

  /** Aliases replaced by what they stand for. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** The pairs of a mapping, each key a string and given once. `what` names the mapping in errors. */
  entries(node: unknown, what: string, known?: readonly string[]): YamlEntry[] {
    const map = this.resolve(node);
    if (map === null || map === undefined || (isScalar(map) && map.value === null)) return [];
    if (!isMap(map)) this.refuse(node, what, 'a mapping');
    const seen = new Set<string>();
    return ((map as YAMLMap).items as Pair<Node, Node>[]).map((pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      if (seen.has(key)) throw pipelineErrors.DUPLICATE_KEY({ what, key }, { place: this.place(pair.key) });
      seen.add(key);
      if (known !== undefined && !known.includes(key)) {
        throw pipelineErrors.UNKNOWN_KEY(
          { what, key, known: known.join(', '), hint: didYouMean(key, known) },
          { place: this.place(pair.key) },
        );
      }
      return { key, keyNode: pair.key, node: pair.value, place: this.place(pair.value ?? pair.key) };
    });
  }

  /** The items of a sequence; a single scalar counts as a sequence of one. */
  items(node: unknown, what: string): Node[] {
    const value = this.resolve(node);
    if (value === null || value === undefined || (isScalar(value) && value.value === null)) return [];
    if (isSeq(value)) return value.items as Node[];
    if (isScalar(value) || isMap(value)) return [value as Node];
    return this.refuse(node, what, 'a sequence');
  }

  string(node: unknown, what: string): string {
    const value = this.resolve(node);
    if (isScalar(value) && (typeof value.value === 'string' || typeof value.value === 'number'))
      return String(value.value);
    return this.refuse(node, what, 'text');
  }

  strings(node: unknown, what: string): string[] {
    return this.items(node, what).map((item) => this.string(item, what));
  }

  boolean(node: unknown, what: string): boolean {
    const value = this.resolve(node);
    if (isScalar(value) && typeof value.value === 'boolean') return value.value;
    return this.refuse(node, what, 'true or false');
  }

  plain(node: unknown): unknown {
    const value = this.resolve(node) as Node | null;
    return value === null || value === undefined ? null : value.toJS(this.#document);
  }

  isMap(node: unknown): boolean {
    return isMap(this.resolve(node));
  }

  isText(node: unknown): boolean {
    const value = this.resolve(node);
    return isScalar(value) && typeof value.value === 'string';
  }

  isNull(node: unknown): boolean {
    const value = this.resolve(node);
    return value === null || value === undefined || (isScalar(value) && value.value === null);
  }

  refuse(node: unknown, what: string, expected: string): never {
    const value = this.resolve(node);
    const found = isMap(value) ? 'a mapping' : isSeq(value) ? 'a sequence' : JSON.stringify(this.plain(node));
    throw pipelineErrors.WRONG_SHAPE({ what, expected, found: found ?? 'nothing' }, { place: this.place(node) });
  }
}

export interface YamlEntry {
  key: string;
  keyNode: unknown;
  node: unknown;
  place: Place;
}
