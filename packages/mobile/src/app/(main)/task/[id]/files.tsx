import { Later } from "../../../../layout/later.tsx";
import { taskScreens } from "../../../../screens/parts.ts";

export default function Files() {
  return <Later part={taskScreens}>{({ FilesScreen }) => <FilesScreen />}</Later>;
}
