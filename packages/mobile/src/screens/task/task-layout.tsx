import { Slot, useLocalSearchParams } from "expo-router";
import { OpenTaskProvider } from "./open-task.tsx";

/** Opens the task once for all of its parts. */
export function TaskLayout() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return (
    <OpenTaskProvider key={id} taskId={id}>
      <Slot />
    </OpenTaskProvider>
  );
}
