// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SkymillError, systemError, toPlainError } from '../base/index.ts';
import { cliErrors } from './errors.ts';
import { optionHint } from './option-hints.ts';
import { optionsFileOption, withOptionsFile } from './options-file.ts';
import { errorJson, formatError, Output } from './output.ts';
import { ExitCode, type OptionSpec, splitList, type Verb, verbGroups } from './verb.ts';
import { verbsFor } from './verbs-for.ts';

const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** The command line of some verbs as a commander tree. Building it touches no repository and imports no heavy room. */
export function buildProgram(verbs: readonly Verb[]): Command {
  const program = new Command('skymill')
    .description('Raw exposures to calibrated images, coadds and catalogues, with the provenance of every file.')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: false, subcommandTerm: (command) => command.name() })
    .configureOutput({ outputError: usageError })
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 a defect of ours; 2 bad input; 3 ended, but some of it failed or was left out; 4 nothing matched; 5 a run was stopped before its end; 130 interrupted.\n' +
        'Every verb takes --json, and --help with examples; a switch --x can be given as --no-x, and the other way round.',
    );
  program.helpCommand('help [verb]', 'show help for a verb');
  for (const group of verbGroups) {
    program.commandsGroup(`${group}:`);
    for (const verb of verbs.filter((v) => v.group === group)) addVerb(program, verb, verbs);
  }
  return program;
}

function addVerb(program: Command, verb: Verb, verbs: readonly Verb[]): void {
  const words = verb.name.split(' ');
  let parent = program;
  for (const word of words.slice(0, -1)) {
    parent =
      parent.commands.find((c) => c.name() === word) ??
      parent.command(word).description(verbsUnder(word, verbs)).helpGroup(`${verb.group}:`).exitOverride();
  }
  const command = parent
    .command(words[words.length - 1])
    .description(verb.summary)
    .exitOverride();
  if (words.length === 1) command.helpGroup(`${verb.group}:`);
  for (const [name, description] of verb.arguments ?? []) command.argument(name, description);
  for (const spec of verb.options ?? []) command.addOption(makeOption(spec));
  const aliases = addAliases(command, verb.options ?? []);
  for (const option of counterparts(command.options)) command.addOption(option);
  command.addOption(makeOption(optionsFileOption));
  command.option('--json', 'print JSON for programs');
  command.addHelpText('after', helpTail(verb));
  command.action(async () => {
    const names = (verb.arguments ?? []).map(([name]) => name.replace(/[<>[\].]/g, ''));
    const args = Object.fromEntries(names.map((name, i) => [name, command.processedArgs[i]]));
    const options = withoutAliases(command.opts(), aliases);
    const out = new Output({ json: options['json'] === true, quiet: options['quiet'] === true });
    process.exitCode = await runVerb(verb, { args, options, out, runLine });
  });
}

/** Hidden options that stand for others. Returns names in the action's options: alias, option. */
function addAliases(command: Command, specs: readonly OptionSpec[]): [alias: string, option: string][] {
  return specs.flatMap((spec) =>
    (spec.aliases ?? []).map((flags): [string, string] => {
      const option = makeOption({ ...spec, flags, default: undefined, required: false }).hideHelp();
      command.addOption(option);
      return [option.attributeName(), new Option(spec.flags).attributeName()];
    }),
  );
}

function withoutAliases(
  options: Record<string, unknown>,
  aliases: readonly [string, string][],
): Record<string, unknown> {
  const found = { ...options };
  for (const [alias, option] of aliases) {
    if (found[alias] === undefined) continue;
    const [given, before] = [found[alias], found[option]];
    found[option] = Array.isArray(given) && Array.isArray(before) ? [...before, ...given] : given;
    delete found[alias];
  }
  return found;
}

function verbsUnder(word: string, verbs: readonly Verb[]): string {
  return verbs
    .filter((v) => v.name.startsWith(`${word} `))
    .map((v) => `${v.name.slice(word.length + 1)}: ${v.summary}`)
    .join('; ');
}

