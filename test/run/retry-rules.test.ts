// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { InvalidQuantum, NoWorkFound, RepeatableFailure, UnprocessableData } from '../../src/pipeline/index.ts';
import {
  collectReport,
  execute,
  formatReport,
  type RunEvent,
  RunFolder,
  readOutcomeLog,
  readRetryRules,
  why,
} from '../../src/run/index.ts';
import { causeOfException } from '../../src/run/outcomes/signature.ts';
import {
  createScheduler,
  DEFAULT_RETRY_RULES,
  matchRule,
  type RetryRule,
  type SchedulerEvent,
  STATE_NAMES,
  step,
} from '../../src/run/scheduler/index.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { schedulerGraphOf } from '../support/scheduler-graphs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skymill-rules-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function rulesOf(text: string, labels?: string[]): RetryRule[] {
  const file = join(root, 'rules.yaml');
  writeFileSync(file, text);
  return readRetryRules(file, labels);
}

describe('retry rules in a file', () => {
  it('may keep a quantum away from a host', () => {
    const [rule] = rulesOf('rules: [{name: r, when: {signal: SIGBUS}, then: excludeHost, attempts: 3}]');
    expect(rule).toEqual({ name: 'r', when: { signals: ['SIGBUS'] }, maxAttempts: 3, excludesHost: true });
  });

  it('come before the built-in ones, or stand alone', () => {
    const text = `
rules:
  - name: warps
    when: {cause: [outOfMemory, signalled], task: warp, exitCode: [9, 137], signal: SIGKILL, code: '^E', message: 'only \\d+ stars'}
    then: retryWithMoreMemory
    attempts: 3
    memoryFactor: 1.5
    memoryCap: 16 GB
  - {name: empty, when: {message: nothing here}, then: acceptAsCaveat}
  - {name: hopeless, then: giveUp}
`;
    const own = [
      {
        name: 'warps',
        when: {
          kinds: ['outOfMemory', 'signalled'],
          labels: ['warp'],
          exitCodes: [9, 137],
          signals: ['SIGKILL'],
          code: '^E',
          message: 'only \\d+ stars',
        },
        maxAttempts: 3,
        memoryFactor: 1.5,
        memoryCapBytes: 16e9,
      },
      { name: 'empty', when: { message: 'nothing here' }, maxAttempts: 1, accepts: true },
      { name: 'hopeless', when: {}, maxAttempts: 1 },
    ];
    expect(rulesOf(text, ['warp'])).toEqual([...own, ...DEFAULT_RETRY_RULES]);
    expect(rulesOf(`${text}defaults: false\n`)).toEqual(own);
  });

  it.each([
    ['rules:\n  - {name: a, then: retri}', 'RUN_RETRY_RULE', 2, /retri.*Did you mean "retry"/],
    ['rules:\n  - name: a\n    then: giveUp\n    attempts: 3', 'RUN_RETRY_RULE', 4, 'does not retry'],
    ['rules:\n  - {name: a, then: retry, attempts: 1}', 'RUN_RETRY_RULE', 2, 'from 2 on'],
    ['rules:\n  - {name: a, then: retry, attempts: 2.5}', 'RUN_RETRY_RULE', 2, 'whole number'],
    ['rules:\n  - {name: a, then: retry, memoryCap: 1 GB}', 'RUN_RETRY_RULE', 2, 'retryWithMoreMemory'],
    ['rules:\n  - {name: a, then: retryWithMoreMemory, memoryCap: lots}', 'RUN_RETRY_RULE', 2, '16 GB'],
    ["rules:\n  - name: a\n    then: retry\n    when: {message: '('}", 'RUN_RETRY_RULE', 4, 'regular expression'],
    ['rules:\n  - name: a\n    then: retry\n    when:\n      cause: oom', 'RUN_RETRY_RULE', 5, 'outOfMemory'],
    ['rules:\n  - {name: a, then: retry, when: {exitCode: 300}}', 'RUN_RETRY_RULE', 2, '255'],
    ['rules:\n  - {name: a, then: retry, when: {signal: KILL}}', 'RUN_RETRY_RULE', 2, 'SIGKILL'],
    ['rules:\n  - {name: a, then: retry, when: {task: warpp}}', 'RUN_RETRY_RULE', 2, 'Did you mean "warp"'],
    ['rules:\n  - {then: retry}', 'RUN_RETRY_RULE', 2, '"name"'],
    ['rules:\n  - {name: a, then: retry}\n  - {name: a, then: giveUp}', 'RUN_RETRY_RULE', 3, 'two rules'],
    ['rule: []', 'PIPELINE_UNKNOWN_KEY', 1, 'rules'],
    ['rules: [', 'PIPELINE_YAML_SYNTAX', 1, 'YAML'],
  ])('with a mistake are refused with its place: %j', (text, code, line, message) => {
    let thrown: unknown;
    try {
      rulesOf(text, ['warp', 'coadd']);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, place: { file: join(root, 'rules.yaml'), line } });
    expect((thrown as Error).message).toMatch(message);
  });
});

