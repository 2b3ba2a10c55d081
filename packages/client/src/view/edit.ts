/** Small changes of a view that the rules of all events are made of. */
import type { TaskEvent } from "@farhand/protocol";
import type { Row } from "./rows.ts";
import type { OpenPlaces, TaskHeader, TaskView, TimelineEntry, TurnInfo } from "./task-view.ts";

export function withHeader(view: TaskView, change: Partial<TaskHeader>): TaskView {
  return view.header === null ? view : { ...view, header: { ...view.header, ...change } };
}

export const addRow = (view: TaskView, row: Row): TaskView => ({ ...view, rows: view.rows.push(row) });

/** Changes the row at that place, if it is still of that kind. */
export function changeRow<K extends Row["kind"]>(
  view: TaskView,
  place: number | null | undefined,
  kind: K,
  change: (row: Extract<Row, { kind: K }>) => Extract<Row, { kind: K }>,
): TaskView {
  if (place === null || place === undefined) return view;
  const row = view.rows.get(place);
  if (!row || row.kind !== kind) return view;
  return { ...view, rows: view.rows.set(place, change(row as Extract<Row, { kind: K }>)) };
}

export const withOpen = (view: TaskView, change: Partial<OpenPlaces>): TaskView => ({
  ...view,
  open: { ...view.open, ...change },
});

/** The number of the place that the next row will have. */
export const nextPlace = (view: TaskView): number => view.rows.length;

export const turnOf = (view: TaskView): number => view.header?.turn ?? 0;

/** What every row that an event makes has. */
export const rowBase = (view: TaskView, event: TaskEvent) => ({
  id: `e${event.seq}`,
  seq: event.seq,
  at: event.at,
  turn: turnOf(view),
});

/** Changes what is known of a turn; the current one where none is named. */
export function changeTurn(view: TaskView, change: Partial<TurnInfo>, turn = turnOf(view)): TaskView {
  const known = view.turns.get(turn - 1);
  return known ? { ...view, turns: view.turns.set(turn - 1, { ...known, ...change }) } : view;
}

export function note(
  view: TaskView,
  event: TaskEvent,
  detail = "",
  durationMs: number | null = null,
): TaskView {
  const entry: TimelineEntry = {
    id: `e${event.seq}`,
    seq: event.seq,
    at: event.at,
    type: event.body.type,
    durationMs,
    detail,
  };
  return { ...view, timeline: view.timeline.push(entry) };
}

export function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
