import { useRouter } from "expo-router";
import { StyleSheet, View } from "react-native";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, space } from "../../theme/tokens.ts";
import { Pressable } from "../../ui/pressable.tsx";
import { Text } from "../../ui/text.tsx";

/** The parts of a task, in their order. */
export const TASK_PARTS = ["chat", "changes", "files", "details"] as const;
export type TaskPart = (typeof TASK_PARTS)[number];

const { task: words } = strings;

export const partPath = (taskId: string, part: TaskPart) =>
  part === "chat" ? (`/task/${taskId}` as const) : (`/task/${taskId}/${part}` as const);

/** Leads from one part of the task to another. */
export function TaskTabs({ taskId, current }: { taskId: string; current: TaskPart }) {
  const styles = useStyles(sheet);
  const router = useRouter();
  return (
    <View role="navigation" aria-label={words.parts} style={styles.tabs}>
      {TASK_PARTS.map((part) => {
        const isHere = part === current;
        return (
          <Pressable
            key={part}
            role="link"
            aria-current={isHere ? "page" : undefined}
            label={words[part]}
            onPress={() => {
              // Going to and fro between the parts is one step back, to the list.
              if (!isHere) router.replace(partPath(taskId, part));
            }}
            style={[styles.tab, isHere ? styles.here : null]}
          >
            <Text variant="small" color={isHere ? "accent" : "soft"} style={styles.text}>
              {words[part]}
            </Text>
          </Pressable>
        );
      })}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    tabs: { flexDirection: "row", paddingHorizontal: space.xs, marginBottom: -space.xs },
    tab: {
      flex: 1,
      maxWidth: 130,
      alignItems: "center",
      justifyContent: "center",
      borderBottomWidth: 2,
      borderBottomColor: "transparent",
    },
    here: { borderBottomColor: colors.accent },
    text: { fontWeight: "600" },
  });
