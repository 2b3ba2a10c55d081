export { ChangesScreen as default } from "../../../../screens/task/changes/changes-screen.tsx";
