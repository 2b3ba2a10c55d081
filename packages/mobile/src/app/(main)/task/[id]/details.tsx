import { Later } from "../../../../layout/later.tsx";
import { taskScreens } from "../../../../screens/parts.ts";

export default function Details() {
  return <Later part={taskScreens}>{({ DetailsScreen }) => <DetailsScreen />}</Later>;
}
