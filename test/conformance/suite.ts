// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** One case of a suite: whatever its file says, and at least an id. */
// biome-ignore lint/suspicious/noExplicitAny: cases are JSON of as many shapes as there are suites
export type Case = Record<string, any> & { id: string };

export interface SuiteFile {
  readonly cases: readonly Case[];
  // biome-ignore lint/suspicious/noExplicitAny: suite-wide constants, of the suite's own shape
  readonly [name: string]: any;
}

export interface SuiteContext {
  readonly suite: SuiteFile;
  /** Folder of the conformance material (with cases/, data/ and repos/). */
  readonly root: string;
  readonly engine: string;
}

/** What an adapter gives back: the answer to compare, and (where the case's own `expect` needs reshaping) what to compare it with. */
export interface Comparison {
  readonly actual: unknown;
  readonly expected: unknown;
  /** For judgements finer than deep equality. */
  readonly equal?: boolean;
}

export interface Adapter {
  /** Of suites without a file of cases: what there is to check in the material. */
  cases?(context: { readonly root: string; readonly engine: string }): readonly Case[];
  run(test: Case, context: SuiteContext): Comparison | Promise<Comparison>;
  close?(): void | Promise<void>;
}

export interface SuiteResult {
  readonly suite: string;
  readonly passed: number;
  readonly total: number;
  readonly failures: readonly { id: string; actual: unknown; expected: unknown; error?: unknown }[];
}

/** Gives every case of `cases/<name>.json` to the adapter and compares. An adapter that throws fails that case. */
export async function runSuite(
  name: string,
  adapter: Adapter,
  root: string,
  engine = 'sqlite',
  only?: string,
): Promise<SuiteResult> {
  const suite: SuiteFile =
    adapter.cases === undefined
      ? JSON.parse(readFileSync(join(root, 'cases', `${name}.json`), 'utf8'))
      : { cases: adapter.cases({ root, engine }) };
  const context = { suite, root, engine };
  const failures: SuiteResult['failures'][number][] = [];
  const cases = suite.cases.filter((test) => only === undefined || test.id.includes(only));
  try {
    for (const test of cases) {
      try {
        const { actual, expected, equal } = await adapter.run(test, context);
        if (!(equal ?? isDeepStrictEqual(actual, expected))) failures.push({ id: test.id, actual, expected });
      } catch (error) {
        failures.push({ id: test.id, actual: undefined, expected: test.expect, error });
      }
    }
  } finally {
    await adapter.close?.();
  }
  return { suite: name, passed: cases.length - failures.length, total: cases.length, failures };
}
