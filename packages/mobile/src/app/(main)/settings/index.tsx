import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Settings() {
  return <Later part={settingsScreens}>{({ SettingsScreen }) => <SettingsScreen />}</Later>;
}
