import { StyleSheet, View } from "react-native";
import { useTaskList } from "../../data/server.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import type { Palette } from "../../theme/tokens.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { usePageTitle } from "../../ui/page-title";
import { NoTasks } from "./no-tasks.tsx";

/** Beside the list, while no task is open. */
export function ChooseTask() {
  const styles = useStyles(sheet);
  const { tasks, status } = useTaskList();
  usePageTitle(strings.app.name);
  const isEmpty = tasks.length === 0 && status !== "loading";
  return (
    <View role="main" style={styles.place}>
      {isEmpty ? (
        <NoTasks />
      ) : (
        <EmptyState icon="tasks" title={strings.tasks.chooseTitle} text={strings.tasks.chooseText} />
      )}
    </View>
  );
}

const sheet = (colors: Palette) => StyleSheet.create({ place: { flex: 1, backgroundColor: colors.page } });
