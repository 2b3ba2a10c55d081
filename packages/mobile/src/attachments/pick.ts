import type { ChosenFile } from "@farhand/client/app";

export type PickKind = "photos" | "files";

/** One button is enough where one dialogue offers both. */
export const PICK_KINDS: readonly PickKind[] = ["files"];

/** Lets the person choose. @returns none where they have chosen none. @throws where one cannot be read */
export function pick(_kind: PickKind): Promise<ChosenFile[]> {
  return new Promise((resolve, reject) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.addEventListener("cancel", () => resolve([]));
    input.addEventListener("change", () => readFiles([...(input.files ?? [])]).then(resolve, reject));
    input.click();
  });
}

/** As browsers give files: chosen, dropped or pasted. */
export const readFiles = (files: readonly File[]): Promise<ChosenFile[]> =>
  Promise.all(
    files.map(async (file) => ({
      name: file.name,
      mediaType: file.type,
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
