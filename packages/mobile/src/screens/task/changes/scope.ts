import type { TurnInfo } from "@farhand/client/app";

/** All that the task changed, or what one turn did. */
export type Scope = { kind: "all" } | { kind: "turn"; turn: number };

export const ALL: Scope = { kind: "all" };

/** The turns that a diff can be of, newest first: those whose end was kept and that were not rolled back. */
export const turnsToChoose = (turns: readonly TurnInfo[]): TurnInfo[] =>
  turns.filter(({ checkpoint, isDiscarded }) => checkpoint !== null && !isDiscarded).reverse();

/** The revisions between which the diff is. A turn begins where the last one that was kept ended. */
export function rangeOf(scope: Scope, turns: readonly TurnInfo[]): { from: string; to: string } {
  if (scope.kind === "all") return { from: "base", to: "latest" };
  const before = turnsToChoose(turns).find(({ turn }) => turn < scope.turn);
  return { from: before ? `turn-${before.turn}` : "base", to: `turn-${scope.turn}` };
}

/** What stands behind `turn=` of a link. */
export function parseScope(given: string | undefined): Scope {
  const turn = /^[1-9]\d{0,5}$/.test(given ?? "") ? Number(given) : null;
  return turn === null ? ALL : { kind: "turn", turn };
}
