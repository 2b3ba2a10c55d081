import { useMemo } from "react";
import { View } from "react-native";
import { encode } from "uqr";

/** A square code, dark on whatever is behind it, which should be white. */
export function QrCode({ text, label, size = 220 }: { text: string; label: string; size?: number }) {
  const { data } = useMemo(() => encode(text, { border: 1 }), [text]);
  const dot = Math.max(2, Math.floor(size / data.length));
  return (
    <View role="img" aria-label={label} style={{ width: dot * data.length, height: dot * data.length }}>
      {data.map((row, y) =>
        runsOf(row).map(({ from, length }) => (
          <View
            // biome-ignore lint/suspicious/noArrayIndexKey: a run is nothing but its place
            key={`${y}-${from}`}
            style={{
              position: "absolute",
              left: from * dot,
              top: y * dot,
              width: length * dot,
              height: dot,
              backgroundColor: "#000000",
            }}
          />
        )),
      )}
    </View>
  );
}

/** Dark dots side by side as one: a fifth of the views. */
function runsOf(row: readonly boolean[]): { from: number; length: number }[] {
  const runs: { from: number; length: number }[] = [];
  row.forEach((isDark, x) => {
    const last = runs.at(-1);
    if (!isDark) return;
    if (last && last.from + last.length === x) last.length += 1;
    else runs.push({ from: x, length: 1 });
  });
  return runs;
}
