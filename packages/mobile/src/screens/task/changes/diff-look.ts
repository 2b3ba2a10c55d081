import { StyleSheet } from "react-native";
import { MONO, scaled } from "../../../theme/font.ts";
import { type Palette, space, TARGET } from "../../../theme/tokens.ts";

/** Looks of lines, in one and in two columns. */
export const lineSheet = (colors: Palette) =>
  StyleSheet.create({
    row: { flexDirection: "row", alignItems: "stretch" },
    half: { flex: 1, flexDirection: "row", minWidth: 0 },
    divided: { borderLeftWidth: 1, borderLeftColor: colors.line },
    context: { backgroundColor: colors.surface },
    added: { backgroundColor: colors.added },
    removed: { backgroundColor: colors.removed },
    absent: { backgroundColor: colors.sunken },
    chosen: { boxShadow: `inset 3px 0 0 ${colors.accent}`, backgroundColor: colors.accentSoft },
    gutter: { flexDirection: "row", justifyContent: "flex-end", paddingRight: space.xs },
    /** Wide enough to be hit. */
    pointed: { minWidth: TARGET },
    code: { flex: 1, flexDirection: "row", minWidth: 0 },
    gutterHovered: { backgroundColor: colors.accentSoft },
    number: {
      fontFamily: MONO,
      fontSize: scaled(12),
      color: colors.soft,
      textAlign: "right",
      userSelect: "none",
    },
    sign: {
      fontFamily: MONO,
      fontSize: scaled(13),
      color: colors.text,
      textAlign: "center",
      userSelect: "none",
    },
    text: { flex: 1, minWidth: 0, overflow: "hidden" },
  });
