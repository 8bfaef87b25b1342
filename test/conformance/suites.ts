// SPDX-License-Identifier: BSD-3-Clause
import { expressionLexer } from './expression-lexer.ts';
import { expressionParser } from './expression-parser.ts';
import { registryOracle } from './registry-oracle.ts';
import { registryQueries } from './registry-queries.ts';
import type { Adapter } from './suite.ts';
import { timeLiterals } from './time-literals.ts';
import { timespan } from './timespan.ts';

/** Every suite that has an adapter, by the name of its file. */
export const SUITES: Readonly<Record<string, Adapter>> = {
  'expression-lexer': expressionLexer,
  'expression-parser': expressionParser,
  'registry-oracle': registryOracle,
  'registry-queries': registryQueries,
  'time-literals': timeLiterals,
  timespan,
};
