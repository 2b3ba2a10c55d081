import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function About() {
  return <Later part={settingsScreens}>{({ AboutScreen }) => <AboutScreen />}</Later>;
}
