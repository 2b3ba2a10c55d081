import { Pressable } from "react-native";
import type { RowSurfaceProps } from "./row-surface-props.ts";

/** A long press opens what can be done with the row. Screen readers have its button for that. */
export function RowSurface({ onMenu, children, ...view }: RowSurfaceProps) {
  return (
    <Pressable {...view} accessible={false} disabled={!onMenu} onLongPress={onMenu}>
      {children}
    </Pressable>
  );
}
