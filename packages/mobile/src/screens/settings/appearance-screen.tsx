import { Platform } from "react-native";
import { type Preferences, setPreferences, usePreferences } from "../../prefs/preferences.ts";
import { strings } from "../../strings/strings.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { SettingsPage } from "./settings-page.tsx";

const { settings: words } = strings;
const THEMES: readonly Preferences["theme"][] = ["system", "light", "dark"];

export function AppearanceScreen() {
  const { theme, haptics } = usePreferences();
  return (
    <SettingsPage title={words.appearance}>
      <ListGroup title={words.theme} isChoice>
        {THEMES.map((choice) => (
          <ListRow
            key={choice}
            title={words.themes[choice]}
            choice={{ isChosen: choice === theme }}
            onPress={() => setPreferences({ theme: choice })}
            testID={`theme-${choice}`}
          />
        ))}
      </ListGroup>
      {Platform.OS === "web" ? null : (
        <ListGroup>
          <ListRow
            title={words.haptics}
            choice={{ isChosen: haptics }}
            onPress={() => setPreferences({ haptics: !haptics })}
          />
        </ListGroup>
      )}
    </SettingsPage>
  );
}
