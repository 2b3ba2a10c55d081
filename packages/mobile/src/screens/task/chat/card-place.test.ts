import type { ChatRow } from "@farhand/client/app";
import { cardIndex } from "./card-place.ts";

const rows = [
  { kind: "approval", id: "1" },
  { kind: "question", id: "2", questionId: "toolu_01" },
  { kind: "approval", id: "3" },
  { kind: "question", id: "4", questionId: "approval" },
  { kind: "turn_end", id: "5" },
] as unknown as ChatRow[];

test("a question is found by its id, and another card as the newest of its kind", () => {
  expect(cardIndex(rows, "toolu_01")).toBe(1);
  expect(cardIndex(rows.slice(0, 3), "approval")).toBe(2);
  expect(cardIndex(rows, "budget")).toBe(-1);
  expect(cardIndex(rows, "toolu_99")).toBe(-1);
});
