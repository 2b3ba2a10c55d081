import { useState } from "react";
import { setPreferences, usePreferences } from "../../prefs/preferences.ts";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { toast } from "../../ui/toast.tsx";

const { newTask: words } = strings;

/** Prompts to begin with: those that come with the app, and those that the person has kept. */
export function TemplatesButton({
  prompt,
  onChosen,
}: {
  prompt: string;
  onChosen: (prompt: string) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const { templates: own } = usePreferences();
  const choose = (chosen: string) => {
    setOpen(false);
    onChosen(prompt.trim() === "" ? chosen : `${prompt.trimEnd()}\n\n${chosen}`);
  };
  const keep = () => {
    const title = prompt.trim().split("\n")[0]?.slice(0, 60) ?? "";
    setPreferences({ templates: [{ title, prompt }, ...own] });
    toast(words.templateKept);
  };
  return (
    <>
      <Button title={words.templates} kind="quiet" icon="template" isCompact onPress={() => setOpen(true)} />
      <Sheet title={words.templates} isOpen={isOpen} onClose={() => setOpen(false)}>
        {prompt.trim() ? <Button title={words.saveTemplate} kind="quiet" icon="add" onPress={keep} /> : null}
        {own.length > 0 ? (
          <ListGroup title={words.ownTemplates}>
            {own.map((template) => (
              <ListRow
                key={`${template.title}${template.prompt}`}
                title={template.title}
                onPress={() => choose(template.prompt)}
                end={
                  <IconButton
                    icon="trash"
                    size={18}
                    label={`${strings.common.remove}: ${template.title}`}
                    onPress={() => setPreferences({ templates: own.filter((it) => it !== template) })}
                  />
                }
              />
            ))}
          </ListGroup>
        ) : null}
        <ListGroup title={words.templates}>
          {strings.templates.map((template) => (
            <ListRow
              key={template.title}
              title={template.title}
              detail={template.prompt}
              onPress={() => choose(template.prompt)}
            />
          ))}
        </ListGroup>
      </Sheet>
    </>
  );
}
