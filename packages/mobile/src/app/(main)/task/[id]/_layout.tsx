export { TaskLayout as default } from "../../../../screens/task/task-layout.tsx";
