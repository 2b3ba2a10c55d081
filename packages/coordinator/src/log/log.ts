import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import pino, { type Logger } from "pino";

export interface Logs {
  /** The coordinator's own log, on standard error. */
  main: Logger;
  /** A task's log, in `<directory>/<taskId>.log` as well as on standard error. Close it when the attempt ends. */
  task(taskId: string): { logger: Logger; close: () => void };
}

/**
 * Structured logs, one JSON object a line. Two walls keep secrets out: fields that carry one are redacted by
 * name, and each known secret is cut out of every value, in whatever field or error text it came. The lines' form and
 * the names of their fields stay, whatever a user calls a secret.
 */
export function createLogs(options: { directory: string; level: string; secrets: KnownSecrets }): Logs {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const scrubText = scrubber(options.secrets);
  const scrub = (line: string) => `${JSON.stringify(scrubbedLine(line, scrubText))}\n`;
  const toStandardError = { write: (line: string) => void process.stderr.write(scrub(line)) };
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "token",
        "*.token",
        "apiKey",
        "*.apiKey",
        "credential",
        "*.credential",
        "*.authorization",
        "*.cookie",
      ],
      censor: "[redacted]",
    },
  };
  return {
    main: pino(settings, toStandardError),
    task(taskId) {
      const file = openSync(join(options.directory, `${taskId}.log`), "a", 0o600);
      const both = {
        write: (line: string) => {
          const clean = scrub(line);
          process.stderr.write(clean);
          try {
            writeSync(file, clean);
          } catch {
            // A full disk must not end the work that is being logged; standard error has the line.
          }
        },
      };
      return { logger: pino(settings, both).child({ taskId }), close: () => closeSync(file) };
    },
  };
}

function scrubbedLine(line: string, scrub: (text: string) => string): object {
  const within = (value: unknown): unknown => {
    if (typeof value === "string") return scrub(value);
    if (Array.isArray(value)) return value.map(within);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [scrub(name), within(item)]));
  };
  const fields: Record<string, unknown> = JSON.parse(line);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, within(value)]));
}

/** The secrets that are known by now; the same list until there is another. */
export type KnownSecrets = () => readonly string[];

/**
 * Replaces every secret that is known at that moment in a text, also as it looks inside JSON and base64.
 * @param secrets asked at each text, since keys are added while the server runs
 */
export function scrubber(secrets: KnownSecrets): (text: string) => string {
  let known: readonly string[] = [];
  let needles: string[] = [];
  return (text) => {
    if (secrets() !== known) {
      known = secrets();
      needles = needlesOf(known);
    }
    return needles.reduce((clean, needle) => clean.replaceAll(needle, "[redacted]"), text);
  };
}

/**
 * {@link scrubber} for each user's own texts.
 * @param secretsOf what is to be cut out of a user's texts, and the same list until that changes
 */
export function scrubberOfUsers(
  secretsOf: (userId: string) => readonly string[],
): (userId: string, text: string) => string {
  const scrubbers = new Map<string, (text: string) => string>();
  return (userId, text) => {
    const scrub = scrubbers.get(userId) ?? scrubber(() => secretsOf(userId));
    scrubbers.set(userId, scrub);
    return scrub(text);
  };
}

/** Every form in which a secret may stand somewhere. */
function needlesOf(secrets: readonly string[]): string[] {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return (
    secrets
      .filter((secret) => secret.length >= 8)
      .flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        base64(secret),
        base64(`x-access-token:${secret}`),
        base64(`oauth2:${secret}`),
      ])
      // The longest first, or a part would be cut out of the whole and leave its rest behind.
      .sort((a, b) => b.length - a.length)
  );
}
