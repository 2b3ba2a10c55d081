import { strings } from "../../strings/strings.ts";
import { KeysPart } from "./keys-part.tsx";
import { SettingsPage } from "./settings-page.tsx";

export function KeysScreen() {
  return (
    <SettingsPage title={strings.settings.keys}>
      <KeysPart purposes={["model"]} text={strings.settings.keysText} />
    </SettingsPage>
  );
}
