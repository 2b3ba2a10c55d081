import type { EgressOverview, EgressSettings, RepositoryEgress } from "@farhand/protocol";
import { screen, userEvent, waitFor } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { EgressScreen } from "./egress-screen.tsx";

const user = userEvent.setup();
/** As the server names it. */
const REPOSITORY = "github.com/you/shop";

/** A server that keeps what it is told, as the real one answers. */
async function open(hosts: string[] = ["api.example.com"]) {
  let now: EgressOverview = {
    default: { mode: "packages", hosts: [] },
    repositories: [{ repository: REPOSITORY, mode: null, hosts }],
    packageHosts: [],
  };
  const asked: unknown[] = [];
  const server = aServer({
    egress: async () => now,
    setEgress: async (settings: EgressSettings) => {
      asked.push(settings);
      now = { ...now, default: settings };
      return now;
    },
    setRepositoryEgress: async (rules: RepositoryEgress) => {
      asked.push(rules);
      const isGone = rules.mode === null && rules.hosts.length === 0;
      now = { ...now, repositories: isGone ? [] : [rules] };
      return now;
    },
  });
  await renderIn(<EgressScreen />, server.store);
  await waitFor(() => expect(screen.getByText("For single repositories")).toBeOnTheScreen());
  return asked;
}

/** The sheet stands behind the page in its order, and has the same fields. */
function last<T>(found: readonly T[]): T {
  const one = found.at(-1);
  if (one === undefined) throw new Error("nothing was found");
  return one;
}

const openShop = () => user.press(screen.getByRole("button", { name: /^you\/shop/ }));

test("the default is changed by a choice", async () => {
  const asked = await open();
  await user.press(screen.getByRole("radio", { name: /^Your list only/ }));
  expect(asked).toEqual([{ mode: "list", hosts: [] }]);
});

test("one repository's rules are changed apart, and hosts are looked at before they are sent", async () => {
  const asked = await open();
  expect(screen.getByText("As for all repositories · api.example.com")).toBeOnTheScreen();
  await openShop();
  expect(last(screen.getAllByRole("radio", { name: "As for all repositories" }))).toBeChecked();
  await user.press(last(screen.getAllByRole("radio", { name: /^Nothing/ })));
  const field = last(screen.getAllByDisplayValue(""));
  await user.type(field, "not a host");
  await user.press(last(screen.getAllByRole("button", { name: "Add a host" })));
  expect(screen.getByText(/^A host looks like/)).toBeOnTheScreen();
  await user.clear(field);
  await user.type(field, "Files.example.com");
  await user.press(last(screen.getAllByRole("button", { name: "Add a host" })));
  await user.press(last(screen.getAllByRole("button", { name: "Remove: api.example.com" })));
  const mode = "none";
  expect(asked).toEqual([
    { repository: REPOSITORY, mode, hosts: ["api.example.com"] },
    { repository: REPOSITORY, mode, hosts: ["api.example.com", "files.example.com"] },
    { repository: REPOSITORY, mode, hosts: ["files.example.com"] },
  ]);
});

test("rules that are forgotten leave the default alone", async () => {
  const asked = await open();
  await openShop();
  await user.press(last(screen.getAllByRole("button", { name: "Forget these rules" })));
  expect(asked).toEqual([{ repository: REPOSITORY, mode: null, hosts: [] }]);
  expect(screen.queryByText("For single repositories")).toBeNull();
});
