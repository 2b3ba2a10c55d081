import { strings } from "../strings/strings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** As short as it can be said: "now", "5 min", "3 h", "2 days", and then the date. */
export function age(from: string | number, nowMs: number): string {
  const fromMs = typeof from === "number" ? from : Date.parse(from);
  const passed = Math.max(0, nowMs - fromMs);
  if (passed < MINUTE) return strings.time.now;
  if (passed < HOUR) return strings.time.minutes(Math.floor(passed / MINUTE));
  if (passed < DAY) return strings.time.hours(Math.floor(passed / HOUR));
  if (passed < 14 * DAY) return strings.time.days(Math.floor(passed / DAY));
  return new Date(fromMs).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

export function ago(from: string | number, nowMs: number): string {
  const short = age(from, nowMs);
  const isDate = nowMs - (typeof from === "number" ? from : Date.parse(from)) >= 14 * DAY;
  return short === strings.time.now || isDate ? short : strings.time.ago(short);
}
