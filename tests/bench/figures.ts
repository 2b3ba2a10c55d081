/** Medians and ranges of what was measured. */
export interface Figure {
  median: number;
  min: number;
  max: number;
  runs: number;
}

export function figure(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.floor(index)] ?? Number.NaN;
  const last = sorted.length - 1;
  return { median: (at(last / 2) + at((last + 1) / 2)) / 2, min: at(0), max: at(last), runs: sorted.length };
}

/** Such as `412 (398–431)`: the range only where there is more than one run. */
export function said({ median, min, max, runs }: Figure, digits = 0): string {
  const number = (value: number) =>
    value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return runs > 1 ? `${number(median)} (${number(min)}–${number(max)})` : number(median);
}
