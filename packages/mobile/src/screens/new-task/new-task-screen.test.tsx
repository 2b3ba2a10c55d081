import { UnreachableError } from "@farhand/client/app";
import { screen, userEvent, waitFor } from "@testing-library/react-native";
import { aServer, EMPTY_DRAFT, renderIn } from "../../../test/a-server.tsx";
import { aTask } from "../../../test/a-task.ts";
import { setPreferences } from "../../prefs/preferences.ts";
import { NewTaskScreen } from "./new-task-screen.tsx";

const user = userEvent.setup();

test("every keystroke is in the draft", async () => {
  const server = aServer();
  const seen: string[] = [];
  server.newTask.subscribe(() => seen.push(server.newTask.getSnapshot().prompt));
  await renderIn(<NewTaskScreen />, server.store);
  await user.type(screen.getByTestId("prompt"), "Fix");
  expect(seen).toEqual(["F", "Fi", "Fix"]);
});

test("what is missing is said when one tries to start, and nothing is sent", async () => {
  const server = aServer();
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("start-task"));
  expect(screen.getByRole("alert")).toHaveTextContent("Choose a repository first.");
  expect(server.asked).toEqual([]);
});

test("a repository is found among those that were used before", async () => {
  const server = aServer({ repositories: async () => ({ repositories: [], forges: [] }) });
  const tasks = [
    aTask({ repository: "https://github.com/you/shop" }),
    aTask({ repository: "https://github.com/you/blog" }),
  ];
  server.tasks.set({ tasks, status: "live" });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("repository"));
  await user.type(screen.getByTestId("repository-search"), "blo");
  expect(screen.queryByRole("radio", { name: /you\/shop/ })).toBeNull();
  await user.press(screen.getByRole("radio", { name: /you\/blog/ }));
  expect(server.newTask.getSnapshot().repository).toBe("https://github.com/you/blog");
});

test("a task goes into the outbox as it was written, and the form is empty again", async () => {
  const server = aServer();
  server.newTask.set({
    ...server.newTask.getSnapshot(),
    repository: "https://github.com/you/shop",
    prompt: "Fix the login",
    maxUsd: 3,
  });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("start-task"));
  expect(server.asked).toEqual([
    {
      type: "create_task",
      task: {
        repository: "https://github.com/you/shop",
        prompt: "Fix the login",
        budget: { maxUsd: 3, maxTokens: null },
      },
    },
  ]);
  expect(server.newTask.getSnapshot().prompt).toBe("");
});

test("a template begins the prompt, and never takes the place of what was written", async () => {
  const server = aServer();
  server.newTask.set({ ...server.newTask.getSnapshot(), prompt: "First this." });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByRole("button", { name: "Templates" }));
  await user.press(screen.getByRole("button", { name: /^Add tests/ }));
  expect(server.newTask.getSnapshot().prompt).toMatch(/^First this\.\n\nFind the part/);
});

test("a template of one's own can be changed, and had back when it was removed", async () => {
  setPreferences({ templates: [{ title: "Mend", prompt: "Mend it." }] });
  const server = aServer();
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByRole("button", { name: "Templates" }));
  await user.press(screen.getByRole("button", { name: "Edit: Mend" }));
  await user.clear(screen.getByLabelText("Name"));
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await user.type(screen.getByLabelText("Name"), "Mend well");
  await user.type(screen.getByDisplayValue("Mend it."), " And test it.");
  await user.press(screen.getByRole("button", { name: "Save" }));
  await user.press(screen.getByRole("button", { name: "Remove: Mend well" }));
  expect(screen.queryByRole("button", { name: /^Mend well/ })).toBeNull();
  await user.press(screen.getByRole("button", { name: "Undo" }));
  await user.press(screen.getByRole("button", { name: /^Mend well/ }));
  expect(server.newTask.getSnapshot().prompt).toBe("Mend it. And test it.");
  setPreferences({ templates: [] });
});

