// SPDX-License-Identifier: BSD-3-Clause
import type { Dialect, SqlValue } from '../../registry/database.ts';

/** A piece of SQL and the values of its parameters. In the text every `?` is a parameter: values are never written into it. */
export interface Sql {
  readonly text: string;
  readonly params: readonly SqlValue[];
}

/** Text that needs no parameters: keywords and quoted identifiers. */
export function raw(text: string): Sql {
  return { text, params: [] };
}

export const EMPTY = raw('');

/** Template of SQL: fragments are spliced in, other values become parameters. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | SqlValue)[]): Sql {
  let text = strings[0];
  const params: SqlValue[] = [];
  parts.forEach((part, i) => {
    if (isSql(part)) {
      text += part.text;
      params.push(...part.params);
    } else {
      text += '?';
      params.push(part);
    }
    text += strings[i + 1];
  });
  return { text, params };
}

export function join(parts: readonly Sql[], separator: string): Sql {
  return { text: parts.map((part) => part.text).join(separator), params: parts.flatMap((part) => part.params) };
}

/** The statement with the placeholders of the dialect. */
export function statement(fragment: Sql, dialect: Dialect): { text: string; params: readonly SqlValue[] } {
  let index = 0;
  return { text: fragment.text.replaceAll('?', () => dialect.placeholder(index++)), params: fragment.params };
}

function isSql(value: Sql | SqlValue): value is Sql {
  return typeof value === 'object' && value !== null && 'text' in value && 'params' in value;
}