describe('rules in the scheduler', () => {
  const setUp = (rules: RetryRule[], passiveRules: RetryRule[] = []) => {
    const graph = schedulerGraphOf([
      { label: 'a', dependencies: [[], []], memoryBytes: 100 },
      { label: 'b', dependencies: [[0, 1]], minimum: 1 },
    ]);
    const s = createScheduler(graph, { cores: 1, memoryBytes: 1000, rules, passiveRules });
    step(s, { type: 'workerReady', worker: 0 });
    let out = step(s, { type: 'start' });
    const fail = (peakMemoryBytes: number) => {
      const given = out.find((i) => i.type === 'dispatch')!;
      step(s, { type: 'attemptStarted', worker: 0, quantum: given.quantum, nowSeconds: 0 });
      const cause = { kind: 'outOfMemory', message: 'no memory', signature: 'm' } as const;
      const event: SchedulerEvent = {
        type: 'attemptEnded',
        worker: 0,
        quantum: given.quantum,
        outcome: 'failed',
        cause,
        wallSeconds: 1,
        peakMemoryBytes,
      };
      out = step(s, event);
      return out.find((i) => i.type === 'settled')!;
    };
    return { s, fail };
  };

  it('raise the request by the measured peak, up to the cap, and forget it when the quantum ends', () => {
    const rule = { name: 'more', when: {}, maxAttempts: 4, memoryFactor: 2, memoryCapBytes: 500 };
    const { s, fail } = setUp([rule]);
    expect(fail(150)).toMatchObject({ decision: 'retry', action: 'retryWithMoreMemory', nextMemoryBytes: 300 });
    expect(fail(290)).toMatchObject({ decision: 'retry', nextMemoryBytes: 500 });
    expect(fail(490)).toMatchObject({ decision: 'retry', nextMemoryBytes: 500 });
    expect(fail(490)).toMatchObject({ decision: 'final', state: 'failed', reason: 'retriesExhausted' });
    expect(s.memoryOverride.size).toBe(0);
  });

  it('accept a failure as a caveat: dependents go on with what else there is', () => {
    const { s, fail } = setUp([{ name: 'let pass', when: {}, maxAttempts: 1, accepts: true }]);
    expect(fail(1)).toMatchObject({
      state: 'doneWithCaveat',
      decision: 'final',
      action: 'acceptAsCaveat',
      rule: 'let pass',
    });
    expect(fail(1)).toMatchObject({ state: 'doneWithCaveat' });
    // Both inputs are missing now, so the third has fewer than its minimum.
    expect([...s.state].map((state) => STATE_NAMES[state])).toEqual(['doneWithCaveat', 'doneWithCaveat', 'blocked']);
    expect(s.finished).toBe(true);
  });

  it('that are only watched say what they would do, and do nothing', () => {
    const { s, fail } = setUp([], [{ name: 'more', when: {}, maxAttempts: 2, memoryFactor: 2 }]);
    expect(fail(1)).toMatchObject({
      decision: 'final',
      state: 'failed',
      rule: undefined,
      wouldFire: { rule: 'more', action: 'retryWithMoreMemory' },
    });
    expect(STATE_NAMES[s.state[0]]).toBe('failed');
  });
});

