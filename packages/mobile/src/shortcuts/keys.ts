/** What can be done from the keyboard anywhere. */
export type Shortcut =
  | "palette"
  | "search"
  | "newTask"
  | "next"
  | "previous"
  | "settings"
  | "toggleList"
  | "toggleChanges"
  | "help"
  | "send"
  | "close"
  | "nextFile"
  | "previousFile"
  | "find"
  | "nextChange"
  | "previousChange"
  | "viewed"
  | "comment";

export interface Keys {
  /** As `KeyboardEvent.key` has it, in lower case. */
  key: string;
  /** With Ctrl, or Command on a Mac. */
  isWithCommand?: boolean;
  /** Also while one types: only keys that type nothing. */
  isForFields?: boolean;
  /** As people read it. */
  shown: string;
}

export const SHORTCUTS: Record<Shortcut, Keys> = {
  palette: { key: "k", isWithCommand: true, isForFields: true, shown: "Ctrl K" },
  search: { key: "/", shown: "/" },
  newTask: { key: "n", shown: "N" },
  next: { key: "j", shown: "J" },
  previous: { key: "k", shown: "K" },
  settings: { key: ",", isWithCommand: true, isForFields: true, shown: "Ctrl ," },
  toggleList: { key: "l", shown: "L" },
  toggleChanges: { key: "d", shown: "D" },
  help: { key: "?", shown: "?" },
  send: { key: "enter", isWithCommand: true, isForFields: true, shown: "Ctrl Enter" },
  close: { key: "escape", isForFields: true, shown: "Esc" },
  nextFile: { key: "]", shown: "]" },
  previousFile: { key: "[", shown: "[" },
  nextChange: { key: ".", shown: "." },
  previousChange: { key: ",", shown: "," },
  viewed: { key: "v", shown: "V" },
  find: { key: "f", isWithCommand: true, isForFields: true, shown: "Ctrl F" },
  comment: { key: "c", shown: "C" },
};

export interface Pressed {
  key: string;
  hasCommand: boolean;
  hasAlt: boolean;
  isInField: boolean;
  /** A dialog lies over the page: what is below it is out of reach. */
  isInDialog: boolean;
}

/** Which shortcut was pressed; null for none. */
export function shortcutOf({ key, hasCommand, hasAlt, isInField, isInDialog }: Pressed): Shortcut | null {
  if (hasAlt || isInDialog) return null;
  for (const [name, keys] of Object.entries(SHORTCUTS) as [Shortcut, Keys][]) {
    const isSame = keys.key === key.toLowerCase() && (keys.isWithCommand ?? false) === hasCommand;
    if (isSame && (!isInField || keys.isForFields)) return name;
  }
  return null;
}
