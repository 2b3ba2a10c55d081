import { useRouter } from "expo-router";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";

/** Where nobody has begun a task yet: what one is, and the way to the first. */
export function NoTasks() {
  const router = useRouter();
  return (
    <EmptyState
      icon="spark"
      title={strings.tasks.emptyTitle}
      text={strings.tasks.emptyText}
      action={
        <Button
          title={strings.tasks.newTask}
          icon="add"
          onPress={() => router.navigate("/new")}
          testID="new-task"
        />
      }
    />
  );
}
