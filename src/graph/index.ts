// SPDX-License-Identifier: BSD-3-Clause
/** From pipeline and repository to quantum graph: build, store, show. */
export { type BuiltGraph, buildGraph } from './build/build.ts';
export { candidateSource } from './build/candidate-source.ts';
export { type BuildReport, explainReport } from './build/report.ts';
export type { CandidateSource } from './build/source.ts';
export { ColumnGraph } from './column-graph.ts';
export { openGraph } from './file/open.ts';
export { writeGraph } from './file/write.ts';
export * from './quantum-graph.ts';
export { graphMermaid } from './show/mermaid.ts';
export { graphSummary } from './show/summary.ts';
export { graphText, quantumText } from './show/text.ts';
