// SPDX-License-Identifier: BSD-3-Clause

/** Ctrl-C drains, the second one stops at once, and so does SIGTERM. @returns what undoes this. */
export function onInterrupt(
  signals: boolean,
  abort: AbortSignal | undefined,
  run: { drain(): void; cancel(): void },
): () => void {
  let asked = false;
  const interrupt = () => {
    if (asked) run.cancel();
    else run.drain();
    asked = true;
  };
  const terminate = () => run.cancel();
  if (signals) {
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', terminate);
  }
  abort?.addEventListener('abort', interrupt);
  if (abort?.aborted) interrupt();
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
    abort?.removeEventListener('abort', interrupt);
  };
}
