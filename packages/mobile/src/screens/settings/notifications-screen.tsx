import { useCallback, useState } from "react";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { Text } from "../../ui/text.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { NtfySheet } from "./notifications/ntfy-sheet.tsx";
import { ThisDevice } from "./notifications/this-device-part.tsx";
import { ToldDevices } from "./notifications/told-devices.tsx";
import { SettingsPage } from "./settings-page.tsx";

const { notifications: words } = strings;

/** Where one is told of tasks: this device, others, topics of ntfy, and of what. */
export function NotificationsScreen() {
  const { client } = useServer();
  const devices = useKept(
    "settings/notifications",
    useCallback((signal: AbortSignal) => client.devices(signal), [client]),
  );
  const [isAdding, setAdding] = useState(false);
  return (
    <SettingsPage title={strings.settings.notifications}>
      <Text color="soft">{words.text}</Text>
      <LoadedPart of={devices}>
        {({ devices: all }) => (
          <>
            <ThisDevice devices={all} onChanged={devices.reload} />
            <ToldDevices devices={all} onChanged={devices.reload} />
          </>
        )}
      </LoadedPart>
      <Button title={words.addNtfy} kind="quiet" icon="add" onPress={() => setAdding(true)} />
      {isAdding ? (
        <NtfySheet
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            devices.reload();
          }}
        />
      ) : null}
    </SettingsPage>
  );
}
