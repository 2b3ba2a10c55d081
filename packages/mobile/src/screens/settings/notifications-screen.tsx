import { strings } from "../../strings/strings.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** Of a server that has no notifications. */
export function NotificationsScreen() {
  return (
    <SettingsPage title={strings.settings.notifications}>
      <EmptyState
        icon="bell"
        title={strings.settings.notificationsSoon}
        text={strings.settings.notificationsText}
      />
    </SettingsPage>
  );
}
