import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { useColorScheme } from "react-native";
import { usePreferences } from "../prefs/preferences.ts";
import { applySystemColors } from "./system-colors";
import { type Palette, palettes, pastPalettes, type Scheme } from "./tokens.ts";

export interface Theme {
  scheme: Scheme;
  colors: Palette;
}

const ThemeContext = createContext<Theme>({ scheme: "light", colors: palettes.light });

/** Follows the system, unless the person has chosen. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const system = useColorScheme();
  const { theme: choice } = usePreferences();
  const scheme: Scheme = choice === "system" ? (system === "dark" ? "dark" : "light") : choice;
  const theme = useMemo(() => ({ scheme, colors: palettes[scheme] }), [scheme]);
  useEffect(() => applySystemColors(scheme, palettes[scheme]), [scheme]);
  return <ThemeContext value={theme}>{children}</ThemeContext>;
}

/** Takes the colours from what no longer counts. */
export function Past({ children }: { children: ReactNode }) {
  const { scheme } = useTheme();
  const theme = useMemo(() => ({ scheme, colors: pastPalettes[scheme] }), [scheme]);
  return <ThemeContext value={theme}>{children}</ThemeContext>;
}

export const useTheme = (): Theme => useContext(ThemeContext);

/**
 * Styles that depend on the theme, made once for each palette. `make` has to be the same function each time: define it
 * beside the component.
 */
export function useStyles<T extends object>(make: (colors: Palette) => T): T {
  const { colors } = useTheme();
  const made = cache.get(make) ?? new Map<Palette, object>();
  cache.set(make, made);
  const styles = (made.get(colors) as T | undefined) ?? make(colors);
  made.set(colors, styles);
  return styles;
}

const cache = new WeakMap<object, Map<Palette, object>>();
