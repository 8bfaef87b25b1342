// SPDX-License-Identifier: BSD-3-Clause
/**
 * Errors with codes. Each room declares its section of the catalogue in its own `errors.ts` with {@link defineErrors};
 * `docs/errors.md` is generated from all sections and a test holds the two together.
 */

/** `user`: something outside must change (input, configuration, disk). `fault`: a bug of ours; the message asks for a report. */
export type ErrorKind = 'user' | 'fault';

/** A place in a text or binary file. Lines and columns are 1-based, byte offsets 0-based. */
export interface Place {
  file?: string;
  line?: number;
  column?: number;
  hdu?: number | string;
  byteOffset?: number;
  /** The source line with a caret under the column, ready to print. */
  excerpt?: string;
}

export interface ErrorSpec<P> {
  kind?: ErrorKind;
  /** One sentence with the offending value and the rule it broke. */
  message: (params: P) => string;
  /** What the reader should do next. */
  next: string | ((params: P) => string);
}

export class SkymillError extends Error {
  override readonly name: string = 'SkymillError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly next: string;
  readonly place: Place | undefined;
  readonly params: Readonly<Record<string, unknown>>;

  constructor(init: {
    code: string;
    kind?: ErrorKind;
    message: string;
    next: string;
    place?: Place;
    params?: Record<string, unknown>;
    cause?: unknown;
  }) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.kind = init.kind ?? 'user';
    this.next = init.next;
    this.place = init.place;
    this.params = Object.freeze({ ...init.params });
  }

  /** Plain data, to cross a process boundary; {@link fromPlainError} is the way back. */
  toPlain(): PlainError {
    return {
      code: this.code,
      kind: this.kind,
      message: this.message,
      next: this.next,
      place: this.place,
      stack: this.stack,
    };
  }
}

export interface PlainError {
  code: string;
  kind: ErrorKind;
  message: string;
  next: string;
  place?: Place;
  stack?: string;
}

export function fromPlainError(plain: PlainError): SkymillError {
  const error = new SkymillError(plain);
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}

/** Any thrown value as plain data; what is not ours becomes code `UNEXPECTED`. */
export function toPlainError(thrown: unknown): PlainError {
  if (thrown instanceof SkymillError) return thrown.toPlain();
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    code: (error as NodeJS.ErrnoException).code ?? 'UNEXPECTED',
    kind: 'fault',
    message: `${error.name}: ${error.message}`,
    next: 'Look at the stack trace in the log; if the task is one of ours, please report it.',
    stack: error.stack,
  };
}

export interface CatalogueEntry {
  code: string;
  section: string;
  kind: ErrorKind;
  /** The message with parameter names in braces. */
  template: string;
  next: string;
}

const sections = new Map<string, CatalogueEntry[]>();

/** Every code that loaded rooms have declared, by section. */
export function errorCatalogue(): ReadonlyMap<string, readonly CatalogueEntry[]> {
  return sections;
}

type Maker<P> = (params: P, extra?: { place?: Place; cause?: unknown }) => SkymillError;

/**
 * Declares one section of the catalogue. The code of entry `NOT_FITS` in section `FITS` is `FITS_NOT_FITS`.
 *
 * @example
 * const fitsErrors = defineErrors('FITS', { TRUNCATED: { message: (p: { file: string }) => `${p.file} ends early`, next: 'Copy it again.' } });
 * throw fitsErrors.TRUNCATED({ file }, { place: { file, byteOffset } });
 */
// biome-ignore lint/suspicious/noExplicitAny: each entry has its own parameter type, inferred from its message
export function defineErrors<T extends Record<string, ErrorSpec<any>>>(
  section: string,
  specs: T,
): { readonly [K in keyof T]: Maker<Parameters<T[K]['message']>[0]> } {
  const makers: Record<string, Maker<Record<string, unknown>>> = {};
  const named = new Proxy({}, { get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : nameOf(key)) });
  sections.set(
    section,
    Object.entries(specs).map(([key, spec]) => ({
      code: `${section}_${key}`,
      section,
      kind: spec.kind ?? 'user',
      template: spec.message(named),
      next: typeof spec.next === 'function' ? spec.next(named) : spec.next,
    })),
  );
  for (const [key, spec] of Object.entries(specs)) {
    makers[key] = (params, extra) =>
      new SkymillError({
        code: `${section}_${key}`,
        kind: spec.kind,
        message: spec.message(params),
        next: typeof spec.next === 'function' ? spec.next(params) : spec.next,
        place: extra?.place,
        params,
        cause: extra?.cause,
      });
  }
  return makers as { readonly [K in keyof T]: Maker<Parameters<T[K]['message']>[0]> };
}

/** Stands in for a parameter when the catalogue prints a template: prints as `{name}` and survives common array and string calls. */
function nameOf(key: string | symbol): unknown {
  return `{${String(key)}}`;
}
