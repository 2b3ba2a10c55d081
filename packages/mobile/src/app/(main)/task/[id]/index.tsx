export { TaskSummaryScreen as default } from "../../../../screens/task/task-summary-screen.tsx";
