// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place, SkymillError } from '../../base/index.ts';
import type { Universe } from '../../butler/index.ts';
import { collectSettings, parseOverride } from '../config/apply.ts';
import { type ContractScope, checkContracts } from '../config/contracts.ts';
import { buildConfig } from '../config/validate.ts';
import { expandLabels, keepLabels } from '../document/labels.ts';
import { loadPipeline } from '../document/load.ts';
import type { ConfigBlock, PipelineDocument, TaskEntry } from '../document/model.ts';
import { pipelineErrors } from '../errors.ts';
import { describedTask } from '../python/declaration.ts';
import { type DescribedPipeline, describePipeline, isPythonContract } from '../python/describe-pipeline.ts';
import { isPythonPath, type TaskDescriber } from '../python/protocol.ts';
import type { Connection, TaskDefinition, TaskResolver } from '../task.ts';
import { resolveConnections, templateValues } from './connections.ts';
import { agreeDatasetTypes } from './dataset-types.ts';
import type { ResolvedPipeline, ResolvedTask } from './model.ts';
import { topologicalOrder } from './order.ts';
import { selectTasks } from './select.ts';
import { checkSteps } from './steps.ts';

export interface ExpandOptions {
  /** `label:field=value`, applied after everything in the YAML. */
  overrides?: readonly string[];
  /** `label:file.yaml`: config files, applied before {@link overrides}. */
  configFiles?: readonly string[];
  /** Which tasks to keep: labels, subsets, ranges (see select.ts); the same as `#…` after the file name. */
  select?: string;
  /** Compares and checks dimensions after closing them under dependencies. */
  universe?: Universe;
  /** Class names for "did you mean". */
  knownTasks?: Iterable<string>;
  /** Describes tasks whose class is Python. Without, they are unknown. */
  describe?: TaskDescriber;
}

/**
 * Reads a pipeline (`path.yaml`, or `path.yaml#a,b` / `#a..b` for a part of it) and makes it ready to run.
 * Throws PIPELINE_* errors that point into the YAML.
 */
export async function expandPipeline(
  location: string,
  resolver: TaskResolver,
  options: ExpandOptions = {},
): Promise<ResolvedPipeline> {
  const hash = location.indexOf('#');
  const path = hash < 0 ? location : location.slice(0, hash);
  const fragment = hash < 0 ? undefined : location.slice(hash + 1);
  const document = await loadPipeline(path);
  const selections = [fragment, options.select].filter((one) => one !== undefined && one.trim() !== '');
  return resolvePipeline(document, resolver, {
    ...options,
    select: selections.length === 0 ? undefined : selections.map((one) => `(${one})`).join(' & '),
  });
}

/** The pixels through which spatial elements are related where nobody says otherwise. */
const defaultSkyPixel = 'htm7';

/** The same for a document that has been read already. */
export async function resolvePipeline(
  document: PipelineDocument,
  resolver: TaskResolver,
  options: ExpandOptions = {},
): Promise<ResolvedPipeline> {
  const configured = withOverrides(document, options);
  if (options.select === undefined) return resolveWhole(configured, resolver, options);
  // A range goes by the order of the data, so the whole pipeline is resolved before a part is taken; contracts of the
  // part alone decide.
  const whole = await resolveWhole({ ...configured, contracts: [], steps: [] }, resolver, options);
  const kept = keepLabels(configured, selectTasks(options.select, whole), 'EDIT');
  return resolveWhole(kept, resolver, options, whole.datasetTypes);
}

/** The document with what the command line adds to the configuration of its tasks: files, then settings. */
function withOverrides(document: PipelineDocument, options: ExpandOptions): PipelineDocument {
  const tasks = new Map(document.tasks);
  const add = (label: string, block: Partial<ConfigBlock>, place: Place): void => {
    for (const task of expandLabels(document, [label], 'The override', place)) {
      const entry = tasks.get(task) as TaskEntry;
      const whole: ConfigBlock = { settings: [], files: [], python: undefined, dataId: undefined, ...block };
      tasks.set(task, { ...entry, config: [...entry.config, whole] });
    }
  };
  for (const text of options.configFiles ?? []) {
    const colon = text.indexOf(':');
    if (colon < 0) throw pipelineErrors.BAD_OVERRIDE({ override: text });
    const place: Place = { file: '-C', line: 1, column: 1, excerpt: text };
    add(text.slice(0, colon), { files: [{ path: text.slice(colon + 1), baseDir: '.', place }] }, place);
  }
  for (const { label, setting } of (options.overrides ?? []).map(parseOverride))
    add(label, { settings: [setting] }, setting.place);
  return { ...document, tasks };
}

