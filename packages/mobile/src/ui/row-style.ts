import { space } from "../theme/tokens.ts";

/** A row that can be pressed: in lists, of switches, of what the palette has found. */
export const ROW = {
  flexDirection: "row",
  alignItems: "center",
  gap: space.m,
  minHeight: 52,
  paddingHorizontal: space.l,
  paddingVertical: space.s,
} as const;
