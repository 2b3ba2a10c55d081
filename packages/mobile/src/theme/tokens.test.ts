import { contrast } from "./contrast.ts";
import { CONTRAST_PAIRS, palettes, type Scheme } from "./tokens.ts";

test("black and white are as far apart as can be", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
});

test.each(["light", "dark"] as Scheme[])("what stands on what can be read in the %s theme", (scheme) => {
  const palette = palettes[scheme];
  const tooClose = CONTRAST_PAIRS.flatMap(({ names, on, atLeast }) =>
    names.flatMap((name) =>
      on
        .map((ground) => ({ name, ground, ratio: contrast(palette[name], palette[ground]) }))
        .filter(({ ratio }) => ratio < atLeast)
        .map(({ name: it, ground, ratio }) => `${it} on ${ground}: ${ratio.toFixed(2)}, not ${atLeast}`),
    ),
  );
  expect(tooClose).toEqual([]);
});
