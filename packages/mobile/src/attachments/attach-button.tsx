import { useState } from "react";
import { strings } from "../strings/strings.ts";
import { Button } from "../ui/button.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { ListGroup, ListRow } from "../ui/list-row.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { PICK_KINDS, pick } from "./pick";
import type { PickKind } from "./pick.ts";
import type { Attaching } from "./use-attachments.ts";

const { attach: words } = strings;
const ICONS = { photos: "image", files: "file" } as const;

/** Lets the person choose photos or files: a picture of a button in the composer, one with words in a form. */
export function AttachButton({ attaching, isIcon = false }: { attaching: Attaching; isIcon?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  // A phone shows its picker over what is there then: the sheet goes when that is done.
  const choose = (kind: PickKind) => attaching.add(pick(kind).finally(() => setOpen(false)));
  const [first, ...others] = PICK_KINDS;
  const press = () => (others.length === 0 && first ? choose(first) : setOpen(true));
  return (
    <>
      {isIcon ? (
        <IconButton icon="attach" label={words.add} color="soft" onPress={press} testID="attach" />
      ) : (
        <Button title={words.addShort} kind="quiet" icon="attach" isCompact onPress={press} testID="attach" />
      )}
      <Sheet title={words.add} isOpen={isOpen} onClose={() => setOpen(false)}>
        <ListGroup>
          {PICK_KINDS.map((kind) => (
            <ListRow key={kind} title={words[kind]} icon={ICONS[kind]} onPress={() => choose(kind)} />
          ))}
        </ListGroup>
      </Sheet>
    </>
  );
}
