// SPDX-License-Identifier: BSD-3-Clause
/** The task contract, configuration, and pipelines as YAML. */
export { type ConfigField, describeConfig } from './config/schema.ts';
export { loadPipeline, loadPipelineText } from './document/load.ts';
export type { PipelineDocument } from './document/model.ts';
export { type YamlEntry, YamlSource } from './document/yaml-source.ts';
export { descriptionFolder } from './python/cache.ts';
export { type DescriberOptions, pythonDescriber } from './python/describer.ts';
export { isPythonPath, type TaskDescriber, type TaskDescription } from './python/protocol.ts';
export { PythonFailed, PythonWorker, pythonProgram } from './python/worker.ts';
export { agreeDatasetTypes } from './resolve/dataset-types.ts';
export { type ExpandOptions, expandPipeline, resolvePipeline } from './resolve/expand.ts';
export {
  automaticConnections,
  type Endpoint,
  type PipelineDatasetType,
  packagesDatasetType,
  type ResolvedPipeline,
  type ResolvedTask,
  splitComponent,
} from './resolve/model.ts';
export { selectTasks } from './resolve/select.ts';
export { drawTasks } from './show/draw.ts';
export { pipelineMermaid, tasksMermaid } from './show/mermaid.ts';
export { type TaskNode, taskNodes } from './show/model.ts';
export { pipelineText, taskText } from './show/text.ts';
export * from './task.ts';
