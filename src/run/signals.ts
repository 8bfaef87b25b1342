// SPDX-License-Identifier: BSD-3-Clause

/** One Ctrl-C can arrive twice: from the terminal, and passed on by a launcher such as npx. No finger is as quick as that. */
const ECHO_MS = 250;

/** Ctrl-C drains, the second one stops at once, and so do SIGTERM and the end of the terminal (SIGHUP). @returns what undoes this. */
export function onInterrupt(
  signals: boolean,
  abort: AbortSignal | undefined,
  run: { drain(): void; cancel(): void },
): () => void {
  let askedAtMs: number | undefined;
  const interrupt = () => {
    const nowMs = performance.now();
    if (askedAtMs === undefined) run.drain();
    else if (nowMs - askedAtMs > ECHO_MS) run.cancel();
    askedAtMs ??= nowMs;
  };
  const terminate = () => run.cancel();
  if (signals) {
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', terminate);
    process.on('SIGHUP', terminate);
  }
  abort?.addEventListener('abort', interrupt);
  if (abort?.aborted) interrupt();
  return () => {
    if (signals && askedAtMs !== undefined) ignoreEcho();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
    process.off('SIGHUP', terminate);
    abort?.removeEventListener('abort', interrupt);
  };
}

/** The run may end before the echo comes, which must not kill what is left to be said. */
function ignoreEcho(): void {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  setTimeout(() => process.off('SIGINT', ignore), ECHO_MS).unref();
}
