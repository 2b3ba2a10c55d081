import { File, Paths } from "expo-file-system";
import { shareAsync } from "expo-sharing";
import type { FileToSave } from "./save-file.ts";

/** Asks where it is to go, as phones do. */
export async function saveFile({ name, read }: FileToSave): Promise<void> {
  const bytes = await (await read()).arrayBuffer();
  const file = new File(Paths.cache, name.replace(/[^A-Za-z0-9._-]/g, "_"));
  if (file.exists) file.delete();
  file.create();
  file.write(new Uint8Array(bytes));
  await shareAsync(file.uri, { dialogTitle: name });
}
