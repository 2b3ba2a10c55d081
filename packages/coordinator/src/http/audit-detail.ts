const MAX_CHARACTERS = 1000;

/** The fields that a change names, with their values, on one line: `budgets.day.maxUsd=5, defaultModel="m"`. */
export function describeChange(change: unknown): string {
  return fieldsOf(change, "").join(", ").slice(0, MAX_CHARACTERS);
}

function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [`${path}=${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([name, inner]) =>
    fieldsOf(inner, path === "" ? name : `${path}.${name}`),
  );
}
