import Constants from "expo-constants";
import { Platform } from "react-native";
import { useConnection } from "../../data/server.tsx";
import { SHORTCUTS, type Shortcut } from "../../shortcuts/keys.ts";
import { strings } from "../../strings/strings.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Text } from "../../ui/text.tsx";
import { SettingsPage } from "./settings-page.tsx";

const { settings: words } = strings;

export function AboutScreen() {
  const { serverVersion } = useConnection();
  const names = Object.keys(SHORTCUTS) as Shortcut[];
  return (
    <SettingsPage title={words.about}>
      <ListGroup>
        <ListRow
          title={words.appVersion}
          end={<Text color="soft">{Constants.expoConfig?.version ?? strings.connection.unknown}</Text>}
        />
        <ListRow
          title={words.serverVersion}
          end={<Text color="soft">{serverVersion ?? strings.connection.unknown}</Text>}
        />
      </ListGroup>
      {Platform.OS === "web" ? (
        <ListGroup title={words.shortcuts}>
          {names.map((name) => (
            <ListRow
              key={name}
              title={strings.shortcut[name]}
              end={
                <Text isMono variant="small" color="soft">
                  {SHORTCUTS[name].shown}
                </Text>
              }
            />
          ))}
        </ListGroup>
      ) : null}
      <Text variant="small" color="soft">
        {words.license}
      </Text>
    </SettingsPage>
  );
}
