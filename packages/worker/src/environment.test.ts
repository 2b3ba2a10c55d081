import { expect, test } from "bun:test";
import { shellEnvironment, takeEnvironment } from "./environment.ts";

test("the worker's variables and the model client's are taken out of the environment", () => {
  const env: Record<string, string | undefined> = {
    FARHAND_GATEWAY_SOCKET: "/run/s",
    FARHAND_ATTEMPT_TOKEN: "token",
    FARHAND_WORKSPACE: "/w",
    FARHAND_OTHER: "x",
    ANTHROPIC_BASE_URL: "http://elsewhere",
    PATH: "/bin",
    NODE_EXTRA_CA_CERTS: "/ca.pem",
  };
  expect(takeEnvironment(env)).toEqual({
    authorities: { NODE_EXTRA_CA_CERTS: "/ca.pem" },
    socket: "/run/s",
    token: "token",
    workspace: "/w",
    path: "/bin",
  });
  expect(env).toEqual({ PATH: "/bin", NODE_EXTRA_CA_CERTS: "/ca.pem" });
});

test("missing variables are named", () => {
  expect(takeEnvironment({ FARHAND_ATTEMPT_TOKEN: "token", FARHAND_WORKSPACE: "" })).toEqual({
    missing: ["FARHAND_GATEWAY_SOCKET", "FARHAND_WORKSPACE"],
  });
});

test("the agent's shell knows its author and nothing of the worker", () => {
  const env = shellEnvironment({
    extra: { REGISTRY_TOKEN: "given", PATH: "/elsewhere" },
    path: "/bin",
    home: "/home",
    author: { name: "A", email: "a@example.org" },
    proxyUrl: "http://127.0.0.1:4567",
    authorities: { PIP_CERT: "/ca.pem" },
  });
  expect(env).toMatchObject({
    PIP_CERT: "/ca.pem",
    HTTPS_PROXY: "http://127.0.0.1:4567",
    no_proxy: "127.0.0.1,localhost,::1",
    REGISTRY_TOKEN: "given",
    PATH: "/bin",
    HOME: "/home",
    GIT_AUTHOR_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  });
  expect(Object.keys(env).filter((name) => /^(FARHAND|ANTHROPIC)/.test(name))).toEqual([]);
});
