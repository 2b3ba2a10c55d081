export { FilesScreen as default } from "../../../../screens/task/files/files-screen.tsx";
