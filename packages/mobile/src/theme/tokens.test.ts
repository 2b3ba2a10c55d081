import { contrast } from "./contrast.ts";
import { CONTRAST_PAIRS, type Palette, palettes, pastPalettes } from "./tokens.ts";

test("black and white are as far apart as can be", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
});

const ALL: Record<string, Palette> = {
  light: palettes.light,
  dark: palettes.dark,
  "light, of what is past": pastPalettes.light,
  "dark, of what is past": pastPalettes.dark,
};

test.each(Object.entries(ALL))("what stands on what can be read (%s)", (_, palette) => {
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
