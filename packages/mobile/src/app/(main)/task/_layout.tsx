import { Stack } from "expo-router";
import { useLayout } from "../../../layout/use-layout.ts";
import { useTheme } from "../../../theme/theme.tsx";

/**
 * Gives `[id]` a level of its own. The router tells two places apart by the parameter of a level that is nothing but a
 * parameter: with `task/[id]` as one level, the address of another task would change the address alone, and not the
 * screen. Each task is a screen of its own, so that one comes back to where one was.
 */
export default function TasksLayout() {
  const { isWide } = useLayout();
  const { colors } = useTheme();
  return (
    <Stack
      screenOptions={{
        headerShown: false,
        animation: isWide ? "none" : "default",
        contentStyle: { backgroundColor: colors.page },
      }}
    >
      <Stack.Screen name="[id]" dangerouslySingular />
    </Stack>
  );
}
