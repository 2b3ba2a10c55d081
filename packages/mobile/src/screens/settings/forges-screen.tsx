import { strings } from "../../strings/strings.ts";
import { KeysPart } from "./keys-part.tsx";
import { SettingsPage } from "./settings-page.tsx";

export function ForgesScreen() {
  return (
    <SettingsPage title={strings.settings.forges}>
      <KeysPart purposes={["github", "gitlab"]} text={strings.settings.forgesText} />
    </SettingsPage>
  );
}
