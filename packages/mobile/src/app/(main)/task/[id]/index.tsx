import { ChangesBeside } from "../../../../screens/task/changes/changes-beside.tsx";
import { ChatScreen } from "../../../../screens/task/chat-screen.tsx";

export default function Chat() {
  return <ChatScreen changes={<ChangesBeside />} />;
}