test("photos and files go along with the task, and the form forgets them", async () => {
  const server = aServer();
  const attachments = [{ id: "a1", name: "shot.png", mediaType: "image/png", sizeBytes: 3 }];
  server.newTask.set({ ...server.newTask.getSnapshot(), repository: "r", prompt: "Fix it", attachments });
  await renderIn(<NewTaskScreen />, server.store);
  expect(screen.getByLabelText("Open shot.png")).toBeOnTheScreen();
  await user.press(screen.getByTestId("start-task"));
  expect(server.asked).toEqual([
    { type: "create_task", task: { repository: "r", prompt: "Fix it" }, attachments },
  ]);
  expect(server.newTask.getSnapshot().attachments).toEqual([]);
});

test("where nothing can be dictated, that is said", async () => {
  await renderIn(<NewTaskScreen />, aServer().store);
  expect(screen.queryByTestId("dictate")).toBeNull();
  expect(screen.getByTestId("no-dictation")).toHaveTextContent(
    "To dictate, use the microphone of your keyboard.",
  );
});

const LIST = {
  repositories: [
    {
      address: "https://github.com/you/shop.git",
      name: "you/shop",
      host: "github.com",
      isPrivate: true,
      defaultBranch: "main",
    },
    {
      address: "https://gitlab.com/team/site.git",
      name: "team/site",
      host: "gitlab.com",
      isPrivate: false,
      defaultBranch: "main",
    },
  ],
  forges: [
    { host: "github.com", purpose: "github" as const, status: "ok" as const, message: null, hasMore: false },
    { host: "gitlab.com", purpose: "gitlab" as const, status: "ok" as const, message: null, hasMore: false },
    {
      host: "ghe.example.com",
      purpose: "github" as const,
      status: "failed" as const,
      message: "ghe.example.com cannot be reached.",
      hasMore: false,
    },
  ],
};

test("a repository is chosen among those of the forges, and a forge that fails is said", async () => {
  const server = aServer({ repositories: async () => LIST });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("repository"));
  expect(await screen.findByText("ghe.example.com cannot be reached.")).toBeOnTheScreen();
  await user.type(screen.getByTestId("repository-search"), "SITE");
  expect(screen.queryByRole("radio", { name: /you\/shop/ })).toBeNull();
  await user.press(screen.getByRole("radio", { name: /team\/site/ }));
  expect(server.newTask.getSnapshot().repository).toBe("https://gitlab.com/team/site.git");
});

test("without a connection the list is the one that this device keeps, and an address can be entered", async () => {
  const server = aServer({
    repositories: () => Promise.reject(new UnreachableError("https://farhand.example.com")),
  });
  await server.store.cache.put("repositories", LIST);
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("repository"));
  expect(await screen.findByRole("radio", { name: /you\/shop/ })).toBeOnTheScreen();
  expect(await screen.findByText("From this device: the server does not answer.")).toBeOnTheScreen();
  await user.type(screen.getByTestId("repository-search"), "https://example.com/a.git");
  await user.press(screen.getByTestId("use-repository"));
  expect(server.newTask.getSnapshot().repository).toBe("https://example.com/a.git");
});

test("where a forge has more than it has listed, what is typed is asked for once", async () => {
  const asked: string[] = [];
  const forges = LIST.forges.map((it) => ({ ...it, hasMore: true }));
  const server = aServer({
    repositories: async (search = "") => {
      asked.push(search);
      const far = { ...LIST.repositories[0], address: "https://github.com/you/far.git", name: "you/far" };
      return { forges, repositories: search ? [far as (typeof LIST.repositories)[0]] : LIST.repositories };
    },
  });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("repository"));
  await user.type(screen.getByTestId("repository-search"), "far");
  await user.press(await screen.findByRole("radio", { name: /you\/far/ }));
  expect(server.newTask.getSnapshot().repository).toBe("https://github.com/you/far.git");
  expect(asked.filter((search) => search === "far")).toHaveLength(1);
});

