export { NewTaskScreen as default } from "../../screens/new-task/new-task-screen.tsx";
