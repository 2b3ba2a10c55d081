/**
 * Preloaded into a coordinator whose machine's clock has jumped: `Date` is shifted by `CLOCK_SHIFT_MS`. What runs on
 * the monotonic clock, timers among it, is not, as on a real machine.
 */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const RealDate = Date;
const realNow = Date.now;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [realNow() + shiftMs] : args, newTarget),
  apply: () => new RealDate(realNow() + shiftMs).toString(),
  get: (target, name, receiver) =>
    name === "now" ? () => realNow() + shiftMs : Reflect.get(target, name, receiver),
});

export {};
