import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Fixture, openFixture, taskId } from "../repos/repositories.fixture.ts";
import { WORKFLOW_PATHS } from "./workflow-paths.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

test("what the known forges and services run is recognised where each looks for it", async () => {
  const { base } = await fixture.prepareWithWork(1);
  const run = [
    ".github/workflows/ci.yml",
    ".github/actions/setup/action.yml",
    ".gitea/workflows/ci.yaml",
    ".forgejo/workflows/ci.yml",
    ".gitlab-ci.yml",
    ".gitlab/ci/build.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
    "jenkinsfile",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".woodpecker/build.yaml",
    ".drone.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".travis.yml",
    ".buildkite/pipeline.yml",
    "appveyor.yml",
    ".appveyor.yml",
    "AppVeyor.yml",
  ];
  for (const path of run) {
    const commit = await fixture.make(1, [{ path, content: "run: evil\n" }], base);
    const { differing } = await fixture.repositories.touched(taskId(1), base, commit, WORKFLOW_PATHS);
    expect(differing).toEqual([path]);
  }
  const others = [".github/CODEOWNERS", "docs/Jenkinsfile.md", "src/ci.yml", ".gitignore", "Jenkinsfile.txt"];
  const harmless = await fixture.make(
    1,
    others.map((path) => ({ path, content: "x\n" })),
    base,
  );
  expect(await fixture.repositories.touched(taskId(1), base, harmless, WORKFLOW_PATHS)).toEqual({
    differing: [],
    takenBack: [],
    follows: true,
  });
});
