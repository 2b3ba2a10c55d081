/** The parts of a task that a link can lead to. */
export type TaskPart = "chat" | "changes" | "files" | "details";

export interface TaskPlace {
  taskId: string;
  part: TaskPart;
  /** Of the diff or the tree. */
  file: string | null;
  /** First and last line, from 1; the same for one line. */
  lines: { from: number; to: number } | null;
  /** Of the changes: lines of the file before them. Otherwise lines of after. */
  side?: "old" | "new";
  /** Of the changes: those of one turn. Otherwise of the whole branch. */
  turn?: number | null;
}

/** The path within the app, such as `/task/t_…/changes?file=src%2Fa.ts&line=3-7`; the same in the app and on the web. */
export function taskPath({ taskId, part, file, lines, side, turn }: TaskPlace): string {
  const path = `/task/${encodeURIComponent(taskId)}${part === "chat" ? "" : `/${part}`}`;
  const query = [
    ...(file === null ? [] : [`file=${encodeURIComponent(file)}`]),
    ...(lines === null ? [] : [`line=${lines.from}${lines.to === lines.from ? "" : `-${lines.to}`}`]),
    ...(side === "old" ? ["side=old"] : []),
    ...(turn ? [`turn=${turn}`] : []),
  ].join("&");
  return query === "" ? path : `${path}?${query}`;
}

/** For the web the server's own address with the path; everywhere else the app's. */
export const taskLink = (place: TaskPlace, baseUrl: string | null): string =>
  baseUrl === null ? `farhand:/${taskPath(place)}` : `${baseUrl}${taskPath(place)}`;

/** What stands behind `line=`: `12` or `12-15`. Null for anything else. */
export function parseLines(given: string | undefined): TaskPlace["lines"] {
  const [, first, last] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(given ?? "") ?? [];
  if (first === undefined) return null;
  const from = Number(first);
  const to = last === undefined ? from : Number(last);
  return from >= 1 && to >= from ? { from, to } : null;
}
