import { Slot, useLocalSearchParams } from "expo-router";
import { OpenTaskProvider } from "./open-task.tsx";
import { useLooking } from "./use-looking.ts";

/** Opens the task once for all of its parts. */
export function TaskLayout() {
  const { id } = useLocalSearchParams<{ id: string }>();
  useLooking(id);
  return (
    <OpenTaskProvider key={id} taskId={id}>
      <Slot />
    </OpenTaskProvider>
  );
}
