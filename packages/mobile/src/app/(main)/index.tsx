import { useLayout } from "../../layout/use-layout.ts";
import { ChooseTask } from "../../screens/tasks/choose-task.tsx";
import { TaskListPane } from "../../screens/tasks/task-list-pane.tsx";

export default function Home() {
  const { isWide } = useLayout();
  return isWide ? <ChooseTask /> : <TaskListPane openTaskId={null} />;
}
