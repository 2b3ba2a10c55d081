import { FILE_MAX_BYTES, type PickedFile, readPicked } from "./attached-file.ts";

/** Lets the person choose a file. @returns null when none was chosen */
export function pickTextFile(): Promise<PickedFile | null> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.addEventListener("cancel", () => resolve(null));
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (!file) return resolve(null);
      // A large one is not read at all.
      if (file.size > FILE_MAX_BYTES) return resolve({ status: "too-large", name: file.name });
      file.text().then(
        (text) => resolve(readPicked(file.name, file.size, text)),
        () => resolve({ status: "binary", name: file.name }),
      );
    });
    input.click();
  });
}
