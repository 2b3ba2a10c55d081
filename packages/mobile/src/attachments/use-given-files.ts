import type { ChosenFile } from "@farhand/client/app";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { View } from "react-native";
import { readFiles } from "./pick.ts";

/**
 * Files that are pasted into a part of the page, or dropped on it.
 *
 * @returns whether some are being held over it
 */
export function useGivenFiles(
  place: RefObject<View | null>,
  onFiles: (files: Promise<ChosenFile[]>) => void,
): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    // In browsers a view is its element.
    const element = place.current as unknown as HTMLElement | null;
    if (!element) return;
    const take = (transfer: DataTransfer | null, event: Event) => {
      const files = [...(transfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(readFiles(files));
    };
    const paste = (event: ClipboardEvent) => take(event.clipboardData, event);
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      // Else the browser would leave the page for the file.
      event.preventDefault();
      setOver(true);
    };
    const leave = () => setOver(false);
    const drop = (event: DragEvent) => {
      setOver(false);
      take(event.dataTransfer, event);
    };
    element.addEventListener("paste", paste);
    element.addEventListener("dragover", over);
    element.addEventListener("dragleave", leave);
    element.addEventListener("drop", drop);
    return () => {
      element.removeEventListener("paste", paste);
      element.removeEventListener("dragover", over);
      element.removeEventListener("dragleave", leave);
      element.removeEventListener("drop", drop);
    };
  }, [place]);
  return isOver;
}
