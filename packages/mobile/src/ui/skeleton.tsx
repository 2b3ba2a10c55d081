import { StyleSheet, View } from "react-native";
import { strings } from "../strings/strings.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";

/** The shape of rows that are on their way. It does not move, so that nothing draws the eye to it. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  const styles = useStyles(sheet);
  return (
    <View role="status" aria-label={strings.common.loading} aria-busy style={styles.list}>
      {Array.from({ length: rows }, (_, index) => index).map((index) => (
        <View key={index} style={styles.row}>
          <View style={[styles.bar, { width: `${70 - ((index * 13) % 35)}%`, height: 16 }]} />
          <View style={[styles.bar, { width: `${45 - ((index * 7) % 20)}%`, height: 12 }]} />
        </View>
      ))}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    list: { gap: 1 },
    row: { backgroundColor: colors.surface, padding: space.l, gap: space.s },
    bar: { backgroundColor: colors.bone, borderRadius: radius.s },
  });
