import { type RawFile, type ToolStep, UnreachableError } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../../test/a-server.tsx";
import { aStep } from "../../../../../test/a-step.ts";
import { anOpenTask } from "../../../../../test/an-open-task.ts";
import { OpenTaskProvider } from "../../open-task.tsx";
import { StepOutput } from "./step-output.tsx";

const KIB = 1024;
const step = (given: Partial<ToolStep>): ToolStep =>
  aStep("toolu_1", { output: "what the log has", ...given });

/** The output of a step, where the server answers so, one after the other. */
async function draw(given: Partial<ToolStep>, ...answers: (string | Error)[]) {
  const asked: string[] = [];
  const server = aServer({
    output: async (taskId, toolUseId) => {
      asked.push(`${taskId} ${toolUseId}`);
      const answer = answers.shift() ?? new Error("nobody asked for more");
      if (answer instanceof Error) throw answer;
      return { arrayBuffer: async () => new TextEncoder().encode(answer).buffer } as unknown as RawFile;
    },
  });
  const handle = anOpenTask("t_1", null);
  await renderIn(
    <OpenTaskProvider taskId="t_1">
      <StepOutput step={step(given)} />
    </OpenTaskProvider>,
    Object.assign(server.store, { openTask: () => handle }) as never,
  );
  return { asked, user: userEvent.setup() };
}

test("a step of which nothing more is kept shows what the log has, and asks for nothing", async () => {
  const { asked } = await draw({ isTruncated: true });
  await screen.findByText("what the log has");
  screen.getByText(/the rest was not kept/);
  expect(asked).toEqual([]);
});

test("a short one is fetched with the sheet, for its colours", async () => {
  const { asked } = await draw({ kept: { sizeBytes: 40, keptBytes: 40 } }, "\u001b[31mred\u001b[0m");
  await screen.findByText("red");
  expect(asked).toEqual(["t_1 toolu_1"]);
});

test("a long one is fetched when it is asked for, and says how much of it there is", async () => {
  const kept = { sizeBytes: 5 * KIB * KIB, keptBytes: 4 * KIB * KIB };
  const { asked, user } = await draw({ kept, isTruncated: true }, "all of it");
  await screen.findByText("what the log has");
  screen.getByText("4.0 MiB of 5.0 MiB are kept");
  expect(asked).toEqual([]);
  await user.press(screen.getByRole("button", { name: "Show the full output" }));
  await screen.findByText("all of it");
});

test("without the network the log's part stays, says why, and another try brings the rest", async () => {
  const kept = { sizeBytes: 40, keptBytes: 40 };
  const away = new UnreachableError("https://farhand.example.com");
  const { user } = await draw({ kept }, away, "all of it");
  await screen.findByText("what the log has");
  await user.press(await screen.findByRole("button", { name: "Try again" }));
  await screen.findByText("all of it");
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});
