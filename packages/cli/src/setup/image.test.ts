import { expect, test } from "bun:test";
import { workerImageName } from "./image.ts";

const parts = { dockerfile: "FROM x\nRUN y\n", base: "debian:bookworm-slim", caBundle: "certificates" };

test("an image's name stands for all that it is made of", () => {
  const name = workerImageName(parts);
  expect(name).toMatch(/^farhand\/worker:[0-9a-f]{12}$/);
  expect(workerImageName({ ...parts })).toBe(name);
  const others = [
    { ...parts, dockerfile: "FROM x\n" },
    { ...parts, base: "farhand/base:bookworm" },
    { ...parts, caBundle: "" },
    { ...parts, dockerfile: `${parts.dockerfile}c`, caBundle: "ertificates" },
  ];
  expect(new Set([name, ...others.map(workerImageName)]).size).toBe(5);
});
