import { useFocusEffect } from "expo-router";
import { useCallback } from "react";
import { strings } from "../strings/strings.ts";

/** The title of the browser's tab, while this screen is the one that is seen. Null leaves it to another part. */
export function usePageTitle(title: string | null): void {
  useFocusEffect(
    useCallback(() => {
      if (title === null) return;
      document.title = title === strings.app.name ? title : `${title} · ${strings.app.name}`;
    }, [title]),
  );
}
