// SPDX-License-Identifier: BSD-3-Clause

/** Options that people know from the command lines of Gen3 middleware and that have no counterpart: what to do instead. */
const instead: Readonly<Record<string, string>> = {
  pipeline: 'The pipeline is the first argument.',
  task: 'Write a pipeline of that task: a YAML file with `tasks: {label: class}`.',
  instrument: 'The instrument is named in the pipeline, or in --where.',
  'qgraph-datastore-records': 'Graphs always hold the file records of what exists: leave it out.',
  'qgraph-dot': 'Draw the saved graph: graph show FILE --format dot.',
  'qgraph-mermaid': 'Draw the saved graph: graph show FILE --format mermaid.',
  'pipeline-dot': 'Draw the graph: graph show FILE --format dot.',
  'pipeline-mermaid': 'Draw the pipeline: pipeline show PIPELINE --mermaid.',
  'qgraph-id': 'A graph is known by its file; graph show tells its id.',
  'qgraph-node-id': 'One quantum of a run is executed again with replay; parts of a graph are cut with graph split.',
  'replace-run':
    'Every run is a new one of its chain. Take the last one out with collection-chain --mode remove, and delete it with remove-runs.',
  'prune-replaced': 'Delete the run that is replaced with remove-runs.',
  rebase: 'Give the chain its new inputs with collection-chain, then build with --input.',
  'register-dataset-types': 'Dataset types are registered when the run begins: leave it out.',
  mock: 'Tasks are not replaced by others: look at what would run with --dry-run or graph estimate.',
  'mock-failure': 'Tasks are not replaced by others.',
  'unmocked-dataset-types': 'Tasks are not replaced by others.',
  summary: 'The same is in the answer of --json.',
  show: 'See pipeline show, graph show.',
  'save-pipeline': 'Pipelines are the files they were written in; pipeline show prints what they come to.',
  'init-only': 'Executing begins with it: leave it out.',
  'skip-init-writes': 'What is written once a run is written if it is not there: leave it out.',
  'no-versions': 'Versions are always kept with a run.',
};

/** What to do instead of an unknown option that a usage message names; empty where nothing is known. */
export function optionHint(message: string): string {
  const [, name] = /unknown option '--([\w-]+)/.exec(message) ?? [];
  const hint = name === undefined ? undefined : instead[name];
  return hint === undefined ? '' : `${message.endsWith(')') ? '' : '.'} ${hint}`;
}
