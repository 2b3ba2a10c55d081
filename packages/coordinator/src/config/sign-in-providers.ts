import { failure } from "../domain/failure.ts";

interface Client {
  clientId: string;
  clientSecret: string;
}

/** Where people sign in. Null where nothing is set. */
export interface SignInProviders {
  github: (Client & { webUrl: string; apiUrl: string }) | null;
  gitlab: (Client & { webUrl: string }) | null;
  oidc: (Client & { issuer: string; name: string }) | null;
}

type Given = { [name: string]: unknown };

/** @throws FarhandError `invalid_request` for one that is set up by halves */
export function signInProviders(given: Given, github: { webUrl: string; apiUrl: string }): SignInProviders {
  const text = (name: string) => {
    const value = given[name];
    return typeof value === "string" ? value : null;
  };

  /** All of them or none. */
  function together(...names: string[]): string[] | null {
    const values = names.map(text);
    const missing = names.filter((_, index) => values[index] === null);
    if (missing.length === names.length) return null;
    if (missing.length > 0)
      throw failure(
        "invalid_request",
        `A setting is missing. ${missing.join(", ")}: must be set where ${names.filter((name) => !missing.includes(name)).join(", ")} is.`,
        "The provider shows them when you register Farhand with it. Set them and start again.",
      );
    return values.map((value) => value ?? "");
  }

  const client = (values: string[] | null): Client | null =>
    values && { clientId: values[0] ?? "", clientSecret: values[1] ?? "" };
  const ofGitHub = client(together("FARHAND_GITHUB_CLIENT_ID", "FARHAND_GITHUB_CLIENT_SECRET"));
  const ofGitLab = client(together("FARHAND_GITLAB_CLIENT_ID", "FARHAND_GITLAB_CLIENT_SECRET"));
  const oidc = together("FARHAND_OIDC_CLIENT_ID", "FARHAND_OIDC_CLIENT_SECRET", "FARHAND_OIDC_ISSUER");
  const ofOidc = client(oidc);
  return {
    github: ofGitHub && { ...ofGitHub, ...github },
    gitlab: ofGitLab && { ...ofGitLab, webUrl: text("FARHAND_GITLAB_URL") ?? "https://gitlab.com" },
    oidc: ofOidc && {
      ...ofOidc,
      issuer: oidc?.[2] ?? "",
      name: text("FARHAND_OIDC_NAME") ?? "your organization",
    },
  };
}
