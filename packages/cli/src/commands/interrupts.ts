const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type StopSignal = (typeof SIGNALS)[number];

/** Calls `handle` for each signal to stop, in place of ending the process, until disposed. */
export function onStopSignal(handle: (signal: StopSignal) => void): Disposable {
  const handlers = SIGNALS.map((signal) => ({ signal, listener: () => handle(signal) }));
  for (const { signal, listener } of handlers) process.on(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const { signal, listener } of handlers) process.off(signal, listener);
    },
  };
}

/** The command was stopped by a signal. Caught where commands end. */
export class InterruptedError extends Error {
  constructor() {
    super("Stopped.");
    this.name = "InterruptedError";
  }
}

/** A signal that aborts, with an InterruptedError, when the process is told to stop. */
export function stopSignal(): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const handlers = onStopSignal(() => controller.abort(new InterruptedError()));
  return { signal: controller.signal, [Symbol.dispose]: () => handlers[Symbol.dispose]() };
}

/** The work, or the abort reason as soon as the signal aborts. The work itself goes on unless it minds the signal too. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
