// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { didYouMean, systemError } from '../base/index.ts';
import { YamlSource } from '../pipeline/index.ts';
import { runErrors } from './errors.ts';
import { CAUSE_KINDS } from './outcomes/record.ts';
import { DEFAULT_RETRY_RULES, RETRY_ACTIONS, type RetryRule } from './scheduler/index.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads retry rules from a YAML file:
 *
 *     rules:
 *       - name: warps                 # shown in logs and reports
 *         when: {cause: outOfMemory, task: makeWarp, exitCode: 9, signal: SIGKILL, code: NO_STARS, message: 'only \d+ stars'}
 *         then: retryWithMoreMemory   # or retry, excludeHost, acceptAsCaveat, giveUp, stopRun
 *         attempts: 3                 # in all; of those that retry. Default 2
 *         memoryFactor: 1.5           # of request or measured peak, whichever is more. Default 2
 *         memoryCap: 16 GB
 *     defaults: true                  # the built-in rules follow these; false: there are only these
 *
 * Every condition may be a list, except the two patterns; conditions that are left out match everything.
 * @throws PIPELINE_* or RUN_RETRY_RULE with file, line and column; `labels`, where given, are the tasks there are
 */
export function readRetryRules(file: string, labels?: readonly string[]): RetryRule[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw systemError(error, file);
  }
  const yaml = new YamlSource(file, text);
  const rules: RetryRule[] = [];
  let defaults = true;
  for (const { key, node } of yaml.entries(yaml.root, 'A file of retry rules', ['rules', 'defaults'])) {
    if (key === 'defaults') defaults = yaml.boolean(node, 'defaults');
    else
      for (const item of yaml.items(node, 'rules')) {
        const rule = readRule(yaml, item, labels);
        if (rules.some(({ name }) => name === rule.name))
          throw runErrors.RETRY_RULE({ problem: `there are two rules "${rule.name}"` }, { place: yaml.place(item) });
        rules.push(rule);
      }
  }
  return defaults ? [...rules, ...DEFAULT_RETRY_RULES] : rules;
}

const keys = ['name', 'when', 'then', 'attempts', 'memoryFactor', 'memoryCap'];

function readRule(yaml: YamlSource, node: unknown, labels: readonly string[] | undefined): RetryRule {
  const refuse = (at: unknown, problem: string): never => {
    throw runErrors.RETRY_RULE({ problem }, { place: yaml.place(at) });
  };
  const entries = new Map(yaml.entries(node, 'A retry rule', keys).map((entry) => [entry.key, entry.node]));
  for (const key of ['name', 'then']) if (!entries.has(key)) refuse(node, `the rule has no "${key}"`);
  const name = yaml.string(entries.get('name'), 'The name of a rule');
  const action = oneOf(yaml, entries.get('then'), `"then" of rule ${name}`, RETRY_ACTIONS, refuse);
  const retries = action === 'retry' || action === 'retryWithMoreMemory' || action === 'excludeHost';
  const number = (key: string, least: number): number | undefined => {
    if (!entries.has(key)) return undefined;
    const value = yaml.plain(entries.get(key));
    if (typeof value !== 'number' || value < least)
      return refuse(entries.get(key), `"${key}" of rule ${name} must be a number from ${least} on`);
    return value;
  };
  if (entries.has('attempts') && !retries)
    refuse(entries.get('attempts'), `rule ${name} does not retry, so it has no "attempts"`);
  for (const key of ['memoryFactor', 'memoryCap'])
    if (entries.has(key) && action !== 'retryWithMoreMemory')
      refuse(entries.get(key), `"${key}" of rule ${name} goes only with retryWithMoreMemory`);
  const attempts = number('attempts', 2) ?? 2;
  if (!Number.isInteger(attempts) || attempts > 100)
    refuse(entries.get('attempts'), `"attempts" of rule ${name} must be a whole number from 2 to 100`);
  const rule: Writable<RetryRule> = {
    name,
    when: readConditions(yaml, entries.get('when'), name, labels, refuse),
    maxAttempts: retries ? attempts : 1,
  };
  if (action === 'stopRun') rule.stopsRun = true;
  if (action === 'acceptAsCaveat') rule.accepts = true;
  if (action === 'excludeHost') rule.excludesHost = true;
  if (action === 'retryWithMoreMemory') {
    rule.memoryFactor = number('memoryFactor', 1) ?? 2;
    if (entries.has('memoryCap')) rule.memoryCapBytes = readBytes(yaml, entries.get('memoryCap'), name, refuse);
  }
  return rule;
}

type Refuse = (at: unknown, problem: string) => never;

function readConditions(
  yaml: YamlSource,
  node: unknown,
  rule: string,
  labels: readonly string[] | undefined,
  refuse: Refuse,
): RetryRule['when'] {
  const when: Writable<RetryRule['when']> = {};
  const known = ['cause', 'exitCode', 'signal', 'code', 'message', 'task'];
  for (const { key, node: value } of yaml.entries(node, `"when" of rule ${rule}`, known)) {
    const items = yaml.items(value, key);
    if (key === 'cause')
      when.kinds = items.map((one) => oneOf(yaml, one, `A cause of rule ${rule}`, CAUSE_KINDS, refuse));
    if (key === 'exitCode')
      when.exitCodes = items.map((one) => {
        const code = yaml.plain(one);
        return typeof code === 'number' && Number.isInteger(code) && code >= 0 && code < 256
          ? code
          : refuse(one, `an exit code of rule ${rule} must be a whole number from 0 to 255`);
      });
    if (key === 'signal')
      when.signals = items.map((one) => {
        const signal = yaml.string(one, 'A signal');
        return /^SIG[A-Z0-9+]+$/.test(signal) ? signal : refuse(one, `"${signal}" is no signal such as SIGKILL`);
      });
    if (key === 'task') {
      when.labels = items.map((one) => {
        const label = yaml.string(one, 'A task');
        if (labels !== undefined && !labels.includes(label))
          refuse(one, `there is no task "${label}".${didYouMean(label, labels)}`);
        return label;
      });
    }
    if (key === 'code' || key === 'message') {
      const text = yaml.string(value, `"${key}" of rule ${rule}`);
      try {
        new RegExp(text, 'i');
      } catch (error) {
        refuse(value, `"${key}" of rule ${rule} is no regular expression: ${(error as Error).message}`);
      }
      when[key] = text;
    }
  }
  return when;
}

function oneOf<T extends string>(
  yaml: YamlSource,
  node: unknown,
  what: string,
  choices: readonly T[],
  refuse: Refuse,
): T {
  const text = yaml.string(node, what);
  const found = choices.find((choice) => choice === text);
  return found ?? refuse(node, `${what} is one of ${choices.join(', ')}, not "${text}".${didYouMean(text, choices)}`);
}

/** `16 GB`, `500 MB`, `2 GiB`; a number alone is bytes. */
function readBytes(yaml: YamlSource, node: unknown, rule: string, refuse: Refuse): number {
  const text = yaml.string(node, `"memoryCap" of rule ${rule}`);
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kMGT])(i?)B|B)?$/.exec(text.trim());
  if (match === null) return refuse(node, `"memoryCap" of rule ${rule} must be like "16 GB", not "${text}"`);
  const [, digits, prefix, binary] = match;
  const power = prefix === undefined ? 0 : 'kMGT'.indexOf(prefix) + 1;
  return Math.round(Number(digits) * (binary === 'i' ? 1024 : 1000) ** power);
}
