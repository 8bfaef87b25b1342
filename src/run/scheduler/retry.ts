// SPDX-License-Identifier: BSD-3-Clause
import type { Cause, CauseKind } from '../outcomes/record.ts';

/** A rule from a failure to what is done about it. Rules are tried in order; the first that matches decides, and its name is recorded. */
export interface RetryRule {
  readonly name: string;
  readonly when: {
    /** Any of these; absent matches all. */
    readonly kinds?: readonly CauseKind[];
    readonly exitCodes?: readonly number[];
    readonly signals?: readonly string[];
    /** Regular expressions, case-insensitive, searched in the error's code and in its message. */
    readonly code?: string;
    readonly message?: string;
    /** Task labels. */
    readonly labels?: readonly string[];
  };
  /** Attempts a quantum may have in all before it counts as failed; 1 means never retry. */
  readonly maxAttempts: number;
  /** Such a failure would hit every quantum: let what runs end and start nothing more. The quantum itself is not retried in this execution. */
  readonly stopsRun?: boolean;
  /** The next attempt asks for the larger of request and measured peak, times this. */
  readonly memoryFactor?: number;
}

/**
 * What is done without other instructions: the death of a worker is tried once more, running out of memory once more with
 * twice the memory; trouble of the storage twice more. A full disk stops the run. An exception of the science code would only repeat itself and is final.
 */
export const DEFAULT_RETRY_RULES: readonly RetryRule[] = [
  { name: 'outOfMemory', when: { kinds: ['outOfMemory'] }, maxAttempts: 2, memoryFactor: 2 },
  { name: 'workerDied', when: { kinds: ['crashed', 'signalled'] }, maxAttempts: 2 },
  { name: 'timeLimit', when: { kinds: ['timeLimit'] }, maxAttempts: 2 },
  { name: 'storageTrouble', when: { kinds: ['exception'], message: '\\b(EIO|ESTALE|ETIMEDOUT)\\b' }, maxAttempts: 3 },
  {
    name: 'diskFull',
    when: { kinds: ['exception'], code: 'DISK_FULL|^ENOSPC$|^EDQUOT$' },
    maxAttempts: 1,
    stopsRun: true,
  },
];

/** The first rule for this failure, or undefined: then the failure is final. */
export function matchRule(rules: readonly RetryRule[], cause: Cause, label: string): RetryRule | undefined {
  return rules.find(({ when }) => {
    if (when.kinds !== undefined && !when.kinds.includes(cause.kind)) return false;
    if (when.exitCodes !== undefined && (cause.exitCode == null || !when.exitCodes.includes(cause.exitCode)))
      return false;
    if (when.signals !== undefined && (cause.signal == null || !when.signals.includes(cause.signal))) return false;
    if (when.code !== undefined && !new RegExp(when.code, 'i').test(cause.code ?? '')) return false;
    if (when.message !== undefined && !new RegExp(when.message, 'i').test(cause.message)) return false;
    return when.labels === undefined || when.labels.includes(label);
  });
}
