import { useFocusEffect } from "expo-router";
import { useCallback } from "react";
import { strings } from "../strings/strings.ts";

/** The title of the browser's tab, while this screen is the one that is seen. */
export function usePageTitle(title: string): void {
  useFocusEffect(
    useCallback(() => {
      document.title = title === strings.app.name ? title : `${title} · ${strings.app.name}`;
    }, [title]),
  );
}
