import {
  getPreferences,
  type ReviewPreferences,
  setPreferences,
  usePreferences,
} from "../../../prefs/preferences.ts";
import { strings } from "../../../strings/strings.ts";
import { ListGroup } from "../../../ui/list-row.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { SwitchRow } from "../../../ui/switch-row.tsx";

const set = (change: Partial<ReviewPreferences>) =>
  setPreferences({ review: { ...getPreferences().review, ...change } });

/** How changes are shown on this device. */
export function OptionsSheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { isSplit, ignoreBlanks, showWhitespace } = usePreferences().review;
  return (
    <Sheet title={strings.changes.options} isOpen={isOpen} onClose={onClose}>
      <ListGroup>
        <SwitchRow
          title={strings.changes.split}
          detail={strings.changes.splitText}
          isOn={isSplit}
          onChange={(isOn) => set({ isSplit: isOn })}
        />
        <SwitchRow
          title={strings.changes.ignoreBlanks}
          detail={strings.changes.ignoreBlanksText}
          isOn={ignoreBlanks}
          onChange={(isOn) => set({ ignoreBlanks: isOn })}
        />
        <SwitchRow
          title={strings.changes.showWhitespace}
          isOn={showWhitespace}
          onChange={(isOn) => set({ showWhitespace: isOn })}
        />
      </ListGroup>
    </Sheet>
  );
}
