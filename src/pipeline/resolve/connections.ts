// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place } from '../../base/index.ts';
import type { TaskSettings } from '../config/apply.ts';
import { pipelineErrors } from '../errors.ts';
import { type Connection, initOutput, output, type TaskDefinition } from '../task.ts';
import { automaticConnections } from './model.ts';

/**
 * The connections of a configured task: adjusted by its config, renamed by `connections.<name>`, templates filled from
 * `connections.<template>` or else the config field of that name, and the automatic outputs added.
 */
export function resolveConnections(
  label: string,
  definition: TaskDefinition,
  config: Readonly<Record<string, unknown>>,
  overrides: TaskSettings['connections'],
  place: Place,
): Record<string, Connection> {
  const declared =
    definition.adjustConnections === undefined
      ? definition.connections
      : definition.adjustConnections({ ...definition.connections }, config);
  const templates = templatesOf(definition);
  for (const [name, override] of overrides) {
    if (name in definition.connections || name in declared || templates.has(name)) continue;
    const known = [...Object.keys(definition.connections), ...templates];
    throw pipelineErrors.UNKNOWN_CONNECTION(
      { label, connection: name, hint: didYouMean(name, known) },
      { place: override.place },
    );
  }
  const resolved: Record<string, Connection> = {};
  for (const [name, connection] of Object.entries(declared)) {
    const override = overrides.get(name);
    const written = override?.value ?? connection.datasetType;
    const datasetType = written.replace(/\{(\w+)\}/g, (_, template: string) => {
      const value = overrides.get(template)?.value ?? config[template];
      if (value === undefined || value === null) {
        throw pipelineErrors.TEMPLATE_UNFILLED(
          { label, connection: name, datasetType: written, template },
          { place: override?.place ?? place },
        );
      }
      return String(value);
    });
    resolved[name] = Object.freeze({ ...connection, datasetType });
  }
  return Object.freeze({ ...resolved, ...automaticConnectionsOf(label, definition.dimensions) });
}

/** The connections that every task gets. */
export function automaticConnectionsOf(label: string, dimensions: readonly string[]): Record<string, Connection> {
  return {
    [automaticConnections.config]: initOutput(`${label}_config`, {
      storage: 'Config',
      doc: 'The configuration that ran.',
    }),
    [automaticConnections.metadata]: output(`${label}_metadata`, {
      dimensions,
      storage: 'TaskMetadata',
      doc: 'Metrics and resource use of the quantum.',
    }),
    [automaticConnections.log]: output(`${label}_log`, {
      dimensions,
      storage: 'ButlerLogRecords',
      doc: 'Log of the quantum.',
    }),
  };
}

/** What the templates of a configured task are filled with. */
export function templateValues(
  definition: TaskDefinition,
  config: Readonly<Record<string, unknown>>,
  overrides: TaskSettings['connections'],
): Record<string, string> {
  const values = [...templatesOf(definition)].map((name) => [name, overrides.get(name)?.value ?? config[name]]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== null));
}

function templatesOf({ connections }: TaskDefinition): Set<string> {
  return new Set(
    Object.values(connections).flatMap(({ datasetType }) =>
      [...datasetType.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
    ),
  );
}
