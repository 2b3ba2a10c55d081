import { useWindowDimensions } from "react-native";
import { VERY_WIDE, WIDE } from "../theme/tokens.ts";

export interface Layout {
  /** The list of tasks stands beside the task. */
  isWide: boolean;
  /** The changes stand beside the chat as well. */
  isVeryWide: boolean;
}

export function useLayout(): Layout {
  const { width } = useWindowDimensions();
  return { isWide: width >= WIDE, isVeryWide: width >= VERY_WIDE };
}
