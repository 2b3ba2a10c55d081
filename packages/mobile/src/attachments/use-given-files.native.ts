import type { ChosenFile } from "@farhand/client/app";
import type { RefObject } from "react";
import type { View } from "react-native";

/** Nothing is dropped on phones, and their fields paste text alone. */
export const useGivenFiles = (
  _place: RefObject<View | null>,
  _onFiles: (files: Promise<ChosenFile[]>) => void,
): boolean => false;
