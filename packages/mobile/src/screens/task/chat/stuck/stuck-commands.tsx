import type { OutboxEntry } from "@farhand/client/app";
import { ScrollView, StyleSheet, View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { useStyles } from "../../../../theme/theme.tsx";
import { type Palette, READING_WIDTH, space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { EntryStanding } from "./entry-standing.tsx";
import { commandWords } from "./stuck.ts";

/** What was asked of this task and got stuck, between the conversation and the composer: it is seen wherever one reads. */
export function StuckCommands({ entries }: { entries: readonly OutboxEntry[] }) {
  const styles = useStyles(sheet);
  if (entries.length === 0) return null;
  return (
    <ScrollView
      style={styles.place}
      role="region"
      aria-label={strings.chat.stuckTitle}
      contentContainerStyle={styles.inside}
      // Who has no pointer scrolls it with the keys.
      tabIndex={0}
      testID="stuck"
    >
      {entries.map((entry) => (
        <View key={entry.id} style={styles.entry}>
          <Text variant="label" numberOfLines={2}>
            {commandWords(entry.command)}
          </Text>
          <EntryStanding entry={entry} />
        </View>
      ))}
    </ScrollView>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: {
      flexGrow: 0,
      maxHeight: 220,
      backgroundColor: colors.surface,
      borderTopWidth: 1,
      borderTopColor: colors.line,
    },
    inside: {
      width: "100%",
      maxWidth: READING_WIDTH + 80,
      alignSelf: "center",
      paddingHorizontal: space.m,
    },
    entry: { gap: space.xs, paddingVertical: space.s },
  });
