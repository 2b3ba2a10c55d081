import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Keys() {
  return <Later part={settingsScreens}>{({ KeysScreen }) => <KeysScreen />}</Later>;
}
