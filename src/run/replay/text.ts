// SPDX-License-Identifier: BSD-3-Clause
import { formatBytes, formatDataId, formatSeconds } from '../report/format.ts';
import type { ReplayedOutput } from './compare.ts';
import type { EnvironmentChange } from './environment.ts';
import type { Replay } from './replay.ts';

const verdicts: Record<ReplayedOutput['verdict'], string> = {
  same: 'as recorded',
  differs: 'DIFFERS from the recorded one',
  new: 'the run has recorded none',
  gone: 'NOT MADE, the run has recorded one',
  held: 'was only in memory in the run, not compared',
  timed: 'holds times, not compared',
};

/** A replay in lines for a terminal. */
export function formatReplay(replay: Replay): string {
  const { recorded, usage, environment } = replay;
  const lines = [`${replay.label} ${formatDataId(replay.dataId)} (quantum ${replay.quantum}, ${replay.quantumId})`];
  const cost =
    usage === undefined ? '' : `, ${formatSeconds(usage.wallSeconds)}, ${formatBytes(usage.peakMemoryBytes)} at peak`;
  lines.push(
    `  replayed: ${replay.outcome}${replay.cause === undefined ? '' : ` (${replay.cause.kind}: ${replay.cause.message})`}${cost}`,
  );
  if (recorded === undefined) lines.push('  recorded: nothing; it has not run yet');
  else {
    const { cause, usage: was } = recorded;
    lines.push(
      `  recorded: ${recorded.state}${cause === undefined ? '' : ` (${cause.kind}: ${cause.message})`}, ${formatSeconds(was.wallSeconds)}, ${formatBytes(was.peakMemoryBytes)} at peak, attempt ${recorded.attempt} on ${recorded.host} at ${new Date(recorded.startedUnixMs).toISOString()}`,
    );
  }
  for (const { kind, reason } of replay.caveats) lines.push(`  caveat (${kind}): ${reason}`);
  if (replay.cause?.next !== undefined) lines.push(`  what to do: ${replay.cause.next}`);
  for (const output of replay.outputs) {
    lines.push(`  ${output.datasetType} ${formatDataId(output.dataId)}: ${verdicts[output.verdict]}`);
    if (output.path !== undefined) lines.push(`      ${output.path} (${formatBytes(output.sizeBytes ?? 0)})`);
    for (const line of output.differences ?? []) lines.push(`      ${line}`);
  }
  lines.push(...changeLines('versions that have changed since the run', environment.packages));
  lines.push(...changeLines('variables set back to what the run had', environment.variables));
  lines.push(`  log: ${replay.logFile}`);
  if (replay.metadataFile !== undefined) lines.push(`  metadata: ${replay.metadataFile}`);
  lines.push(`  everything: ${replay.folder}`);
  if (replay.same !== undefined)
    lines.push(
      replay.same ? 'It ended as recorded.' : 'It did not end as recorded, or did not make what was recorded.',
    );
  return lines.join('\n');
}

function changeLines(title: string, changes: readonly EnvironmentChange[]): string[] {
  if (changes.length === 0) return [];
  return [`  ${title}:`, ...changes.map(({ name, was, is }) => `      ${name}: ${was ?? 'none'}, now ${is ?? 'none'}`)];
}
