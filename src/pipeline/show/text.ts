// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { type ConfigField, describeConfig } from '../config/schema.ts';
import { pipelineErrors } from '../errors.ts';
import type { ResolvedPipeline } from '../resolve/model.ts';
import { drawTasks } from './draw.ts';
import { taskNodes } from './model.ts';

/** A pipeline for a terminal: what it is for, its tasks drawn in the order of the data, its subsets and steps. */
export function pipelineText(pipeline: ResolvedPipeline): string {
  const lines = [pipeline.description, ''];
  if (pipeline.instrument !== undefined) lines.push(`instrument: ${pipeline.instrument}`, '');
  lines.push(...drawTasks(taskNodes(pipeline), () => undefined));
  const inputs = [...pipeline.datasetTypes.values()].filter(
    (type) => type.producer === undefined && type.consumers.length > 0,
  );
  if (inputs.length > 0) {
    lines.push('', 'from the repository:');
    for (const type of inputs) {
      const prerequisite = type.consumers.every((consumer) => consumer.prerequisite);
      const how = [prerequisite ? 'prerequisite' : '', type.isCalibration ? 'by validity' : ''].filter(
        (word) => word !== '',
      );
      const users = type.consumers.map((consumer) => consumer.label).join(', ');
      lines.push(
        `  ${type.name} {${type.dimensions.join(', ')}}${how.length > 0 ? ` (${how.join(', ')})` : ''} for ${users}`,
      );
    }
  }
  if (pipeline.subsets.size > 0) {
    lines.push('', 'subsets:');
    for (const [name, { labels, description }] of pipeline.subsets) {
      const text = description === undefined ? '' : `  ${description.trim().split('\n')[0]}`;
      lines.push(`  ${name}: ${labels.join(', ')}${text}`);
    }
  }
  if (pipeline.steps.length > 0) {
    lines.push('', 'steps:');
    for (const step of pipeline.steps) lines.push(`  ${step.label} {${step.dimensions.join(', ')}}`);
  }
  return lines.join('\n');
}

/** One task for a terminal: its connections and every config field with value, default, range and meaning. */
export function taskText(
  pipeline: ResolvedPipeline,
  label: string,
  describe: typeof describeConfig = describeConfig,
): string {
  const task = pipeline.tasks.find((one) => one.declaration.label === label);
  if (task === undefined) {
    const labels = pipeline.tasks.map((one) => one.declaration.label);
    throw pipelineErrors.UNKNOWN_LABEL({ what: 'The command', label, hint: didYouMean(label, labels) });
  }
  const { declaration, definition } = task;
  const lines = [`${label}: ${declaration.taskClass} {${declaration.dimensions.join(', ')}}`];
  if (declaration.doc !== undefined) lines.push(...indent(declaration.doc.trim(), '  '));
  lines.push('', 'connections:');
  for (const [name, connection] of Object.entries(declaration.connections)) {
    const notes = [
      connection.storage,
      connection.multiple ? 'multiple' : '',
      connection.minimum === undefined ? '' : `minimum ${connection.minimum}`,
      connection.isCalibration ? 'calibration' : '',
      connection.deferred ? 'deferred' : '',
    ].filter((note) => note !== '');
    lines.push(
      `  ${name}: ${connection.kind} ${connection.datasetType} {${(connection.dimensions ?? []).join(', ')}} ${notes.join(', ')}`,
    );
    if (connection.doc !== undefined) lines.push(...indent(connection.doc, '      '));
  }
  lines.push('', 'config:');
  for (const field of describe(definition.config)) {
    lines.push(`  ${field.path} = ${show(valueAt(declaration.config, field.path))}  (${aboutField(field)})`);
    if (field.doc !== '') lines.push(...indent(field.doc, '      '));
  }
  return lines.join('\n');
}

function aboutField(field: ConfigField): string {
  if (field.required) return `${field.type}, required`;
  return field.default === undefined ? field.type : `${field.type}, default ${show(field.default)}`;
}

function valueAt(config: Readonly<Record<string, unknown>>, path: string): unknown {
  let at: unknown = config;
  for (const key of path.split('.'))
    at = at !== null && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined;
  return at;
}

function show(value: unknown): string {
  return value === undefined ? 'unset' : JSON.stringify(value);
}

function indent(text: string, by: string): string[] {
  return text.split('\n').map((line) => by + line.trim());
}
