import { expect, test } from "bun:test";
import { repositoryArgument } from "./repository-argument.ts";

test.each([
  ["https://github.com/acme/cart.git", "https://github.com/acme/cart.git"],
  ["ssh://git@example.com/acme/cart", "ssh://git@example.com/acme/cart"],
  ["file:///srv/cart.git", "file:///srv/cart.git"],
  ["git@github.com:acme/cart.git", "git@github.com:acme/cart.git"],
  [".", "/home/me/cart"],
  ["../other", "/home/me/other"],
  ["/srv/cart.git", "/srv/cart.git"],
  ["acme/cart", "/home/me/cart/acme/cart"],
])("%s means %s", (given, meant) => {
  expect(repositoryArgument(given, "/home/me/cart")).toBe(meant);
});
