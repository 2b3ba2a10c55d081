export { ChatScreen as default } from "../../../../screens/task/chat-screen.tsx";
