// SPDX-License-Identifier: BSD-3-Clause
import { yaml } from '../../base/index.ts';
import { transferErrors } from './errors.ts';

/** A table of texts and numbers, as people write it. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly line: number | undefined; readonly values: readonly (string | number)[] }[];
}

/**
 * Reads a table: JSON (a list of objects, or an object of lists), ECSV (APE 6: CSV below a commented YAML header), CSV, or columns
 * separated by tabs, semicolons, bars or blanks. Lines that begin with `#` and empty lines are no rows; a value may be quoted.
 * @param file name for messages
 * @throws TRANSFER_BAD_TABLE with the line
 */
export function readTextTable(text: string, file: string): TextTable {
  const content = text.replace(/^\ufeff/, '');
  const table = /^\s*[[{]/.test(content) ? fromJson(content, file) : fromLines(content, file);
  const twice = table.columns.find((name, i) => table.columns.indexOf(name) !== i);
  if (twice !== undefined) throw transferErrors.BAD_TABLE({ file, problem: `it has two columns "${twice}"` });
  if (table.columns.length === 0) throw transferErrors.BAD_TABLE({ file, problem: 'it has no columns' });
  return table;
}

function fromJson(text: string, file: string): TextTable {
  const bad = (problem: string): Error => transferErrors.BAD_TABLE({ file, problem });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw bad((error as Error).message);
  }
  const rows = Array.isArray(content) ? content : transposed(content as Record<string, unknown>, bad);
  const columns = Object.keys((rows[0] ?? {}) as object);
  return {
    columns,
    rows: rows.map((row: unknown, i) => {
      if (typeof row !== 'object' || row === null) throw bad(`row ${i + 1} is not an object`);
      const other = Object.keys(row).find((name) => !columns.includes(name));
      if (other !== undefined) throw bad(`row ${i + 1} has a column "${other}" that the first row has not`);
      const values = columns.map((name) => {
        const value = (row as Record<string, unknown>)[name];
        if (typeof value === 'string' || typeof value === 'number') return value;
        throw bad(`row ${i + 1} has no text or number for "${name}"`);
      });
      return { line: undefined, values };
    }),
  };
}

function transposed(content: Record<string, unknown>, bad: (problem: string) => Error): unknown[] {
  const columns = Object.entries(content);
  for (const [name, values] of columns) if (!Array.isArray(values)) throw bad(`"${name}" is not a list`);
  const lists = columns as [string, unknown[]][];
  const rows = Math.max(0, ...lists.map(([, values]) => values.length));
  return Array.from({ length: rows }, (_, i) => Object.fromEntries(lists.map(([name, values]) => [name, values[i]])));
}

function fromLines(text: string, file: string): TextTable {
  const comments: string[] = [];
  const lines: { line: number; text: string }[] = [];
  text.split(/\r?\n/).forEach((one, i) => {
    if (one.startsWith('#')) comments.push(one.replace(/^# ?/, ''));
    else if (one.trim() !== '') lines.push({ line: i + 1, text: one });
  });
  if (lines.length === 0) throw transferErrors.BAD_TABLE({ file, problem: 'it is empty' });
  const [head, ...body] = lines;
  const separator = ecsvDelimiter(comments, file) ?? sniff(head.text);
  const split = ({ line, text: one }: { line: number; text: string }): string[] => fields(one, separator, file, line);
  const columns = split(head);
  return {
    columns,
    rows: body.map((one) => {
      const values = split(one);
      if (values.length === columns.length) return { line: one.line, values };
      const problem = `line ${one.line} has ${values.length} values for ${columns.length} columns`;
      throw transferErrors.BAD_TABLE({ file, problem }, { place: { file, line: one.line } });
    }),
  };
}

function ecsvDelimiter(comments: readonly string[], file: string): string | undefined {
  if (!/^%ECSV/.test(comments[0] ?? '')) return undefined;
  try {
    const header = yaml().parse(comments.slice(1).join('\n'), { version: '1.1', logLevel: 'error' }) as {
      delimiter?: string;
    };
    return header?.delimiter ?? ' ';
  } catch (error) {
    throw transferErrors.BAD_TABLE({
      file,
      problem: `its ECSV header is no YAML: ${(error as Error).message.split('\n')[0]}`,
    });
  }
}

function sniff(header: string): string {
  return ['\t', ',', ';', '|'].find((one) => header.includes(one)) ?? ' ';
}

/** One line; quotes are doubled inside of quotes (RFC 4180). Blanks as separators count once however many. */
function fields(text: string, separator: string, file: string, line: number): string[] {
  const out: string[] = [];
  const blank = separator === ' ';
  let at = 0;
  for (;;) {
    while (text[at] === ' ') at++;
    if (blank && at >= text.length) return out;
    if (text[at] === '"') {
      let value = '';
      for (at++; ; at++) {
        if (at >= text.length) {
          const problem = `line ${line} has a quote that does not end`;
          throw transferErrors.BAD_TABLE({ file, problem }, { place: { file, line } });
        }
        if (text[at] !== '"') value += text[at];
        else if (text[at + 1] === '"') value += text[at++];
        else break;
      }
      out.push(value);
      const next = text.indexOf(separator, at + 1);
      if (next < 0) return out;
      at = next + 1;
    } else {
      const next = text.indexOf(separator, at);
      out.push((next < 0 ? text.slice(at) : text.slice(at, next)).trim());
      if (next < 0) return out;
      at = next + 1;
    }
  }
}
