// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import { lex } from '../../src/butler/query/expression/lexer.ts';
import type { Adapter, Case, Comparison } from './suite.ts';

/** Suite expression-lexer: token streams, and where they break off. */
export const expressionLexer: Adapter = { run };

function run(test: Case): Comparison {
  const tokens: unknown[] = [];
  let endsWith: unknown = 'end';
  try {
    for (const token of lex(test.input)) {
      if (token.kind === 'END') break;
      const { range } = token;
      const value = range && [range.start, range.stop, range.hasStride ? range.stride : null];
      tokens.push([token.kind, value ?? token.value]);
    }
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    const line = error.place!.line!;
    const pos = offsetOf(test.input, line, error.place!.column!);
    endsWith = { error: true, remain: test.input.slice(pos), pos, line };
  }
  return { actual: { tokens, endsWith }, expected: { tokens: test.tokens, endsWith: test.endsWith } };
}

/** 0-based offset of a 1-based line and column. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n').slice(0, line - 1);
  return lines.reduce((sum, before) => sum + before.length + 1, 0) + column - 1;
}
