import { CTRL_C, type Keyboard } from "./keys.ts";

const ESCAPE = "\u001b";
const BACKSPACES = new Set(["\u007f", "\b"]);
const ENDS = new Set(["\r", "\n"]);

/** How the typing ended: with a line, or because its writer wants something else. */
export type TypedLine = { end: "line"; text: string } | { end: "interrupt" | "escape" | "aborted" };

/**
 * Reads one line key by key, so that the screen can go on being drawn. Empty lines are not taken. What begins with
 * Escape and is longer, such as an arrow key, does nothing.
 */
export function readLine(
  keyboard: Keyboard,
  { onText, signal }: { onText: (text: string) => void; signal: AbortSignal },
): Promise<TypedLine> {
  return new Promise((resolve) => {
    const decoder = new TextDecoder();
    let text = "";
    const end = (typed: TypedLine) => {
      keyboard.off("data", listen);
      signal.removeEventListener("abort", abort);
      keyboard.setRawMode(false);
      keyboard.pause();
      resolve(typed);
    };
    const abort = () => end({ end: "aborted" });
    const listen = (data: Buffer) => {
      const typed = decoder.decode(data, { stream: true });
      if (typed.startsWith(ESCAPE)) return typed === ESCAPE ? end({ end: "escape" }) : undefined;
      for (const character of typed) {
        if (character === CTRL_C) return end({ end: "interrupt" });
        if (ENDS.has(character)) {
          if (text.trim() !== "") return end({ end: "line", text: text.trim() });
        } else if (BACKSPACES.has(character)) text = [...text].slice(0, -1).join("");
        else if (character >= " ") text += character;
      }
      return onText(text);
    };
    if (signal.aborted) return resolve({ end: "aborted" });
    signal.addEventListener("abort", abort, { once: true });
    keyboard.setRawMode(true);
    keyboard.on("data", listen);
    keyboard.resume();
    onText(text);
  });
}
