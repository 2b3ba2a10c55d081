import { StyleSheet, View } from "react-native";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { Text } from "../../../ui/text.tsx";

/** How much of a limit is used. Its words say the same as its bar. */
export function Meter({ title, text, share }: { title: string; text: string; share: number }) {
  const styles = useStyles(sheet);
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <View style={styles.place}>
      <View style={styles.head}>
        <Text style={styles.grow}>{title}</Text>
        <Text color="soft">{text}</Text>
      </View>
      <View
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={text}
        style={styles.track}
      >
        <View style={[styles.bar, percent >= 80 ? styles.full : null, { width: `${percent}%` }]} />
      </View>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { gap: space.s, paddingHorizontal: space.l, paddingVertical: space.m },
    head: { flexDirection: "row", gap: space.m },
    grow: { flex: 1 },
    track: { height: 8, borderRadius: radius.round, backgroundColor: colors.bone, overflow: "hidden" },
    bar: { height: 8, borderRadius: radius.round, backgroundColor: colors.accent },
    full: { backgroundColor: colors.warn },
  });
