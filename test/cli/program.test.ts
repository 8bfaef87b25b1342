// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { type Verb, verbGroups } from '../../src/cli/verb.ts';
import { verbs } from '../../src/cli/verbs/index.ts';

const bin = join(import.meta.dirname, '../../bin/skymill.js');
const skymill = (...words: string[]) => spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8' });

describe('the command line', () => {
  test('help groups every verb', () => {
    const { stdout, status } = skymill('--help');
    expect(status).toBe(0);
    for (const group of verbGroups) expect(stdout).toContain(`${group}:`);
    for (const verb of verbs) expect(stdout).toContain(verb.name.split(' ')[0]);
  });

  test.each(verbs.map((v) => [v.name, v] as const))(
    '%s --help has examples that name options it knows',
    (name, verb) => {
      const { stdout, status } = skymill(...name.split(' '), '--help');
      expect(status).toBe(0);
      expect(stdout).toContain('Examples:');
      const flags = stdout.match(/--[a-z][a-z-]*/g) ?? [];
      const known = new Set([
        '--json',
        '--help',
        '--options-file',
        ...(verb.options ?? []).flatMap((o) => o.flags.match(/--[a-z][a-z-]*/g) ?? []),
      ]);
      for (const [line] of verb.examples) {
        for (const flag of line.match(/--[a-z][a-z-]*/g) ?? []) expect(known).toContain(flag);
      }
      expect(flags).toContain('--json');
    },
  );

  test('switches can be given in both forms, also where only one is needed', async () => {
    const said: unknown[] = [];
    const verb: Verb = {
      name: 'query-collections',
      group: 'Query',
      summary: 'a verb',
      options: [
        { flags: '--dry-run', description: 'a switch that is off' },
        { flags: '--no-confirm', description: 'a switch that is on' },
        { flags: '--limit <n>', description: 'no switch' },
      ],
      examples: [['query-collections', 'nothing']],
      action: async ({ options: { dryRun, confirm } }) => void said.push([dryRun, confirm]),
    };
    for (const words of [[], ['--no-dry-run', '--confirm'], ['--dry-run', '--no-confirm']]) {
      await buildProgram([verb]).parseAsync(['node', 'skymill', verb.name, ...words]);
    }
    expect(said).toEqual([
      [undefined, true],
      [false, true],
      [true, false],
    ]);
    const help = buildProgram([verb]).commands[0].helpInformation();
    expect(help).not.toMatch(/--no-dry-run|--confirm|--no-limit/);
  });

  test('a mistyped verb suggests, and is bad input', () => {
    const { stderr, status } = skymill('quary-datasets');
    expect(status).toBe(2);
    expect(stderr).toContain('query-datasets');
  });

  test('a repository that is not there is one clear error, also as JSON', () => {
    const plain = skymill('query-collections', '/nowhere/at/all');
    expect(plain.status).toBe(2);
    expect(plain.stderr).toMatch(/error \[BUTLER_\w+\] .*\/nowhere\/at\/all/);
    expect(plain.stderr).toContain('next: ');
    const json = skymill('query-collections', '/nowhere/at/all', '--json');
    expect(JSON.parse(json.stderr).error.code).toMatch(/^BUTLER_/);
  });

  test('an option value that cannot be is refused with its reason', () => {
    const { stderr, status } = skymill('simulate', '/tmp/none', '--visits', 'many');
    expect(status).toBe(2);
    expect(stderr).toContain('"many" is not a whole number');
  });

  test('options of elsewhere are taken under their names, or it is told what to do instead', () => {
    const build = (...words: string[]) => skymill('graph', 'build', 'drp.yaml', '--repo', '/tmp/none', ...words);
    expect(build('--data-query', 'visit = 1', '--select-tasks', 'a..b', '--save-qgraph', 'x').stderr).toMatch(
      /BUTLER_NO_REPOSITORY/,
    );
    const { stderr, status } = build('--replace-run');
    expect(status).toBe(2);
    expect(stderr).toMatch(/unknown option '--replace-run'.* collection-chain --mode remove/);
    expect(skymill('graph', 'build', '--help').stdout).not.toContain('--data-query');
  });

  test('completion suggests verbs and choices without opening anything', () => {
    const { stdout } = skymill('complete', '--', 'query-');
    const script = skymill('completion', 'bash').stdout;
    expect(script).toContain('skymill');
    expect(`${stdout}${skymill('completion', '--', 'query-').stdout}`).toContain('query-datasets');
  });

  test('the demonstration can be read before it is run', () => {
    const { stdout, status } = skymill('demo', '--dry-run');
    expect(status).toBe(0);
    for (const verb of [
      'simulate',
      'create',
      'ingest-raws',
      'define-visits',
      'certify-calibrations',
      'run',
      'report',
    ]) {
      expect(stdout).toContain(`skymill ${verb} `);
    }
  });
});
