import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Models() {
  return <Later part={settingsScreens}>{({ ModelsScreen }) => <ModelsScreen />}</Later>;
}
