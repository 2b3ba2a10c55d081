import { Share } from "react-native";

/** Offers the text to other apps. @returns whether it could */
export async function share(text: string): Promise<boolean> {
  await Share.share({ message: text });
  return true;
}
