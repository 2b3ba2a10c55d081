import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Appearance() {
  return <Later part={settingsScreens}>{({ AppearanceScreen }) => <AppearanceScreen />}</Later>;
}
