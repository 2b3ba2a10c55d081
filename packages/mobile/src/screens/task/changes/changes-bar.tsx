import type { TurnInfo } from "@farhand/client/app";
import { ScrollView, StyleSheet, View } from "react-native";
import { Icon } from "../../../icons/icon.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { Chip } from "../../../ui/chip.tsx";
import { Pressable } from "../../../ui/pressable.tsx";
import { Text } from "../../../ui/text.tsx";
import { ALL, type Scope, turnsToChoose } from "./scope.ts";

/** Which changes are seen, and how many of their files are done with. */
export function ChangesBar({
  scope,
  turns,
  onScope,
  viewed,
  count,
  onFiles,
}: {
  scope: Scope;
  turns: readonly TurnInfo[];
  onScope: (scope: Scope) => void;
  viewed: number;
  count: number;
  onFiles: () => void;
}) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.bar}>
      <ScrollView horizontal showsHorizontalScrollIndicator={false} style={styles.scroll}>
        <View role="radiogroup" aria-label={strings.changes.scope} style={styles.chips}>
          <Chip title={strings.changes.all} isChosen={scope.kind === "all"} onPress={() => onScope(ALL)} />
          {turnsToChoose(turns).map(({ turn, title }) => (
            <Chip
              key={turn}
              title={strings.changes.turn(turn)}
              {...(title ? { label: `${strings.changes.turn(turn)}, ${title}` } : {})}
              isChosen={scope.kind === "turn" && scope.turn === turn}
              onPress={() => onScope({ kind: "turn", turn })}
            />
          ))}
        </View>
      </ScrollView>
      {count > 0 ? (
        <Pressable
          label={`${strings.changes.files}, ${strings.changes.viewedOf(viewed, count)}`}
          onPress={onFiles}
          style={styles.files}
          activeStyle={styles.active}
          testID="changed-files"
        >
          <Icon name="list" size={18} color="soft" />
          <Text variant="small" color="soft">
            {strings.changes.viewedOf(viewed, count)}
          </Text>
        </Pressable>
      ) : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    bar: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      paddingHorizontal: space.s,
      paddingVertical: space.xs,
      backgroundColor: colors.surface,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
    },
    scroll: { flex: 1 },
    chips: { flexDirection: "row", gap: space.s },
    files: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.xs,
      paddingHorizontal: space.s,
      borderRadius: radius.m,
    },
    active: { backgroundColor: colors.raised },
  });
