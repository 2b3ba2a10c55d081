import { forgetPlace, wantedPlace, wantPlace } from "./wanted-place.ts";

afterEach(forgetPlace);

test("a link that was opened by nobody leads there later, for a quarter of an hour", () => {
  wantPlace("/task/t_1/changes?file=a.ts&line=3", 1_000);
  expect(wantedPlace(2_000)).toBe("/task/t_1/changes?file=a.ts&line=3");
  expect(wantedPlace(1_000 + 15 * 60_000)).toBeNull();
});

test.each(["/", "/welcome", "//evil.example/task/", "https://evil.example/task/x", "javascript:alert(1)"])(
  "%s is no place to come back to",
  (path) => {
    wantPlace(path, 1_000);
    expect(wantedPlace(2_000)).toBeNull();
  },
);

test("what is kept and makes no sense leads nowhere", () => {
  wantPlace("/new", 1_000);
  forgetPlace();
  expect(wantedPlace(2_000)).toBeNull();
});
