import { View } from "react-native";
import type { RowSurfaceProps } from "./row-surface-props.ts";

/** As far as browsers tell of it. */
interface Asked {
  target: unknown;
  preventDefault(): void;
}

/** A right click, a long press and the keyboard's menu key open what can be done with the row. */
export function RowSurface({ onMenu, children, ...view }: RowSurfaceProps) {
  const asked = (event: Asked) => {
    if (!onMenu || isForBrowser(event.target as Element)) return;
    event.preventDefault();
    onMenu();
  };
  return (
    <View {...view} {...(onMenu ? { onContextMenu: asked } : {})}>
      {children}
    </View>
  );
}

/** Whoever has chosen a piece of text, or is on a link or in a field, wants the browser's own menu. */
const isForBrowser = (target: Element): boolean =>
  window.getSelection()?.isCollapsed === false ||
  target.closest("a, [role=link], input, textarea, img") !== null;
