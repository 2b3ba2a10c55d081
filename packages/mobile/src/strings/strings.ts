import { en } from "./en.ts";

/** The shape of a catalogue: the English one's, with any text in its places. */
type Loose<T> = T extends string
  ? string
  : T extends (...given: infer A) => string
    ? (...given: A) => string
    : T extends readonly (infer E)[]
      ? readonly Loose<E>[]
      : { readonly [K in keyof T]: Loose<T[K]> };

export type Catalogue = Loose<typeof en>;

/** By language, such as `de`. English is what all others fall back to. */
const catalogues: Record<string, Catalogue> = { en };

function languages(): readonly string[] {
  const { navigator } = globalThis as { navigator?: { languages?: readonly string[]; language?: string } };
  return (
    navigator?.languages ?? [navigator?.language ?? Intl.DateTimeFormat().resolvedOptions().locale ?? "en"]
  );
}

function choose(): Catalogue {
  for (const language of languages()) {
    const found = catalogues[language.slice(0, 2).toLowerCase()];
    if (found) return found;
  }
  return en;
}

/** The sentences in the reader's language. */
export const strings: Catalogue = choose();
