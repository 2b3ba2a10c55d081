import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Health() {
  return <Later part={settingsScreens}>{({ HealthScreen }) => <HealthScreen />}</Later>;
}
