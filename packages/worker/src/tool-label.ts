const MOST_CHARACTERS = 200;

/** The field of a tool's input that says most about the call, by name of the tool. */
const TELLING_FIELD: Record<string, string> = {
  bash: "command",
  read: "file_path",
  write: "file_path",
  edit: "file_path",
  glob: "pattern",
  grep: "pattern",
  finish: "title",
  ask_user: "question",
};

/** One line for people that says what a tool call does, such as its command or its path. */
export function toolLabel(name: string, input: unknown): string {
  const field = TELLING_FIELD[name];
  const fields = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const told = field === undefined ? undefined : fields[field];
  const text = typeof told === "string" ? told : (JSON.stringify(input) ?? "");
  const line = [...text.replace(/\s+/g, " ").trim()];
  return line.length <= MOST_CHARACTERS ? line.join("") : `${line.slice(0, MOST_CHARACTERS - 1).join("")}…`;
}
