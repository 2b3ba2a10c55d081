import { Platform, StyleSheet, View } from "react-native";
import { Icon } from "../../icons/icon.tsx";
import { useStyles } from "../../theme/theme.tsx";
import type { Palette } from "../../theme/tokens.ts";
import { Pressable } from "../../ui/pressable.tsx";
import { ROW } from "../../ui/row-style.ts";
import { Text } from "../../ui/text.tsx";
import type { Entry } from "./entries.ts";

/** One of what the palette has found. The focus stays in the field, which names the option that Enter runs. */
export function Option({
  id,
  entry,
  isSelected,
  onRun,
}: {
  id: string;
  entry: Entry;
  isSelected: boolean;
  onRun: () => void;
}) {
  const styles = useStyles(sheet);
  // Where nothing is chosen with keys there is nothing to show of it.
  const isMarked = isSelected && Platform.OS === "web";
  return (
    <Pressable
      id={id}
      role="option"
      aria-selected={isSelected}
      tabIndex={-1}
      onPress={onRun}
      style={[styles.row, isMarked ? styles.selected : null]}
    >
      <Icon name={entry.icon} color={isMarked ? "accent" : "soft"} />
      <View style={styles.texts}>
        <Text style={isMarked ? styles.strong : null}>{entry.title}</Text>
        {entry.detail ? (
          <Text variant="small" color="soft" numberOfLines={1}>
            {entry.detail}
          </Text>
        ) : null}
      </View>
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: {
      ...ROW,
      borderLeftWidth: 4,
      borderLeftColor: "transparent",
    },
    // A bar and heavier letters besides the colour, which not everybody sees.
    selected: { backgroundColor: colors.accentSoft, borderLeftColor: colors.accent },
    strong: { fontWeight: "600" },
    texts: { flex: 1, minWidth: 0, gap: 2 },
  });
