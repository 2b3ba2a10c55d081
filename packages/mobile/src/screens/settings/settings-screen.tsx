import { useRouter } from "expo-router";
import { useState } from "react";
import { useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { pushChannel } from "../../notifications/push-channel";
import { forgetTaps } from "../../notifications/taps";
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
import { SETTINGS_PAGES } from "./settings-pages.ts";

const { settings: words } = strings;

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
      {SETTINGS_PAGES.map((rows) => (
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
  const forget = async () => {
    await server.forget();
    // A browser that keeps nothing has nothing to forget.
    await forgetTaps().catch(() => undefined);
  };
  const leave = async (isHereOnly: boolean) => {
    setBusy(true);
    setFailed(false);
    try {
      // Before the sign-in ends, which the server's list of devices is changed with.
      await leaveNotifications({ client: server.client, push: pushChannel });
      setFailed(!(await session.signOut(forget, isHereOnly)));
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
