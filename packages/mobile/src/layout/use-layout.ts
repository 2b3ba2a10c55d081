import { useWindowDimensions } from "react-native";
import { LIST_PANE, WIDE } from "../theme/tokens.ts";

export interface Layout {
  /** The list of tasks stands beside the task, and the changes beside the chat, unless the person has hidden them. */
  isWide: boolean;
  /** How wide the list is there, in points. */
  listWidth: number;
}

export function useLayout(): Layout {
  const { width } = useWindowDimensions();
  const { share, least, most } = LIST_PANE;
  return { isWide: width >= WIDE, listWidth: Math.min(most, Math.max(least, Math.round(width * share))) };
}
