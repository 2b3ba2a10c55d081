/**
 * What forges and the services beside them run by themselves, with secrets of their own, as soon as it is pushed: files,
 * and folders with all that is in them, from the root of the repository. Names are compared without regard to case, as
 * some services do; more is asked for then, never less.
 */
export const WORKFLOW_PATHS: readonly string[] = [
  // GitHub, and what follows it.
  ".github/workflows",
  ".github/actions",
  ".gitea",
  ".forgejo",
  // GitLab.
  ".gitlab-ci.yml",
  ".gitlab",
  // Bitbucket, Azure, SourceHut.
  "bitbucket-pipelines.yml",
  "azure-pipelines.yml",
  "azure-pipelines.yaml",
  ".azure-pipelines",
  ".build.yml",
  ".builds",
  // Services that follow pushes.
  "Jenkinsfile",
  ".circleci",
  ".travis.yml",
  ".buildkite",
  "buildkite.yml",
  ".woodpecker",
  ".woodpecker.yml",
  ".woodpecker.yaml",
  ".drone.yml",
  ".drone.yaml",
  ".drone.jsonnet",
  ".drone.star",
  "appveyor.yml",
  ".appveyor.yml",
  ".cirrus.yml",
  ".cirrus.star",
  ".semaphore",
  ".teamcity",
  ".tekton",
];
