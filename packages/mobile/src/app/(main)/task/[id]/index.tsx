import { Later } from "../../../../layout/later.tsx";
import { taskScreens } from "../../../../screens/parts.ts";

export default function Chat() {
  return (
    <Later part={taskScreens}>
      {({ ChatScreen, ChangesBeside }) => <ChatScreen changes={<ChangesBeside />} />}
    </Later>
  );
}
