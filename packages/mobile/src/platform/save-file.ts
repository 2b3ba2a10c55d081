import type { RawFile } from "@farhand/client/app";

/** What there is to know of a file of the server's, to keep it on this device. */
export interface FileToSave {
  name: string;
  /** On the server, with its query: browsers fetch it by themselves, with their cookie. */
  url: string;
  read: () => Promise<RawFile>;
}

/** The browser saves it where it saves downloads; a file of any size streams. */
export async function saveFile({ name, url }: FileToSave): Promise<void> {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}
