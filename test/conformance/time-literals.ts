// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import { parseTimeLiteral } from '../../src/butler/query/expression/time-literal.ts';
import type { Adapter, Case, Comparison } from './suite.ts';

/** Suite time-literals: format, scale and instant of the inside of T'…'. */
export const timeLiterals: Adapter = { run };

function run(test: Case): Comparison {
  const { ok, format, scale, taiNanosecondsSinceEpoch } = test.expect;
  const expected = ok ? { ok, format, scale, taiNs: taiNanosecondsSinceEpoch } : { ok };
  try {
    const time = parseTimeLiteral(test.input);
    return { actual: { ok: true, format: time.format, scale: time.scale, taiNs: String(time.taiNs) }, expected };
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    return { actual: { ok: false }, expected };
  }
}
