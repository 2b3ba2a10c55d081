import { afterEach, beforeEach, expect, test } from "bun:test";
import { at, BRANCH, type Fixture, git, never, openFixture, taskId } from "./repositories.fixture.ts";

const id = taskId(1);
const WORKFLOW = ".github/workflows/x.yml";
let fixture: Fixture;
let base = "";
/** Adds a file, adds a workflow, and takes the workflow away again. */
let clean = "";

beforeEach(async () => {
  fixture = await openFixture();
  ({ base } = await fixture.prepareWithWork(1));
  const work = await fixture.make(1, [{ path: "src/a.js", content: "1\n" }], base);
  const evil = await fixture.make(1, [{ path: WORKFLOW, content: "on: push\n" }], work);
  clean = await fixture.make(1, [{ path: WORKFLOW, content: null }], evil);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const inTask = (...args: string[]) => git(fixture.repositories.taskPath(id), ...args);

test("the files come in one commit on top of what there was, without those in between", async () => {
  const squashed = await fixture.repositories.squash(id, base, clean);
  expect(await inTask("rev-parse", `${squashed}^{tree}`)).toBe(await inTask("rev-parse", `${clean}^{tree}`));
  expect(await inTask("rev-list", `${base}..${squashed}`)).toBe(squashed);
  expect(await inTask("log", "-1", "--format=%an <%ae> %at %s", squashed)).toBe(
    "A <a@example.org> 1700000000 made",
  );
  await inTask("fsck", "--strict", squashed);
});

test("the same two commits give the same one, and tidying up leaves it", async () => {
  const squashed = await fixture.repositories.squash(id, base, clean);
  expect(await fixture.repositories.squash(id, base, clean)).toBe(squashed);
  await inTask("gc", "--quiet", "--prune=now");
  expect(await fixture.repositories.has(id, squashed)).toBe(true);
});

test("where nothing is left of the work there is no commit", async () => {
  const evil = await fixture.make(1, [{ path: WORKFLOW, content: "on: push\n" }], base);
  const nothing = await fixture.make(1, [{ path: WORKFLOW, content: null }], evil);
  expect(await fixture.repositories.squash(id, base, nothing)).toBe(base);
});

test("later work goes on top of what was published, which needs no force and brings nothing old along", async () => {
  const { repositories, source } = fixture;
  const first = await repositories.squash(id, base, clean);
  await repositories.publish(id, { branch: BRANCH, commit: first }, at(source), never);
  const later = await fixture.make(1, [{ path: "src/b.js", content: "2\n" }], clean);
  expect(await repositories.touched(id, first, later, [".github/workflows"])).toEqual({
    differing: [],
    takenBack: [WORKFLOW],
    follows: false,
  });
  const second = await repositories.squash(id, first, later);
  // The first says "made" thrice, and the second once.
  expect((await inTask("log", "-1", "--format=%B", first)).match(/made/g)).toHaveLength(3);
  expect((await inTask("log", "-1", "--format=%B", second)).match(/made/g)).toHaveLength(1);
  await repositories.publish(id, { branch: BRANCH, commit: second }, at(source), never);
  expect(await git(source, "log", "--format=%H", `trunk..${BRANCH}`)).toBe(`${second}\n${first}`);
  expect(await git(source, "log", "--full-history", "--format=%H", BRANCH, "--", WORKFLOW)).toBe("");
});
