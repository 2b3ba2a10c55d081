/** A task's screens, together: they share what draws code, and the browser brings them as one file. */
export { ChangesBeside } from "./changes/changes-beside.tsx";
export { ChangesScreen } from "./changes/changes-screen.tsx";
export { ChatScreen } from "./chat-screen.tsx";
export { DetailsScreen } from "./details-screen.tsx";
export { FilesScreen } from "./files/files-screen.tsx";
