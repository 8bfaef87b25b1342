// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Butler, type DimensionRecord } from '../../src/butler/index.ts';
import {
  definedVisits,
  type PlanOptions,
  planVisits,
  type VisitGrouping,
  writeVisits,
} from '../../src/instruments/index.ts';
import type { Adapter, Case, Comparison, SuiteContext, SuiteFile } from './suite.ts';

const DATA = 'data/obs_base/tests/data/visits';
const instrument = 'DummyCam';

/** Suite define-visits: exposure records go into a repository, visits are planned and written, and what the registry then has is the answer. */
export const defineVisits: Adapter = { run };

async function run(test: Case, { root, suite }: SuiteContext): Promise<Comparison> {
  const names = Array.isArray(test.exposures) ? (test.exposures as string[]) : namesOf(suite);
  const exposures = names.map((name) => exposure(join(root, DATA, name)));
  const grouping = test.grouping as VisitGrouping;
  if (Array.isArray(test.exposures)) {
    const repository = await Repository.make(grouping);
    try {
      await repository.define(exposures);
      return { actual: { visits: await repository.visits() }, expected: test.expect };
    } finally {
      await repository.close();
    }
  }
  return test.expect.n_filtered === undefined
    ? bitByBit(grouping, exposures, suite)
    : again(grouping, exposures, test.expect);
}

/** Each order must give the visits of the case with all at once; only backwards a visit waits for its first exposure. */
async function bitByBit(grouping: VisitGrouping, exposures: DimensionRecord[], suite: SuiteFile): Promise<Comparison> {
  const whole = suite.cases.find((test) => test.expect.visits !== undefined)!.expect.visits;
  const orders = { forwards: exposures, backwards: [...exposures].reverse() };
  const actual: Record<string, unknown> = {};
  for (const [name, order] of Object.entries(orders)) {
    for (const cumulative of [false, true]) {
      const repository = await Repository.make(grouping);
      try {
        let waited = 0;
        for (const i of order.keys()) {
          const given = cumulative ? order.slice(0, i + 1) : [order[i]];
          waited += (await repository.define(given, { incremental: true })).waiting.length;
        }
        actual[`${name} ${cumulative}`] = { visits: await repository.visits(), waited: waited > 0 };
      } finally {
        await repository.close();
      }
    }
  }
  const expected = Object.fromEntries(
    Object.keys(actual).map((key) => [key, { visits: whole, waited: key.startsWith('backwards') }]),
  );
  return { actual, expected };
}

async function again(grouping: VisitGrouping, exposures: DimensionRecord[], expected: unknown): Promise<Comparison> {
  const repository = await Repository.make(grouping);
  try {
    await repository.define(exposures);
    const plan = await repository.define(exposures, { prefilter: true });
    const skipped = plan.definitions.filter((d) => plan.present.has(d.visit)).length;
    const actual = { n_filtered: plan.filtered, n_visits: plan.definitions.length - skipped, n_skipped: skipped };
    return { actual, expected };
  } finally {
    await repository.close();
  }
}

/** The files of the suite's first case. */
function namesOf(suite: SuiteFile): string[] {
  return suite.cases.find((test) => Array.isArray(test.exposures))!.exposures as string[];
}

function exposure(path: string): DimensionRecord {
  const { record } = JSON.parse(readFileSync(path, 'utf8'));
  const [beginNs, endNs] = (record.timespan as number[]).map(BigInt);
  return { ...record, timespan: { beginNs, endNs } };
}

class Repository {
  readonly #folder: string;
  readonly #butler: Butler;
  readonly #grouping: VisitGrouping;

  private constructor(folder: string, butler: Butler, grouping: VisitGrouping) {
    this.#folder = folder;
    this.#butler = butler;
    this.#grouping = grouping;
  }

  static async make(grouping: VisitGrouping): Promise<Repository> {
    const folder = mkdtempSync(join(tmpdir(), 'skymill-visits-'));
    const butler = await Butler.create(join(folder, 'repo'));
    const camera = {
      name: instrument,
      visit_max: null,
      visit_system: 0,
      exposure_max: null,
      detector_max: 2,
      class_name: 'x',
    };
    await butler.insertRecords('instrument', [camera]);
    return new Repository(folder, butler, grouping);
  }

  async define(exposures: readonly DimensionRecord[], options: PlanOptions = {}) {
    const butler = this.#butler;
    const of = (field: string, rows: (value: unknown) => DimensionRecord) =>
      [...new Set(exposures.map((e) => e[field]))].map(rows);
    await butler.insertRecords(
      'day_obs',
      of('day_obs', (id) => ({ instrument, id: id as number, timespan: null })),
      'skip',
    );
    await butler.insertRecords(
      'group',
      of('group', (name) => ({ instrument, name: name as string })),
      'skip',
    );
    const filters = of('physical_filter', (name) => ({ instrument, name: name as string, band: 'u' }));
    await butler.insertRecords('physical_filter', filters, 'skip');
    await butler.insertRecords('exposure', exposures, 'skip');
    const plan = await planVisits(butler, { name: instrument, visitGrouping: this.#grouping }, exposures, options);
    const visits = plan.definitions.map((definition) => ({ definition }));
    await writeVisits(butler, { name: instrument }, plan, visits, 'skip');
    return plan;
  }

  async visits(): Promise<Record<string, number[]>> {
    const visits = [...(await definedVisits(this.#butler, instrument))].sort(([a], [b]) => a - b);
    return Object.fromEntries(visits.map(([visit, exposures]) => [visit, exposures.sort((a, b) => a - b)]));
  }

  async close(): Promise<void> {
    await this.#butler.close();
    rmSync(this.#folder, { recursive: true });
  }
}
