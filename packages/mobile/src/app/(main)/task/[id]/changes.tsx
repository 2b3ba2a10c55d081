import { Later } from "../../../../layout/later.tsx";
import { taskScreens } from "../../../../screens/parts.ts";

export default function Changes() {
  return <Later part={taskScreens}>{({ ChangesScreen }) => <ChangesScreen />}</Later>;
}
