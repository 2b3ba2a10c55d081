import { type Href, useRouter } from "expo-router";
import { useState } from "react";
import { useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import type { IconName } from "../../icons/paths.ts";
import { pushChannel } from "../../notifications/push-channel";
import { leave as leaveNotifications } from "../../notifications/this-device.ts";
import { usePreferences } from "../../prefs/preferences.ts";
import { useSession } from "../../session/session.tsx";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsPage } from "./settings-page.tsx";

const { settings: words } = strings;

const GROUPS: readonly (readonly { title: string; icon: IconName; path: Href }[])[] = [
  [
    { title: words.keys, icon: "key", path: "/settings/keys" },
    { title: words.forges, icon: "pull", path: "/settings/forges" },
    { title: words.models, icon: "spark", path: "/settings/models" },
    { title: words.budgets, icon: "dollar", path: "/settings/budgets" },
    { title: words.egress, icon: "globe", path: "/settings/egress" },
  ],
  [
    { title: words.notifications, icon: "bell", path: "/settings/notifications" },
    { title: words.appearance, icon: "palette", path: "/settings/appearance" },
    { title: words.devices, icon: "device", path: "/settings/devices" },
  ],
  [
    { title: words.health, icon: "heart", path: "/settings/health" },
    { title: words.about, icon: "info", path: "/settings/about" },
  ],
];

export function SettingsScreen() {
  const router = useRouter();
  const { state } = useSession();
  const { theme } = usePreferences();
  const account = state.status === "signed-in" ? state.account : null;
  return (
    <SettingsPage
      title={words.title}
      subtitle={account ? words.signedInAs(account.name || account.login) : ""}
    >
      {GROUPS.map((rows) => (
        <ListGroup key={rows[0]?.title}>
          {rows.map(({ title, icon, path }) => (
            <ListRow
              key={title}
              title={title}
              icon={icon}
              detail={icon === "palette" ? words.themes[theme] : undefined}
              onPress={() => router.push(path)}
            />
          ))}
        </ListGroup>
      ))}
      <SignOut />
    </SettingsPage>
  );
}

function SignOut() {
  const session = useSession();
  const server = useServer();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const leave = async (isHereOnly: boolean) => {
    setBusy(true);
    setFailed(false);
    try {
      // Before the sign-in ends, which the server's list of devices is changed with.
      await leaveNotifications({ client: server.client, push: pushChannel });
      setFailed(!(await session.signOut(() => server.forget(), isHereOnly)));
    } catch (error) {
      toast(troubleOf(error).title);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <ListGroup>
        <ListRow title={words.signOut} icon="user" isDanger onPress={() => setAsking(true)} />
      </ListGroup>
      <Sheet title={words.signOut} isOpen={isAsking} onClose={() => setAsking(false)}>
        <Text>{words.signOutText}</Text>
        {hasFailed ? (
          <Text role="alert" color="danger">
            {words.signOutFailed}
          </Text>
        ) : null}
        <Button title={words.signOut} kind="danger" isBusy={isBusy} onPress={() => void leave(false)} />
        {hasFailed ? (
          <Button title={words.signOutAnyway} kind="quiet" isBusy={isBusy} onPress={() => void leave(true)} />
        ) : null}
        <Button title={strings.common.cancel} kind="quiet" onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}