test("a branch is one that the repository has, or a name", async () => {
  const branches = jest.fn(async () => ({
    branches: ["dev", "main"],
    defaultBranch: "main",
    truncated: false,
  }));
  const server = aServer({ branches });
  server.newTask.set({ ...server.newTask.getSnapshot(), repository: "https://example.com/a.git" });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByText("Base branch"));
  await user.press(await screen.findByRole("radio", { name: "dev" }));
  expect(server.newTask.getSnapshot().baseBranch).toBe("dev");
  expect(branches).toHaveBeenCalledWith("https://example.com/a.git", expect.anything());
  await user.press(screen.getByText("Base branch"));
  await user.type(screen.getByTestId("branch-search"), "not-pushed-yet");
  await user.press(screen.getByText("Use not-pushed-yet"));
  expect(server.newTask.getSnapshot().baseBranch).toBe("not-pushed-yet");
});

test("a budget that is no amount is said in the form, and nothing starts on another limit", async () => {
  const server = aServer();
  server.newTask.set({ ...server.newTask.getSnapshot(), repository: "r", prompt: "Fix it" });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByRole("button", { name: /Budget/ }));
  await user.type(screen.getByLabelText("At most, in US dollars"), "much");
  await user.press(screen.getAllByRole("button", { name: "Close" }).at(-1) as never);
  expect(screen.getByText(/^The budget says “much”/)).toBeOnTheScreen();
  await user.press(screen.getByTestId("start-task"));
  expect(screen.getByRole("alert")).toHaveTextContent(/^The budget says “much”/);
  expect(server.asked).toEqual([]);
  // It is found as it was typed, and mended.
  await user.press(screen.getByRole("button", { name: /Budget/ }));
  expect(screen.getByLabelText("At most, in US dollars")).toHaveDisplayValue("much");
  await user.clear(screen.getByLabelText("At most, in US dollars"));
  await user.type(screen.getByLabelText("At most, in US dollars"), "2");
  await user.press(screen.getAllByRole("button", { name: "Close" }).at(-1) as never);
  await user.press(screen.getByTestId("start-task"));
  expect(server.asked).toEqual([
    {
      type: "create_task",
      task: { repository: "r", prompt: "Fix it", budget: { maxUsd: 2, maxTokens: null } },
    },
  ]);
});

test("a model that was chosen closes its sheet, as a branch does", async () => {
  const server = aServer();
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByRole("button", { name: /^Model/ }));
  await user.press(screen.getByRole("radio", { name: "claude-opus-5-5" }));
  expect(server.newTask.getSnapshot().model).toBe("claude-opus-5-5");
  expect(screen.queryByRole("radio")).toBeNull();
});

/** The form with a prompt, a choice and a picture in it, which has then been discarded. */
async function discarded() {
  const server = aServer();
  const [picture] = await server.attachments.keep([
    { name: "till.png", mediaType: "image/png", bytes: new Uint8Array([1]) },
  ]);
  if (!picture) throw new Error("the picture is not on the device");
  const draft = { ...EMPTY_DRAFT, prompt: "Fix it", model: "claude-opus-5-5", attachments: [picture] };
  server.newTask.set(draft);
  const view = await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByRole("button", { name: "Discard the draft" }));
  expect(server.newTask.getSnapshot()).toEqual(EMPTY_DRAFT);
  return { server, draft, view, bytes: () => server.attachments.bytes(picture.id) };
}

test("a draft that was discarded by a slip of the finger comes back, with its files", async () => {
  const { server, draft, bytes } = await discarded();
  await user.press(screen.getByRole("button", { name: "Undo" }));
  expect(server.newTask.getSnapshot()).toEqual(draft);
  expect(await bytes()).toEqual(new Uint8Array([1]));
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});

test("once another draft is begun, the discarded one and its files are gone", async () => {
  const { server, bytes } = await discarded();
  await user.type(screen.getByTestId("prompt"), "A");
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  expect(server.newTask.getSnapshot()).toEqual({ ...EMPTY_DRAFT, prompt: "A" });
  await waitFor(async () => expect(await bytes()).toBeNull());
});

test("whoever leaves the form leaves nothing of the discarded draft on the device", async () => {
  const { view, bytes } = await discarded();
  expect(await bytes()).toEqual(new Uint8Array([1]));
  await view.unmount();
  await waitFor(async () => expect(await bytes()).toBeNull());
});
