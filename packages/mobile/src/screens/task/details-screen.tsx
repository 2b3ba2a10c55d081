import { Details } from "./details/details.tsx";
import { TaskFrame } from "./task-frame.tsx";

/** What a task costs, where it runs and what happened to it. */
export function DetailsScreen() {
  return (
    <TaskFrame part="details" isForm>
      <Details />
    </TaskFrame>
  );
}
