import type { z } from "zod";

/**
 * The first thing that is wrong with a body, in the words of the API: a path, a colon and what was expected.
 * @param at path of the checked value within the whole body
 */
export function shapeMessage(error: z.ZodError, input: unknown, at: readonly PropertyKey[] = []): string {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return "Invalid request";
  const where = (path: readonly PropertyKey[]) => [...at, ...path].join(".");
  const given = valueAt(input, issue.path);
  if (issue.code === "unrecognized_keys") {
    return `${where([...issue.path, issue.keys[0] ?? ""])}: Extra inputs are not permitted`;
  }
  if (issue.code === "invalid_union" && "discriminator" in issue) {
    return unionMessage(where(issue.path), given, issue);
  }
  if (given === undefined) return `${where(issue.path)}: Field required`;
  return `${where(issue.path)}: ${expectation(issue)}`;
}

type Issue = z.core.$ZodIssue;

/** The issue that matters in a union: that of the branch which got furthest. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue === undefined || issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const branches = issue.errors.map((branch) => branch[0]).filter((found) => found !== undefined);
  const best = branches.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  return deepest({ ...best, path: [...issue.path, ...best.path] });
}

function rank(issue: Issue): number {
  return issue.path.length * 2 + (issue.code === "invalid_type" ? 0 : 1);
}

function unionMessage(path: string, given: unknown, issue: Issue): string {
  const tag =
    typeof given === "object" && given !== null ? (given as Record<string, unknown>).type : undefined;
  const expected =
    "options" in issue && Array.isArray(issue.options) ? issue.options.map((o) => `'${String(o)}'`) : [];
  const parent = path.replace(/\.type$/, "");
  const shown = tag ?? given;
  if (shown === undefined) return `${parent}: Unable to extract tag using discriminator 'type'`;
  return (
    `${parent}: Input tag '${String(shown)}' found using 'type' does not match any of the expected tags` +
    (expected.length > 0 ? `: ${expected.join(", ")}` : "")
  );
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int"
        ? "Input should be a valid integer"
        : `Input should be a valid ${issue.expected}`;
    case "invalid_value": {
      const values = issue.values.map((value) => `'${String(value)}'`);
      return `Input should be ${values.length > 1 ? `${values.slice(0, -1).join(", ")} or ${values.at(-1)}` : values[0]}`;
    }
    case "too_small":
      return issue.origin === "array"
        ? `at least ${issue.minimum} item is required`
        : issue.origin === "string"
          ? `String should have at least ${issue.minimum} character`
          : `Input should be greater than or equal to ${issue.minimum}`;
    case "too_big":
      return `Input should be less than or equal to ${issue.maximum}`;
    case "invalid_format":
      return "pattern" in issue && issue.pattern !== undefined
        ? `String should match pattern '${issue.pattern.replace(/^\/|\/$/g, "")}'`
        : `Input should be a valid ${issue.format}`;
    default:
      return issue.message;
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
