import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Egress() {
  return <Later part={settingsScreens}>{({ EgressScreen }) => <EgressScreen />}</Later>;
}
