// SPDX-License-Identifier: BSD-3-Clause

const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bCAST\s*\(|\bAS\s+(?=[a-z"])|\bLIMIT (\?|\d+)(?: OFFSET (\?|\d+))?|[?()]/gi;

/**
 * A statement of the registry as Oracle wants it: binds are `:1`, `:2`, …; no AS before an alias (it stays in CAST and WITH); LIMIT and
 * OFFSET are the clauses of the SQL standard.
 */
export function oracleStatement(sql: string): string {
  let bind = 0;
  /** What each open parenthesis belongs to. */
  const open: ('cast' | 'other')[] = [];
  const number = (text: string): string => (text === '?' ? `:${++bind}` : text);
  return sql.replaceAll(tokens, (match, limit: string | undefined, offset: string | undefined) => {
    if (match === '?') return number(match);
    if (match === '(') {
      open.push('other');
      return match;
    }
    if (match === ')') {
      open.pop();
      return match;
    }
    if (/^CAST/i.test(match)) {
      open.push('cast');
      return match;
    }
    if (/^AS\s/i.test(match)) return open.at(-1) === 'cast' ? match : '';
    if (limit === undefined) return match;
    const rows = number(limit);
    const skipped = offset === undefined ? '' : `OFFSET ${number(offset)} ROWS `;
    return `${skipped}FETCH NEXT ${rows} ROWS ONLY`;
  });
}
