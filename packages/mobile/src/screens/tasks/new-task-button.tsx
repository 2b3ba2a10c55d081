import { useRouter } from "expo-router";
import { StyleSheet } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { Icon } from "../../icons/icon.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../../theme/tokens.ts";
import { Pressable } from "../../ui/pressable.tsx";
import { Text } from "../../ui/text.tsx";

/** Begins a task. On phones it floats where a thumb is; in a pane, which has few points to give, it stands in the header. */
export function NewTaskButton({ isFloating }: { isFloating: boolean }) {
  const styles = useStyles(sheet);
  const router = useRouter();
  const { bottom } = useSafeAreaInsets();
  return (
    <Pressable
      label={strings.tasks.newTask}
      onPress={() => router.navigate("/new")}
      testID="new-task"
      style={[styles.base, isFloating ? [styles.floating, { bottom: space.l + bottom }] : styles.square]}
    >
      <Icon name="add" color="onAccent" />
      {isFloating ? (
        <Text variant="label" color="onAccent">
          {strings.tasks.newTask}
        </Text>
      ) : null}
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    base: { flexDirection: "row", alignItems: "center", backgroundColor: colors.accent },
    floating: {
      position: "absolute",
      right: space.l,
      gap: space.s,
      height: 52,
      paddingHorizontal: space.l,
      borderRadius: radius.round,
      boxShadow: "0 4px 14px rgba(0, 0, 0, 0.25)",
    },
    square: { width: TARGET + 4, justifyContent: "center", borderRadius: radius.m },
  });
