import { signInWith } from "./auth.ts";
import { forgetPlace, wantPlace } from "./wanted-place.ts";

const globals = globalThis as unknown as { location: unknown };
const before = globals.location;
const assign = jest.fn();
beforeEach(() => {
  assign.mockClear();
  forgetPlace();
  globals.location = { assign };
});
afterAll(() => {
  globals.location = before;
});

/** Where the browser is led. The page is gone then, so it gets no answer. */
function ledTo(provider: string | null, linkPath: string | null = null): string {
  void signInWith({ baseUrl: "https://farhand.example.com", provider, linkPath });
  return assign.mock.lastCall?.[0];
}

test.each(["github", "gitlab", "oidc"])("in a browser %s begins on the server's page for it", (id) => {
  expect(ledTo(id)).toBe(`/sign-in/with/${id}?next=%2F`);
});

test("without a provider the server's own page says how, and a link signs in by itself", () => {
  expect(ledTo(null)).toBe("/sign-in?next=%2F");
  expect(ledTo(null, "/setup?token=abc")).toBe("/setup?token=abc&next=%2F");
});

test("signing in leads to where the person wanted to go", () => {
  wantPlace("/task/t_1/changes");
  expect(ledTo("github")).toBe("/sign-in/with/github?next=%2Ftask%2Ft_1%2Fchanges");
});
