// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import { keepLabels } from '../../src/pipeline/document/labels.ts';
import type { SubsetModifyMode } from '../../src/pipeline/document/model.ts';
import { loadPipelineText, type PipelineDocument } from '../../src/pipeline/index.ts';
import type { Adapter, Case, Comparison } from './suite.ts';

/** A document as the suite writes it down (steps are not in it). */
function primitives(document: PipelineDocument): Record<string, unknown> {
  const out: Record<string, unknown> = { description: document.description };
  if (document.instrument !== undefined) out.instrument = document.instrument.name;
  if (document.parameters.size > 0)
    out.parameters = Object.fromEntries([...document.parameters].map(([name, { value }]) => [name, value]));
  out.tasks = Object.fromEntries(
    [...document.tasks].map(([label, task]) => {
      const config = task.config.map((block) => ({
        ...(block.python === undefined ? {} : { python: block.python.source }),
        ...(block.dataId === undefined ? {} : { dataId: block.dataId.value }),
        ...(block.files.length === 0 ? {} : { file: block.files.map((file) => file.path) }),
        ...Object.fromEntries(block.settings.map((setting) => [setting.key, setting.value])),
      }));
      return [label, config.length === 0 ? { class: task.taskClass } : { class: task.taskClass, config }];
    }),
  );
  if (document.contracts.length > 0) {
    out.contracts = document.contracts.map(({ contract, message }) =>
      message === undefined ? { contract } : { contract, msg: message },
    );
  }
  if (document.subsets.size > 0) out.subsets = subsetsOf(document);
  return out;
}

function subsetsOf(document: PipelineDocument): Record<string, unknown> {
  return Object.fromEntries(
    [...document.subsets].map(([name, { labels, description }]) => {
      const subset = [...labels].sort();
      return [name, description === undefined ? { subset } : { subset, description }];
    }),
  );
}

/** Subsets are sets: their order means nothing. */
function sorted(expected: Record<string, unknown>): Record<string, unknown> {
  if (expected.subsets === undefined) return expected;
  const subsets = Object.entries(expected.subsets as Record<string, { subset: string[] }>);
  return {
    ...expected,
    subsets: Object.fromEntries(subsets.map(([name, value]) => [name, { ...value, subset: value.subset.toSorted() }])),
  };
}

async function documentOf(test: Case): Promise<PipelineDocument> {
  const imported = test.importedFiles as Record<string, string> | undefined;
  const readText = async (path: string) => {
    const text = imported?.[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return text;
  };
  if (test.call !== 'subset_from_labels') return loadPipelineText(test.yaml, '/case.yaml', readText);
  const mode = (test.args?.[0]?.split('.')[1] ?? 'DROP') as SubsetModifyMode;
  const before = await loadPipelineText(JSON.stringify(test.before), '/case.yaml', readText);
  return keepLabels(before, new Set(test.labels as string[]), mode);
}

/** Pipeline documents: what they come to after imports, parameters and selections, or that they are refused. */
export const pipelineYaml: Adapter = {
  async run(test): Promise<Comparison> {
    let document: PipelineDocument;
    try {
      document = await documentOf(test);
    } catch (error) {
      // Names of errors are each implementation's own; a fault of ours is no refusal.
      if (!(error instanceof SkymillError) || error.kind !== 'user') throw error;
      return { actual: { ok: false, error: error.code }, expected: test.expect, equal: test.expect.ok === false };
    }
    const actual: Record<string, unknown> = { ok: true, primitives: primitives(document) };
    const expected: Record<string, unknown> = { ok: test.expect.ok, primitives: sorted(test.expect.primitives ?? {}) };
    if (test.expect.taskLabels !== undefined) {
      actual.taskLabels = [...document.tasks.keys()].sort();
      expected.taskLabels = test.expect.taskLabels.toSorted();
    }
    return { actual, expected };
  },
};
