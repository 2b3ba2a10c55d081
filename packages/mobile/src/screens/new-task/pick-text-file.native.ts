import { getDocumentAsync } from "expo-document-picker";
import { FILE_MAX_BYTES, type PickedFile, readPicked } from "./attached-file.ts";

/** Lets the person choose a file. @returns null when none was chosen */
export async function pickTextFile(): Promise<PickedFile | null> {
  const { assets } = await getDocumentAsync({ copyToCacheDirectory: true });
  const file = assets?.[0];
  if (!file) return null;
  if ((file.size ?? 0) > FILE_MAX_BYTES) return { status: "too-large", name: file.name };
  const text = await (await fetch(file.uri)).text();
  return readPicked(file.name, file.size ?? null, text);
}
