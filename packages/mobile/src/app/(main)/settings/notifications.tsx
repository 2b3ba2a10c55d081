import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Notifications() {
  return <Later part={settingsScreens}>{({ NotificationsScreen }) => <NotificationsScreen />}</Later>;
}