/** A command line that cannot be understood, in the form of all other errors. */
function usageError(text: string, write: (text: string) => void): void {
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
  const plain = cliErrors.USAGE({ message: message + optionHint(message) }).toPlain();
  write(`${process.argv.includes('--json') ? errorJson(plain, false) : formatError(plain, false)}\n`);
}

async function runVerb(verb: Verb, invocation: Parameters<Verb['action']>[0]): Promise<number> {
  try {
    return (await verb.action(invocation)) ?? ExitCode.ok;
  } catch (error) {
    const thrown = systemError(error);
    const plain = toPlainError(thrown);
    const debug = process.env['SKYMILL_DEBUG'] !== undefined;
    invocation.out.error(debug ? { ...plain, stack: stacks(thrown) } : plain, plain.kind === 'fault' || debug);
    if (!(thrown instanceof SkymillError) || thrown.kind !== 'user') return ExitCode.fault;
    return ['GRAPH_EMPTY', 'GRAPH_NOTHING_LEFT'].includes(thrown.code) ? ExitCode.nothing : ExitCode.badInput;
  }
}

/** The stack of an error and of what caused it. */
function stacks(thrown: unknown): string {
  const parts: string[] = [];
  for (let error = thrown; error instanceof Error; error = error.cause) parts.push(error.stack ?? error.message);
  return parts.join('\ncaused by ');
}

function makeOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.required) option.makeOptionMandatory();
  if (spec.list) {
    option.argParser((text: string, previous: unknown) => [
      ...(Array.isArray(previous) && previous !== spec.default ? previous : []),
      ...(spec.parse === undefined ? chosen(spec, splitList(text)) : [refusable(spec.parse)(text)]),
    ]);
  } else if (spec.parse !== undefined) option.argParser(refusable(spec.parse));
  return option;
}

/** The values of a list, each one of the option's choices where it has any. */
function chosen({ choices }: OptionSpec, values: string[]): string[] {
  const wrong = values.find((value) => choices !== undefined && !choices.includes(value));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${choices?.join(', ')}.`);
  return values;
}

/** A parser's refusal as commander's, which names the option. */
function refusable(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}

/** Of every switch the other form, `--no-dry-run` of `--dry-run` and `--confirm` of `--no-confirm`: scripts may say what is the default. */
function counterparts(options: readonly Option[]): Option[] {
  const names = new Set(options.map((option) => option.long));
  return options
    .filter((option) => option.isBoolean() || option.negate)
    .map(({ long, negate }) => ({ name: negate ? long!.replace('--no-', '--') : long!.replace('--', '--no-'), negate }))
    .filter(({ name }) => !names.has(name))
    .map(({ name, negate }) => (negate ? new Option(name).default(true) : new Option(name)).hideHelp());
}

function helpTail(verb: Verb): string {
  const parts: string[] = [];
  if (verb.details !== undefined) parts.push(`\n${verb.details}`);
  const width = Math.min(64, Math.max(...verb.examples.map(([line]) => line.length)));
  parts.push(
    `\nExamples:\n${verb.examples.map(([line, does]) => `  skymill ${line.padEnd(width)}  # ${does}`).join('\n')}`,
  );
  const codes = Object.entries(verb.exitCodes ?? {});
  if (codes.length > 0) parts.push(`\nExit codes: ${codes.map(([code, why]) => `${code} ${why}`).join('; ')}.`);
  return parts.join('\n');
}

async function runLine(words: readonly string[]): Promise<number> {
  process.exitCode = ExitCode.ok;
  const verbs = await verbsFor(words);
  const all = expanded(words, verbs);
  if (all !== undefined) await buildProgram(verbs).parseAsync(['node', 'skymill', ...all]);
  return Number(process.exitCode);
}

/** The words with those of an options file; undefined (and said) if that file cannot be used. */
export function expanded(words: readonly string[], verbs: readonly Verb[]): readonly string[] | undefined {
  if (verbs.length > 1) return words;
  try {
    return withOptionsFile(words, verbs[0]);
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    new Output({ json: words.includes('--json') }).error(error.toPlain(), false);
    process.exitCode = ExitCode.badInput;
    return undefined;
  }
}
