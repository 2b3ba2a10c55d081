import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Forges() {
  return <Later part={settingsScreens}>{({ ForgesScreen }) => <ForgesScreen />}</Later>;
}
