import { setStringAsync } from "expo-clipboard";

/** @returns whether it is in the clipboard now */
export const copy = (text: string): Promise<boolean> => setStringAsync(text);
