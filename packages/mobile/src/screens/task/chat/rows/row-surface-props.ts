import type { ReactNode } from "react";
import type { ViewProps } from "react-native";

export interface RowSurfaceProps extends Pick<ViewProps, "style" | "testID"> {
  /** Null where nothing can be done with the row. */
  onMenu: (() => void) | null;
  children?: ReactNode;
}