async function resolveWhole(
  document: PipelineDocument,
  resolver: TaskResolver,
  options: ExpandOptions,
  knownTypes?: ReadonlyMap<string, unknown>,
): Promise<ResolvedPipeline> {
  if (document.tasks.size === 0) throw pipelineErrors.EMPTY({ file: document.file });
  const entries = [...document.tasks.values()];
  const places = new Map(entries.map(({ label, place }) => [label, place]));
  const definitions = new Map<string, TaskDefinition>();
  const python: TaskEntry[] = [];
  for (const entry of entries) {
    const definition = await findTask(entry.taskClass, resolver, entry.place);
    if (definition !== undefined) definitions.set(entry.label, definition);
    else if (options.describe !== undefined && isPythonPath(entry.taskClass)) python.push(entry);
    else throw unknownTask(entry, options);
  }
  const described = await describeTasks(document, python, options);
  const tasks: ResolvedTask[] = [];
  for (const entry of entries) {
    const description = described.tasks.get(entry.label);
    tasks.push(
      description === undefined
        ? await resolveTask(document, entry, definitions.get(entry.label) as TaskDefinition)
        : describedTask(entry.label, description, options.universe?.commonSkypix.name ?? defaultSkyPixel),
    );
  }
  const datasetTypes = agreeDatasetTypes(tasks, places, options.universe);
  for (const task of tasks) checkMultiple(task, places.get(task.declaration.label), options.universe);
  const order = topologicalOrder([...document.tasks.keys()], datasetTypes, places);
  const byLabel = new Map(tasks.map((task) => [task.declaration.label, task]));
  const contracts = document.contracts.filter((contract) => !isPythonContract(contract, document, python));
  checkContracts(contracts, new Map(tasks.map((task) => [task.declaration.label, contractScope(task)])));
  const inMemory = inMemoryTypes(document, datasetTypes, knownTypes ?? datasetTypes);
  const resolved: ResolvedPipeline = {
    source: document.file,
    description: document.description,
    instrument: described.instrument ?? document.instrument?.name,
    tasks: order.map((label) => byLabel.get(label) as ResolvedTask),
    datasetTypes,
    subsets: new Map(
      [...document.subsets].map(([name, subset]) => [
        name,
        { labels: order.filter((label) => subset.labels.has(label)), description: subset.description },
      ]),
    ),
    steps: document.steps.map(({ label, dimensions }) => ({ label, dimensions })),
    ...(inMemory.length > 0 && { inMemory }),
  };
  checkSteps(document, resolved, options.universe);
  return Object.freeze(resolved);
}

/** Of the types that are not to be kept those of this part of the pipeline; all must be known to the whole. */
function inMemoryTypes(
  { inMemory }: PipelineDocument,
  here: ReadonlyMap<string, unknown>,
  known: ReadonlyMap<string, unknown>,
): string[] {
  for (const [datasetType, place] of inMemory) {
    if (known.has(datasetType)) continue;
    throw pipelineErrors.IN_MEMORY_TYPE({ datasetType, hint: didYouMean(datasetType, known.keys()) }, { place });
  }
  return [...inMemory.keys()].filter((datasetType) => here.has(datasetType));
}

/** Asks Python about the tasks that are its classes, and about the instrument if that is one. */
async function describeTasks(
  document: PipelineDocument,
  entries: readonly TaskEntry[],
  { describe }: ExpandOptions,
): Promise<DescribedPipeline> {
  const hasInstrument = document.instrument !== undefined && isPythonPath(document.instrument.name);
  if (describe === undefined || (entries.length === 0 && !hasInstrument))
    return { tasks: new Map(), instrument: undefined };
  return describePipeline(document, entries, describe);
}

