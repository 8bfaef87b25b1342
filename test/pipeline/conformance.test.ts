// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { keepLabels } from '../../src/pipeline/document/labels.ts';
import type { SubsetModifyMode } from '../../src/pipeline/document/model.ts';
import {
  loadPipelineText,
  type PipelineDocument,
  resolvePipeline,
  type TaskDefinition,
} from '../../src/pipeline/index.ts';
import { parseSelection, type Selection, selectTasks } from '../../src/pipeline/resolve/select.ts';
import { describeShared } from '../support/shared.ts';

interface Case {
  id: string;
  call: string;
  yaml?: string;
  importedFiles?: Record<string, string>;
  before?: Record<string, unknown>;
  labels?: string[];
  args?: string[];
  expect: { ok: boolean; primitives?: Record<string, unknown>; taskLabels?: string[] };
}

/** A document as the suite writes it down. */
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
  if (document.subsets.size > 0) {
    out.subsets = Object.fromEntries(
      [...document.subsets].map(([name, { labels, description }]) => {
        const subset = [...labels].sort();
        return [name, description === undefined ? { subset } : { subset, description }];
      }),
    );
  }
  return out;
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

describeShared('conformance/gen3/cases', 'Gen3 pipeline documents', (dir) => {
  const { cases } = JSON.parse(readFileSync(join(dir, 'pipeline-yaml.json'), 'utf8')) as { cases: Case[] };
  test.each(cases)('$id $call', async ({ call, yaml, importedFiles, before, labels, args, expect: wanted }) => {
    const readText = async (path: string) => {
      const text = importedFiles?.[path];
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return text;
    };
    const text = call === 'subset_from_labels' ? JSON.stringify(before) : (yaml as string);
    const loaded = loadPipelineText(text, '/case.yaml', readText);
    if (!wanted.ok) {
      await expect(loaded).rejects.toMatchObject({ name: 'SkymillError', kind: 'user' });
      return;
    }
    const mode = (args?.[0]?.split('.')[1] ?? 'DROP') as SubsetModifyMode;
    const document = call === 'subset_from_labels' ? keepLabels(await loaded, new Set(labels), mode) : await loaded;
    expect(primitives(document)).toEqual(sorted(wanted.primitives as Record<string, unknown>));
    if (wanted.taskLabels !== undefined)
      expect([...document.tasks.keys()].sort()).toEqual(wanted.taskLabels.toSorted());
  });
});

interface SelectionCase {
  id: string;
  kind: 'parse' | 'select';
  input?: string;
  expression?: string;
  pipeline?: string;
  expect: { ok?: boolean; tree?: Selection; tasks?: string[]; error?: string; raises?: string };
}
interface TaskShape {
  initInputs: string[];
  initOutputs: string[];
  inputs: string[];
  outputs: string[];
}

describeShared('conformance/gen3/cases', 'Gen3 task selections', (dir) => {
  const suite = JSON.parse(readFileSync(join(dir, 'pipeline-expressions.json'), 'utf8')) as {
    pipelines: Record<string, { tasks: Record<string, TaskShape>; subsets: Record<string, string[]> }>;
    cases: SelectionCase[];
  };
  const build = async (name: string) => {
    const { tasks, subsets } = suite.pipelines[name];
    const text = JSON.stringify({
      description: name,
      tasks: Object.fromEntries(Object.keys(tasks).map((label) => [label, label])),
      subsets,
    });
    return resolvePipeline(await loadPipelineText(text), async (label) => definition(label, tasks[label]));
  };
  const definition = (label: string, shape: TaskShape): TaskDefinition => {
    const kinds = [
      ['initInput', shape.initInputs],
      ['initOutput', shape.initOutputs],
      ['input', shape.inputs],
      ['output', shape.outputs],
    ] as const;
    const connections = kinds.flatMap(([kind, types]) =>
      types.map((datasetType) => [`${kind}_${datasetType}`, { kind, datasetType, storage: 'S', dimensions: [] }]),
    );
    return {
      name: label,
      dimensions: [],
      connections: Object.fromEntries(connections),
      config: z.object({}),
      run: () => ({}),
    };
  };
  test.each(suite.cases.filter((one) => one.kind === 'parse'))('$id parse $input', ({ input, expect: wanted }) => {
    if (wanted.ok) expect(parseSelection(input as string)).toEqual(wanted.tree);
    else expect(() => parseSelection(input as string)).toThrow();
  });
  describe('selected tasks', () => {
    test.each(suite.cases.filter((one) => one.kind === 'select'))(
      '$id $pipeline $expression',
      async ({ pipeline, expression, expect: wanted }) => {
        const resolved = await build(pipeline as string);
        if (wanted.tasks === undefined) expect(() => selectTasks(expression as string, resolved)).toThrow();
        else expect([...selectTasks(expression as string, resolved)].sort()).toEqual(wanted.tasks.toSorted());
      },
    );
  });
});
