import { getPreferences, setPreferences, usePreferences } from "../prefs/preferences.ts";
import { useShortcut } from "../shortcuts/shortcuts.tsx";
import { useLayout } from "./use-layout.ts";

/** A pane of wide screens that can be hidden. This device remembers whether it is. */
export interface Pane {
  isHidden: boolean;
  toggle: () => void;
}

const isListHidden = () => getPreferences().panes.isListHidden;
const set = (panes: Partial<ReturnType<typeof getPreferences>["panes"]>) =>
  setPreferences({ panes: { ...getPreferences().panes, ...panes } });

const toggleList = () => set({ isListHidden: !isListHidden() });
const toggleChanges = () => set({ areChangesHidden: !getPreferences().panes.areChangesHidden });

/** For what needs the list to be seen. */
export const showList = () => set({ isListHidden: false });

/** The list of tasks beside whatever is open. It hears its shortcut on wide screens. */
export function useListPane(): Pane {
  const { isWide } = useLayout();
  useShortcut("toggleList", toggleList, isWide);
  return { isHidden: usePreferences().panes.isListHidden, toggle: toggleList };
}

/** The changes beside the chat. */
export function useChangesPane(): Pane {
  const { isWide } = useLayout();
  useShortcut("toggleChanges", toggleChanges, isWide);
  return { isHidden: usePreferences().panes.areChangesHidden, toggle: toggleChanges };
}