function unknownTask({ label, taskClass, place }: TaskEntry, { knownTasks }: ExpandOptions) {
  return pipelineErrors.UNKNOWN_TASK({ label, taskClass, hint: didYouMean(taskClass, knownTasks ?? []) }, { place });
}

async function resolveTask(
  document: PipelineDocument,
  entry: TaskEntry,
  definition: TaskDefinition,
): Promise<ResolvedTask> {
  const { label, taskClass, place } = entry;
  const settings = await collectSettings(document, entry);
  const config = buildConfig(label, definition.config, settings.config, place);
  const connections = resolveConnections(label, definition, config, settings.connections, place);
  const noInputs = Object.fromEntries(
    Object.entries(connections)
      .filter(([, connection]) => connection.kind === 'input' || connection.kind === 'prerequisite')
      .map(([name]) => [name, []]),
  );
  const declaration = Object.freeze({
    label,
    taskClass,
    runner: 'typescript' as const,
    doc: definition.doc,
    dimensions: definition.dimensions,
    connections,
    config,
    resources: definition.resources?.(noInputs, config) ?? {},
    ...checkedBounds(label, definition, connections, place),
  });
  return { declaration, definition, templates: templateValues(definition, config, settings.connections) };
}

/** Bounds name inputs and outputs of the task. */
function checkedBounds(
  label: string,
  { spatialBounds, temporalBounds }: TaskDefinition,
  connections: Readonly<Record<string, Connection>>,
  place: Place,
) {
  for (const connection of [...(spatialBounds ?? []), ...(temporalBounds ?? [])]) {
    const kind = connections[connection]?.kind;
    if (kind === 'input' || kind === 'output') continue;
    const known = Object.keys(connections).filter((name) => ['input', 'output'].includes(connections[name].kind));
    throw pipelineErrors.UNKNOWN_CONNECTION({ label, connection, hint: didYouMean(connection, known) }, { place });
  }
  return { ...(spatialBounds && { spatialBounds }), ...(temporalBounds && { temporalBounds }) };
}

/** What the resolver says; what it refuses gets the place of the task in the YAML. */
async function findTask(taskClass: string, resolver: TaskResolver, place: Place) {
  try {
    return await resolver(taskClass);
  } catch (error) {
    if (!(error instanceof SkymillError) || error.place !== undefined) throw error;
    throw new SkymillError({ ...error.toPlain(), place, params: { ...error.params }, cause: error });
  }
}

/** A connection with dimensions that the task has not stands for several datasets, and must say so. */
function checkMultiple({ declaration }: ResolvedTask, place: Place | undefined, universe: Universe | undefined): void {
  const own = new Set(universe?.conform(declaration.dimensions).names ?? declaration.dimensions);
  for (const [connection, value] of Object.entries(declaration.connections) as [string, Connection][]) {
    if (value.multiple || value.kind === 'initInput' || value.kind === 'initOutput') continue;
    if (universe === undefined && value.kind === 'prerequisite') continue; // implied dimensions are not known here
    const wanted = universe?.conform(value.dimensions ?? []).required ?? value.dimensions ?? [];
    // A visit usually has one exposure; where it has several, the graph builder refuses the quantum by name.
    const oneToOne = (dimension: string) => own.has('visit') && ['exposure', 'group'].includes(dimension);
    const extra = wanted.filter((dimension) => !own.has(dimension) && !oneToOne(dimension));
    if (extra.length > 0 && (universe !== undefined || !impliedPerhaps(extra))) {
      throw pipelineErrors.NEEDS_MULTIPLE({ label: declaration.label, connection, extra: extra.join(', ') }, { place });
    }
  }
}

/** Without a universe these may be implied or required by others of the task's dimensions. */
function impliedPerhaps(dimensions: readonly string[]): boolean {
  const dependent = ['instrument', 'skymap', 'band', 'physical_filter', 'day_obs', 'group', 'tract'];
  return dimensions.every((dimension) => dependent.includes(dimension));
}

function contractScope({ declaration, templates = {} }: ResolvedTask): ContractScope {
  const connections = Object.entries(declaration.connections).map(([name, connection]) => [
    name,
    connection.datasetType,
  ]);
  return { config: declaration.config, connections: { ...templates, ...Object.fromEntries(connections) } };
}
