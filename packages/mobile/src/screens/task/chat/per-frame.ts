import type { Observable } from "@farhand/client/app";

/** Runs the work once, before the next picture is drawn. @returns calls it off */
export type Schedule = (work: () => void) => () => void;

/** Pages that nobody sees draw no frames: there a timer takes their place, so that what is announced is not held back. */
export const nextFrame: Schedule = (work) => {
  if (typeof document !== "undefined" && document.visibilityState === "hidden") {
    const timer = setTimeout(work, 250);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(work);
  return () => cancelAnimationFrame(frame);
};

/**
 * The same as `source`, told at most once a frame however often it changes: what streams in is then drawn with one commit
 * a frame. Its snapshot changes only when it tells, so that parts of a screen which draw for other reasons do not tear.
 */
export function perFrame<T>(source: Observable<T>, schedule: Schedule = nextFrame): Observable<T> {
  let held = source.getSnapshot();
  let cancel: (() => void) | null = null;
  let stop: (() => void) | null = null;
  const listeners = new Set<() => void>();
  const tell = () => {
    cancel = null;
    const latest = source.getSnapshot();
    if (Object.is(latest, held)) return;
    held = latest;
    for (const listener of [...listeners]) listener();
  };
  return {
    subscribe(listener) {
      const mine = () => listener();
      listeners.add(mine);
      if (!stop) {
        held = source.getSnapshot();
        stop = source.subscribe(() => {
          cancel ??= schedule(tell);
        });
      }
      return () => {
        listeners.delete(mine);
        if (listeners.size > 0) return;
        cancel?.();
        stop?.();
        cancel = stop = null;
      };
    },
    getSnapshot: () => (stop ? held : source.getSnapshot()),
  };
}
