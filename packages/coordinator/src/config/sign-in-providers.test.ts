import { expect, test } from "bun:test";
import { readConfig } from "./config.ts";

const id = "FARHAND_GITHUB_CLIENT_ID";

test("without a word about it nobody signs in with a provider", () => {
  expect(readConfig({}).providers).toEqual({ github: null, gitlab: null, oidc: null });
});

test("each provider has its client, and its usual address unless another is set", () => {
  const { providers } = readConfig({
    [id]: "a",
    FARHAND_GITHUB_CLIENT_SECRET: "b",
    FARHAND_GITHUB_URL: "https://github.example.com",
    FARHAND_GITLAB_CLIENT_ID: "c",
    FARHAND_GITLAB_CLIENT_SECRET: "d",
    FARHAND_OIDC_ISSUER: "https://login.example.com/",
    FARHAND_OIDC_CLIENT_ID: "e",
    FARHAND_OIDC_CLIENT_SECRET: "f",
    FARHAND_OIDC_NAME: "Example Inc.",
  });
  expect(providers).toEqual({
    github: {
      clientId: "a",
      clientSecret: "b",
      webUrl: "https://github.example.com",
      apiUrl: "https://github.example.com/api/v3",
    },
    gitlab: { clientId: "c", clientSecret: "d", webUrl: "https://gitlab.com" },
    oidc: { clientId: "e", clientSecret: "f", issuer: "https://login.example.com/", name: "Example Inc." },
  });
});

test("one that is set up by halves is refused, and no value is repeated", () => {
  expect(() => readConfig({ [id]: "the-client" })).toThrow("FARHAND_GITHUB_CLIENT_SECRET: must be set where");
  expect(() => readConfig({ FARHAND_OIDC_ISSUER: "https://login.example.com" })).toThrow(
    "FARHAND_OIDC_CLIENT_ID, FARHAND_OIDC_CLIENT_SECRET",
  );
  expect(() => readConfig({ [id]: "the-client" })).not.toThrow("the-client");
});
