import { useRouter } from "expo-router";
import { StyleSheet, View } from "react-native";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import type { Palette } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { usePageTitle } from "../../ui/page-title";

/** Beside the list, while no task is open. */
export function ChooseTask() {
  const styles = useStyles(sheet);
  const router = useRouter();
  usePageTitle(strings.app.name);
  return (
    <View role="main" style={styles.place}>
      <EmptyState
        icon="tasks"
        title={strings.tasks.chooseTitle}
        text={strings.tasks.chooseText}
        action={<Button title={strings.tasks.newTask} icon="add" onPress={() => router.navigate("/new")} />}
      />
    </View>
  );
}

const sheet = (colors: Palette) => StyleSheet.create({ place: { flex: 1, backgroundColor: colors.page } });
