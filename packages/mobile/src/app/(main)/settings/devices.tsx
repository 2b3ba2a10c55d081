import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Devices() {
  return <Later part={settingsScreens}>{({ DevicesScreen }) => <DevicesScreen />}</Later>;
}
