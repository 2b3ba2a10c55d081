import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { ForkForm } from "./fork-form.tsx";

const user = userEvent.setup();
const sketch = { id: "a1", name: "sketch.png", mediaType: "image/png", sizeBytes: 3 };

test("a fork takes its prompt and its files along, and the form forgets both", async () => {
  const server = aServer();
  const done = jest.fn();
  server.store.drafts.setFiles("t_1", "fork/2", [sketch]);
  await renderIn(<ForkForm taskId="t_1" turn={2} onDone={done} />, server.store);
  expect(screen.getByLabelText("Open sketch.png")).toBeOnTheScreen();
  await user.type(screen.getByDisplayValue(""), "Like this");
  await user.press(screen.getByRole("button", { name: /fork/i }));
  expect(server.asked).toEqual([
    { type: "fork", taskId: "t_1", fork: { turn: 2, prompt: "Like this" }, attachments: [sketch] },
  ]);
  expect(server.draft.getSnapshot()).toMatchObject({ fields: {}, files: { "fork/2": [] } });
  expect(done).toHaveBeenCalledTimes(1);
});

test("a file that is taken out goes from the device as well", async () => {
  const server = aServer();
  const dropped = jest.spyOn(server.store.attachments, "drop");
  server.store.drafts.setFiles("t_1", "fork/2", [sketch]);
  await renderIn(<ForkForm taskId="t_1" turn={2} onDone={jest.fn()} />, server.store);
  await user.press(screen.getByRole("button", { name: "Remove sketch.png" }));
  expect(server.draft.getSnapshot().files).toEqual({ "fork/2": [] });
  expect(dropped).toHaveBeenCalledWith(["a1"]);
});
