/** Every colour, size and distance of the app. Nothing else names one. */

/** Colours by what they are for. Pairs that text stands on are in {@link CONTRAST_PAIRS} and checked by a test. */
export interface Palette {
  /** Behind everything. */
  page: string;
  /** Cards, rows, sheets. */
  surface: string;
  /** What lies over a surface: menus, the selected row. */
  raised: string;
  /** Fields and code. */
  sunken: string;
  /** Between rows. */
  line: string;
  /** Around what can be used; 3:1 against what it lies on. */
  edge: string;
  text: string;
  soft: string;
  accent: string;
  onAccent: string;
  accentSoft: string;
  danger: string;
  onDanger: string;
  dangerSoft: string;
  ok: string;
  okSoft: string;
  warn: string;
  warnSoft: string;
  /** Behind a sheet. */
  veil: string;
  /** A skeleton's bars. */
  bone: string;
  /** Lines of a diff. */
  added: string;
  addedMark: string;
  removed: string;
  removedMark: string;
  /** Words of code. They stand on `sunken`, `added` and `removed`. */
  codeKeyword: string;
  codeString: string;
  codeNumber: string;
  codeComment: string;
  codeFunction: string;
  codeType: string;
}

export type Scheme = "light" | "dark";

export const palettes: Record<Scheme, Palette> = {
  light: {
    page: "#f6f7f9",
    surface: "#ffffff",
    raised: "#eef2f8",
    sunken: "#f0f2f5",
    line: "#dde1e7",
    edge: "#7d8792",
    text: "#16191d",
    soft: "#555e69",
    accent: "#1f5fd0",
    onAccent: "#ffffff",
    accentSoft: "#e4edfc",
    danger: "#b3261e",
    onDanger: "#ffffff",
    dangerSoft: "#fce8e6",
    ok: "#146c2e",
    okSoft: "#e0f3e5",
    warn: "#7d5000",
    warnSoft: "#fcf0d8",
    veil: "rgba(12, 16, 22, 0.45)",
    bone: "#e3e7ec",
    added: "#e6f6ea",
    addedMark: "#c2e8cc",
    removed: "#fdeceb",
    removedMark: "#f8cfcc",
    codeKeyword: "#8a2580",
    codeString: "#0b5c4c",
    codeNumber: "#8f4000",
    codeComment: "#5b6470",
    codeFunction: "#1d55b8",
    codeType: "#5f4b00",
  },
  dark: {
    page: "#0f1216",
    surface: "#171b21",
    raised: "#212832",
    sunken: "#0b0e12",
    line: "#2a313a",
    edge: "#75808d",
    text: "#e8ebef",
    soft: "#a3acb7",
    accent: "#82acff",
    onAccent: "#0b1626",
    accentSoft: "#1a2947",
    danger: "#ff8f85",
    onDanger: "#2b0705",
    dangerSoft: "#3b1b1a",
    ok: "#74dd8f",
    okSoft: "#15301e",
    warn: "#f0bb55",
    warnSoft: "#352a13",
    veil: "rgba(0, 0, 0, 0.6)",
    bone: "#262d36",
    added: "#10291a",
    addedMark: "#1d4a2c",
    removed: "#331718",
    removedMark: "#5a2527",
    codeKeyword: "#e79be0",
    codeString: "#7fd8bd",
    codeNumber: "#f2b07a",
    codeComment: "#9aa4b0",
    codeFunction: "#93b8ff",
    codeType: "#e0c46c",
  },
};

/**
 * For what is over and no longer counts: one colour, that can still be read, and no tinted grounds. Half of its opacity
 * would leave text that half of the readers cannot read.
 */
const past = (colors: Palette): Palette => ({
  ...colors,
  text: colors.soft,
  accent: colors.soft,
  danger: colors.soft,
  ok: colors.soft,
  warn: colors.soft,
  accentSoft: colors.sunken,
  dangerSoft: colors.sunken,
  okSoft: colors.sunken,
  warnSoft: colors.sunken,
  added: colors.sunken,
  addedMark: colors.sunken,
  removed: colors.sunken,
  removedMark: colors.sunken,
  codeKeyword: colors.soft,
  codeString: colors.soft,
  codeNumber: colors.soft,
  codeComment: colors.soft,
  codeFunction: colors.soft,
  codeType: colors.soft,
});

export const pastPalettes: Record<Scheme, Palette> = {
  light: past(palettes.light),
  dark: past(palettes.dark),
};

type Name = keyof Palette;

/** What stands on what, and how far apart they have to be: 4.5 for text (WCAG AA), 3 for edges of what can be used. */
export const CONTRAST_PAIRS: readonly { on: readonly Name[]; names: readonly Name[]; atLeast: number }[] = [
  { names: ["text", "soft"], on: ["page", "surface", "raised", "sunken"], atLeast: 4.5 },
  { names: ["accent", "danger", "ok", "warn"], on: ["page", "surface", "raised", "sunken"], atLeast: 4.5 },
  { names: ["text"], on: ["accentSoft", "dangerSoft", "okSoft", "warnSoft"], atLeast: 4.5 },
  { names: ["text"], on: ["added", "removed", "addedMark", "removedMark"], atLeast: 4.5 },
  { names: ["onAccent"], on: ["accent"], atLeast: 4.5 },
  { names: ["onDanger"], on: ["danger"], atLeast: 4.5 },
  { names: ["accent"], on: ["accentSoft"], atLeast: 4.5 },
  { names: ["danger"], on: ["dangerSoft"], atLeast: 4.5 },
  { names: ["ok"], on: ["okSoft"], atLeast: 4.5 },
  { names: ["warn"], on: ["warnSoft"], atLeast: 4.5 },
  { names: ["edge"], on: ["page", "surface", "raised", "sunken"], atLeast: 3 },
  {
    names: ["codeKeyword", "codeString", "codeNumber", "codeComment", "codeFunction", "codeType"],
    on: ["sunken", "surface", "added", "removed"],
    atLeast: 4.5,
  },
];

/** Distances in points. */
export const space = { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32 } as const;

export const radius = { s: 6, m: 10, l: 14, round: 999 } as const;

/** The least height and width of what a finger has to hit, in points. */
export const TARGET = 44;

/** From this width on the list, the chat and the changes stand side by side. */
export const WIDE = 900;
/** The list beside a task: a share of the screen within these, so that at 900 points chat and changes have 320 each. */
export const LIST_PANE = { share: 0.25, least: 260, most: 360 } as const;
/** Forms and texts get no wider: long lines are hard to read. */
export const READING_WIDTH = 680;

export interface TypeStyle {
  size: number;
  lineHeight: number;
  weight: "400" | "500" | "600" | "700";
}

/** Sizes before the reader's own scale (Dynamic Type) is applied. */
export const type = {
  title: { size: 24, lineHeight: 30, weight: "700" },
  heading: { size: 17, lineHeight: 24, weight: "600" },
  body: { size: 16, lineHeight: 23, weight: "400" },
  label: { size: 15, lineHeight: 20, weight: "600" },
  small: { size: 13, lineHeight: 18, weight: "400" },
  tiny: { size: 12, lineHeight: 16, weight: "600" },
  code: { size: 13, lineHeight: 19, weight: "400" },
} as const satisfies Record<string, TypeStyle>;

export type TypeName = keyof typeof type;