describe('rules in a run', () => {
  it('are recorded with what they did, shown by why and report, and hold after a restart', async () => {
    const butler = await Butler.create(join(root, 'repo'));
    try {
      const graph = campaign(butler, { cells: 4, config: { make: { throw: [cell(1)], unprocessable: [cell(2)] } } });
      const rules = rulesOf(`
rules:
  - {name: known bad cells, when: {message: is no good, task: make}, then: acceptAsCaveat}
`);
      const passiveRules = rulesOf(
        'rules: [{name: once more, when: {cause: unprocessable}, then: retry}]\ndefaults: false',
      );
      const options = { worker: testWorker, jobs: 2, scratchRoot: root, rules, passiveRules };
      await execute(graph, butler, options);
      const folder = RunFolder.open(butler.root, 'test/run');
      const attempts = [...readOutcomeLog(folder.outcomesPath)].filter((r) => r.type === 'attempt');
      const accepted = attempts.find((r) => r.quantum === 1)!;
      expect(accepted).toMatchObject({
        state: 'doneWithCaveat',
        rule: 'known bad cells',
        action: 'acceptAsCaveat',
        caveats: [{ kind: 'acceptedFailure' }],
        outputs: [],
      });
      expect(attempts.find((r) => r.quantum === 2)).toMatchObject({
        state: 'failed',
        wouldFire: { rule: 'once more', action: 'retry' },
      });
      const report = collectReport(graph, folder);
      expect(report.rules).toEqual([
        { rule: 'known bad cells', action: 'acceptAsCaveat', fired: 1, wouldHaveFired: 0, rescued: 1 },
        { rule: 'once more', action: 'retry', fired: 0, wouldHaveFired: 1, rescued: 0 },
      ]);
      expect(formatReport(report)).toContain('known bad cells');
      expect(why(graph, folder, 1).lines.join('\n')).toContain('accepted by rule known bad cells');
      expect(why(graph, folder, 2).lines.join('\n')).toContain('rule once more would have said retry');
      const again = await execute(graph, butler, options);
      expect(again.progress.counts).toMatchObject({ skipped: 3 + 2, failed: 1 });
    } finally {
      await butler.close();
    }
  });

  it('that accept a failure leave a caveat with what ran without its products; also after a restart, and after those it blocked', async () => {
    const butler = await Butler.create(join(root, 'repo'));
    try {
      // The first sum lacks one of four inputs since `double` failed, the second since `make` did and `double` had nothing to read.
      const config = { make: { throw: [cell(5)] }, double: { throw: [cell(1)] } };
      const graph = campaign(butler, { cells: 12, config });
      const rules = rulesOf('rules: [{name: go on, when: {message: is no good}, then: acceptAsCaveat}]');
      const stop = new AbortController();
      const onEvent = (event: RunEvent) => {
        if (event.type === 'attempt' && event.record.quantum === 5) stop.abort();
      };
      const options = { worker: testWorker, jobs: 1, scratchRoot: root, rules };
      await execute(graph, butler, { ...options, signal: stop.signal, onEvent });
      const { exitCode } = await execute(graph, butler, options);
      expect(exitCode).toBe(0);
      const report = collectReport(graph, RunFolder.open(butler.root, 'test/run'));
      expect(report.tasks[2].counts).toMatchObject({ done: 1, doneWithCaveat: 2 });
      const upstream = report.caveats.find((c) => c.kind === 'upstreamFailure')!;
      expect(upstream).toMatchObject({ label: 'sum', code: 'U', flags: ['UPSTREAM_FAILURE_NO_WORK'], count: 2 });
      expect(upstream.examples.map((e) => e.reason).sort()).toEqual([
        'ran without the products of 1 quantum of double, whose failure a rule accepts',
        'ran without the products of 1 quantum of make, whose failure a rule accepts',
      ]);
      expect(report.caveats.find((c) => c.kind === 'acceptedFailure' && c.label === 'double')).toMatchObject({
        code: '*P',
        flags: ['ANY_OUTPUTS_MISSING', 'ALL_OUTPUTS_MISSING', 'PARTIAL_OUTPUTS_ERROR'],
      });
    } finally {
      await butler.close();
    }
  });
});

describe('what tasks say of their own failures', () => {
  it('is a cause of its own, by class or by the names that the Rubin middleware has', () => {
    const named = (name: string) => Object.assign(new Error('m'), { name });
    const kinds = (thrown: Error[]) => thrown.map((error) => causeOfException(error).kind);
    expect(kinds([new RepeatableFailure('m'), named('RepeatableQuantumError')])).toEqual(['repeatable', 'repeatable']);
    expect(kinds([new InvalidQuantum('m'), named('InvalidQuantumError')])).toEqual(['invalid', 'invalid']);
    expect(kinds([new UnprocessableData('m'), named('UnprocessableDataError')])).toEqual(
      Array(2).fill('unprocessable'),
    );
    expect(kinds([new NoWorkFound('m'), named('UpstreamFailureNoWorkFound')])).toEqual(['noWork', 'noWork']);
    expect(kinds([new Error('m'), named('RuntimeError')])).toEqual(['exception', 'exception']);
    // No built-in rule tries these again.
    const rules = rulesOf('rules: []');
    expect(matchRule(rules, causeOfException(new RepeatableFailure('m')), 'make')).toBeUndefined();
    expect(
      matchRule(
        rulesOf('rules: [{name: r, when: {cause: [repeatable, invalid]}, then: stopRun}]'),
        causeOfException(new InvalidQuantum('m')),
        'make',
      )?.name,
    ).toBe('r');
  });
});
