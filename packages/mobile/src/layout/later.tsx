import { type ReactNode, useEffect, useState } from "react";
import { View } from "react-native";
import type { Part } from "./part.ts";

/** Shows a screen of a part: at once where the part is there, else when it has come. A part that does not come is an error. */
export function Later<Screens>({
  part,
  children,
}: {
  part: Part<Screens>;
  children: (screens: Screens) => ReactNode;
}) {
  const [screens, setScreens] = useState(part.found);
  const [failure, setFailure] = useState<{ error: unknown } | null>(null);
  useEffect(() => {
    if (screens === null) part.bring().then(setScreens, (error: unknown) => setFailure({ error }));
  }, [part, screens]);
  if (failure) throw failure.error;
  return screens === null ? <View style={{ flex: 1 }} /> : children(screens);
}
