// SPDX-License-Identifier: BSD-3-Clause
import { expressionLexer } from './expression-lexer.ts';
import { expressionParser } from './expression-parser.ts';
import type { Adapter } from './suite.ts';
import { timeLiterals } from './time-literals.ts';
import { timespan } from './timespan.ts';

/** Every suite that has an adapter, by the name of its file. */
export const SUITES: Readonly<Record<string, Adapter>> = {
  'expression-lexer': expressionLexer,
  'expression-parser': expressionParser,
  'time-literals': timeLiterals,
  timespan,
};
