import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");
const read = (path: string) => Bun.file(join(root, path)).text();
const readme = await read("README.md");
const signIn = await read("docs/sign-in.md");

/** Of a table's cell such as `` `FARHAND_OIDC_ISSUER`, `_CLIENT_ID` ``: a name, or the end of one. */
function isNamed(setting: string): boolean {
  if (readme.includes(`\`${setting}\``)) return true;
  return readme.split("\n").some((line) => {
    const start = /^\| `(FARHAND_[A-Z]+_)/.exec(line)?.[1];
    return (
      start !== undefined && setting.startsWith(start) && line.includes(`\`_${setting.slice(start.length)}\``)
    );
  });
}

test("every setting of the server is in the README", async () => {
  const config = await read("packages/coordinator/src/config/config.ts");
  const shape = config.slice(config.indexOf("const Environment"), config.indexOf("const clientVariables"));
  const settings = [...shape.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name ?? "");
  expect(settings.length).toBeGreaterThan(40);
  expect(settings.filter((name) => !isNamed(name))).toEqual([]);
});

test("every part of the API is in the README's table", async () => {
  const parts = new Set<string>();
  for await (const path of new Glob("packages/coordinator/src/http/*.ts").scan({ cwd: root }))
    if (!path.endsWith(".test.ts"))
      for (const [, part = ""] of (await read(path)).matchAll(/^ {2,4}path: ["`]\/([a-z-]+)/gm))
        parts.add(part);
  expect(parts.size).toBeGreaterThan(12);
  const table = readme.slice(readme.indexOf("## The API"), readme.indexOf("## Settings"));
  expect([...parts].filter((part) => !table.includes(`/api/${part}`)).sort()).toEqual([]);
});

test("the page about signing in names what providers need, and the example of the deployment too", async () => {
  const example = await read("deploy/.env.example");
  const config = await read("packages/coordinator/src/config/sign-in-providers.ts");
  const settings = [
    ...new Set([...config.matchAll(/"(FARHAND_(?:GITHUB|GITLAB|OIDC)_[A-Z_]+)"/g)].map(([, it]) => it)),
  ];
  expect(settings.length).toBeGreaterThan(8);
  for (const setting of settings) {
    expect([setting, signIn.includes(String(setting))]).toEqual([setting, true]);
    expect([setting, example.includes(String(setting))]).toEqual([setting, true]);
  }
  const providers = await read("packages/coordinator/src/auth/providers.ts");
  const ids = [...providers.matchAll(/\{ id: "([a-z]+)", name:/g)].map(([, id]) => id);
  expect(ids).toEqual(["github", "gitlab", "oidc"]);
  for (const id of ids) expect(signIn).toContain(`/api/auth/callback/${id}`);
  for (const name of ["Auth0", "Clerk", "Keycloak", "farhand link", "farhand login", "farhand invite"])
    expect(signIn).toContain(name);
});

test("the workflow for GitHub runs the same hook as every other one would", async () => {
  expect(await read(".github/workflows/ci.yml")).toMatch(/run: .*\.ci\/run$/m);
});
