import { type Href, useRouter } from "expo-router";
import { useState } from "react";
import { useServer } from "../../data/server.tsx";
import type { IconName } from "../../icons/paths.ts";
import { usePreferences } from "../../prefs/preferences.ts";
import { useSession } from "../../session/session.tsx";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
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
  const leave = () => {
    setBusy(true);
    void session.signOut(() => server.forget()).finally(() => setBusy(false));
  };
  return (
    <>
      <ListGroup>
        <ListRow title={words.signOut} icon="user" isDanger onPress={() => setAsking(true)} />
      </ListGroup>
      <Sheet title={words.signOut} isOpen={isAsking} onClose={() => setAsking(false)}>
        <Text>{words.signOutText}</Text>
        <Button title={words.signOut} kind="danger" isBusy={isBusy} onPress={leave} />
        <Button title={strings.common.cancel} kind="quiet" onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}
