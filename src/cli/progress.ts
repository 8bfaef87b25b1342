// SPDX-License-Identifier: BSD-3-Clause

/**
 * One line of progress on stderr for anything that takes more than two seconds: done, total, rate, time left. On a terminal it
 * is redrawn in place; elsewhere (CI, files) a line every ten seconds.
 */
export class Progress {
  readonly #label: string;
  readonly #started = performance.now();
  readonly #terminal: boolean;
  readonly #quiet: boolean;
  #lastDrawn = 0;
  #drawn = false;

  constructor(label: string, options: { quiet?: boolean } = {}) {
    this.#label = label;
    this.#terminal = process.stderr.isTTY === true && process.env['CI'] === undefined;
    this.#quiet = options.quiet ?? false;
  }

  /** Without a total only how much is done, and how fast. */
  update(done: number, total?: number): void {
    const now = performance.now();
    const seconds = (now - this.#started) / 1000;
    if (this.#quiet || seconds < 2 || now - this.#lastDrawn < (this.#terminal ? 100 : 10_000)) return;
    this.#lastDrawn = now;
    this.#drawn = true;
    const rate = done / seconds;
    const left = total !== undefined && rate > 0 ? (total - done) / rate : Number.NaN;
    const of = total === undefined ? `${done}` : `${done} of ${total}`;
    const until = total === undefined ? '' : `, ${formatSeconds(left)} left`;
    const text = `${this.#label}: ${of}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${until}`;
    process.stderr.write(this.#terminal ? `\r\u001b[2K${text}` : `${text}\n`);
  }

  end(): void {
    if (this.#drawn && this.#terminal) process.stderr.write('\r\u001b[2K');
  }
}

export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
