// SPDX-License-Identifier: BSD-3-Clause
/** From pipeline and repository to quantum graph: build, store, show. */
export { type BuiltGraph, buildGraph } from './build/build.ts';
export { candidateSource } from './build/candidate-source.ts';
export { explainReport, joinText, stepLines } from './build/explain.ts';
export type { BuildOptions } from './build/options.ts';
export type { BuildProgress } from './build/progress.ts';
export type { BuildReport, BuildStep } from './build/report.ts';
export type { CandidateSource } from './build/source.ts';
export { ColumnGraph } from './column-graph.ts';
export {
  type EarlierRun,
  type Judgement,
  judge,
  noRun,
  type Verdict,
  verdictNames,
} from './continue/judge.ts';
export { quantumFinder } from './continue/quantum-finder.ts';
export { diffGraphs, type GraphDiff } from './diff/diff.ts';
export { type FieldDifference, fieldDifferences } from './diff/fields.ts';
export { diffText } from './diff/text.ts';
export { estimateGraph, type GraphEstimate } from './estimate/estimate.ts';
export type { TaskUsage } from './estimate/usage.ts';
export { openGraph } from './file/open.ts';
export { writeGraph } from './file/write.ts';
export { mergeGraphs } from './merge/merge.ts';
export { type ExportOptions, exportPeerGraph } from './peer/export.ts';
export { importPeerGraph } from './peer/import.ts';
export * from './quantum-graph.ts';
export { countsBy, type ValueCounts } from './show/counts.ts';
export { graphDot } from './show/dot.ts';
export { findQuanta } from './show/find.ts';
export { graphInputs, type InputCounts } from './show/inputs.ts';
export { graphMermaid } from './show/mermaid.ts';
export { type Neighbourhood, neighbourhood } from './show/neighbourhood.ts';
export { doneIn, type RescuePlan, rescuePlan } from './show/rescue.ts';
export { graphSummary } from './show/summary.ts';
export { graphSvg } from './show/svg.ts';
export { graphText, neighbourhoodText, quantumText } from './show/text.ts';
export { type Split, type SplitOptions, splitGraph } from './split/split.ts';
export { describeTables, type GraphQuery, queryGraph } from './sql/query.ts';
export { updateRun } from './update-run/update-run.ts';
