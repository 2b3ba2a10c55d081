import { expect, test } from "bun:test";
import { failure } from "../domain/failure.ts";
import { refusalStatus, sandboxUnavailable } from "./docker-trouble.ts";

const socketError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

test("each way for an engine to be away has a sentence and an action of its own", () => {
  const failures = ["ENOENT", "ECONNREFUSED", "EACCES", "ECONNRESET"].map(
    (code) => sandboxUnavailable(socketError(code), "/run/x.sock").failure,
  );
  for (const trouble of failures)
    expect(trouble).toMatchObject({ code: "sandbox_unavailable", retryable: true });
  expect(new Set(failures.map((trouble) => trouble.message)).size).toBe(4);
  expect(new Set(failures.map((trouble) => trouble.action)).size).toBe(4);
});

test("a user without the right to use the socket is told of the docker group", () => {
  expect(sandboxUnavailable(socketError("EACCES"), "/run/x.sock").failure.action).toContain(
    "usermod -aG docker",
  );
});

test("what is told already is passed on as it is", () => {
  const told = failure("image_missing", "no image", "build it");
  expect(sandboxUnavailable(told, "/run/x.sock")).toBe(told);
});

test("a refusal is known by its status, and silence has none", () => {
  expect(refusalStatus(Object.assign(new Error("no such container"), { statusCode: 404 }))).toBe(404);
  expect(refusalStatus(socketError("ECONNRESET"))).toBeNull();
  expect(refusalStatus("no error at all")).toBeNull();
});
