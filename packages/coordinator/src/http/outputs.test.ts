import { expect, test } from "bun:test";
import { Problem } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const STRANGER = { id: "u_stranger", login: "stranger", token: "fho_stranger-token-for-tests" };

async function open() {
  const stores = await openStores();
  await stores.users.setOwner(STRANGER);
  await stores.tasks.create(newTask(1));
  const app = appOver(stores);
  const ask = (call: string, as = OWNER) =>
    app.request(`/api/tasks/${taskId(1)}/outputs/${encodeURIComponent(call)}`, {
      headers: { authorization: `Bearer ${as.token}` },
    });
  return { ...stores, ask, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
}

test("gives an output as it was printed, as a file that no browser shows as a page", async () => {
  await using world = await open();
  const text = "<script>alert(1)</script> \u001b[32mgrün\u001b[0m\n";
  await world.outputs.keep(taskId(1), "toolu_1/../x", text);
  const answer = await world.ask("toolu_1/../x");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(text);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": "attachment",
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
  });
});

test("one that was not kept, or is somebody else's, is not there; one that went with the task's files is gone", async () => {
  await using world = await open();
  await world.outputs.keep(taskId(1), "toolu_1", "text");
  expect((await world.ask("toolu_2")).status).toBe(404);
  const foreign = await world.ask("toolu_1", STRANGER);
  expect([foreign.status, Problem.parse(await foreign.json()).code]).toEqual([404, "not_found"]);
  await world.log.append(taskId(1), 0, [{ type: "task.removed", freedBytes: 0 }]);
  expect((await world.ask("toolu_1")).status).toBe(410);
});
