// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type DatasetIdCase, answer as datasetIdAnswer } from './dataset-ids.ts';
import { defineVisits } from './define-visits.ts';
import { type DimensionsCase, answer as dimensionsAnswer } from './dimensions.ts';
import { expressionLexer } from './expression-lexer.ts';
import { expressionParser } from './expression-parser.ts';
import { type FileTemplateCase, answer as fileTemplateAnswer } from './file-templates.ts';
import { observationInfo } from './observation-info.ts';
import { pipelineExpressions } from './pipeline-expressions.ts';
import { pipelineYaml } from './pipeline-yaml.ts';
import { quantumGraph } from './quantum-graph.ts';
import { registryOracle } from './registry-oracle.ts';
import { registryQueries } from './registry-queries.ts';
import { registryTraces } from './registry-traces.ts';
import { Repositories } from './repos.ts';
import { type ResourcePathCase, answer as resourcePathAnswer } from './resource-path.ts';
import { sphgeom } from './sphgeom.ts';
import type { Adapter, Comparison } from './suite.ts';
import { timeLiterals } from './time-literals.ts';
import { timespan } from './timespan.ts';

const CONFIGS = 'data/daf_butler/python/lsst/daf/butler';

const dimensions: Adapter = {
  run(test, { root }) {
    const load = (name: string) => parse(readFileSync(join(root, CONFIGS, name), 'utf8'));
    return refusable(dimensionsAnswer(test as unknown as DimensionsCase, load), test.expect);
  },
};

const datasetIds: Adapter = {
  run: (test) => ({ actual: datasetIdAnswer(test as unknown as DatasetIdCase), expected: test.expect }),
};

const resourcePath: Adapter = {
  run: (test) => refusable(resourcePathAnswer(test as unknown as ResourcePathCase), test.expect),
};

const fileTemplates: Adapter = {
  run(test) {
    const actual = fileTemplateAnswer(test as unknown as FileTemplateCase);
    return refusable(actual, test.expect);
  },
};

/** Where both refuse, the names of the errors are each implementation's own. */
function refusable(actual: unknown, expected: unknown): Comparison {
  const refused = (answer: unknown): boolean =>
    typeof answer === 'object' && answer !== null && ('error' in answer || 'raises' in answer);
  return refused(actual) && refused(expected) ? { actual, expected, equal: true } : { actual, expected };
}

/** Every suite that has an adapter, by the name of its file. */
export const SUITES: Readonly<Record<string, Adapter>> = {
  dimensions,
  timespan,
  'time-literals': timeLiterals,
  'expression-lexer': expressionLexer,
  'expression-parser': expressionParser,
  'dataset-ids': datasetIds,
  'file-templates': fileTemplates,
  'resource-path': resourcePath,
  sphgeom,
  'observation-info': observationInfo,
  'registry-queries': registryQueries,
  'registry-oracle': registryOracle,
  'registry-traces': registryTraces,
  repos: new Repositories(),
  'define-visits': defineVisits,
  'pipeline-yaml': pipelineYaml,
  'pipeline-expressions': pipelineExpressions,
  'quantum-graph': quantumGraph,
};
