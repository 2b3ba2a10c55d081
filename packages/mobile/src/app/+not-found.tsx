import { useRouter } from "expo-router";
import { strings } from "../strings/strings.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Screen } from "../ui/screen.tsx";

export default function NotFound() {
  const router = useRouter();
  return (
    <Screen title={strings.app.name}>
      <EmptyState
        icon="question"
        title={strings.common.notFoundTitle}
        text={strings.common.notFoundText}
        action={<Button title={strings.common.toTasks} onPress={() => router.dismissTo("/")} />}
      />
    </Screen>
  );
}
