import { expect, test } from "bun:test";
import { Problem, Task, TaskEvent } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { type ApiError, createClient } from "./client.ts";

test("the client understands the golden tasks, events and problems", async () => {
  const answers: Record<string, unknown> = {
    "/api/tasks": { tasks: fixtures.tasks, nextCursor: null },
    "/api/tasks/events-of/events": { status: "ok", events: fixtures.events, lastSeq: fixtures.events.length },
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const answer = answers[new URL(request.url).pathname];
      return answer ? Response.json(answer) : Response.json(fixtures.problems[0], { status: 400 });
    },
  });
  try {
    const client = createClient({ baseUrl: `http://127.0.0.1:${server.port}`, token: "fho_example" });
    expect((await client.listTasks()).tasks).toEqual(fixtures.tasks.map((task) => Task.parse(task)));
    const { events } = await client.events("events-of");
    expect(events).toEqual(fixtures.events.map((event) => TaskEvent.parse(event)));
    const refused = await client.getTask("unknown").catch((error: ApiError) => error.problem);
    expect(refused).toEqual(Problem.parse(fixtures.problems[0]));
  } finally {
    await server.stop(true);
  }
});
