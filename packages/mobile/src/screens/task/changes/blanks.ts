import type { DiffLine, Hunk } from "./parse-patch.ts";

/** Beyond it a block is left as it is: the work grows with the square. */
const MOST_LINES = 400;

const bare = (text: string) => text.replace(/\s+/g, "");

/** Shows lines that differ in blanks alone as they are after the change, and as unchanged. */
export function withoutBlankChanges(hunk: Hunk): Hunk {
  const lines: DiffLine[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    lines.push(...joined(removed, added));
    removed = [];
    added = [];
  };
  for (const line of hunk.lines) {
    if (line.type === "removed" && added.length > 0) flush();
    if (line.type === "removed") removed.push(line);
    else if (line.type === "added") added.push(line);
    else {
      flush();
      lines.push(line);
    }
  }
  flush();
  return { ...hunk, lines };
}

/** The longest common sequence of both, compared without blanks, stands as context. */
function joined(removed: readonly DiffLine[], added: readonly DiffLine[]): DiffLine[] {
  if (removed.length > MOST_LINES || added.length > MOST_LINES) return [...removed, ...added];
  const olds = removed.map(({ text }) => bare(text));
  const news = added.map(({ text }) => bare(text));
  const width = news.length + 1;
  const lengths = new Uint16Array((olds.length + 1) * width);
  for (let i = olds.length - 1; i >= 0; i -= 1)
    for (let j = news.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] =
        olds[i] === news[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  const out: DiffLine[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [old, fresh] = [removed[i], added[j]];
    if (!old && !fresh) return out;
    if (old && fresh && olds[i] === news[j]) {
      out.push({ ...fresh, type: "context", oldLine: old.oldLine, isBlankChange: true });
      i += 1;
      j += 1;
    } else if (old && (!fresh || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))) {
      out.push(old);
      i += 1;
    } else if (fresh) {
      out.push(fresh);
      j += 1;
    }
  }
}
