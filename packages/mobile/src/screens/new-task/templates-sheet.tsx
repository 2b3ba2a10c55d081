import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { getPreferences, setPreferences, type Template, usePreferences } from "../../prefs/preferences.ts";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { toast } from "../../ui/toast.tsx";
import { TemplateForm } from "./template-form.tsx";

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
  const [edited, setEdited] = useState<Template | null>(null);
  const { templates: own } = usePreferences();
  const close = () => {
    setOpen(false);
    setEdited(null);
  };
  const choose = (chosen: string) => {
    close();
    onChosen(prompt.trim() === "" ? chosen : `${prompt.trimEnd()}\n\n${chosen}`);
  };
  const keep = () => {
    const title = prompt.trim().split("\n")[0]?.slice(0, 60) ?? "";
    setPreferences({ templates: [{ title, prompt }, ...own] });
    toast(words.templateKept);
  };
  const remove = (template: Template) => {
    const place = own.indexOf(template);
    setPreferences({ templates: own.filter((it) => it !== template) });
    toast(words.templateRemoved, {
      title: strings.common.undo,
      // Others may have been changed since.
      onPress: () => setPreferences({ templates: getPreferences().templates.toSpliced(place, 0, template) }),
    });
  };
  const save = (changed: Template) => {
    setPreferences({ templates: own.map((it) => (it === edited ? changed : it)) });
    setEdited(null);
  };
  return (
    <>
      <Button title={words.templates} kind="quiet" icon="template" isCompact onPress={() => setOpen(true)} />
      <Sheet title={edited ? words.editTemplate : words.templates} isOpen={isOpen} onClose={close}>
        {edited ? (
          <TemplateForm template={edited} onSave={save} onCancel={() => setEdited(null)} />
        ) : (
          <>
            {prompt.trim() ? (
              <Button title={words.saveTemplate} kind="quiet" icon="add" onPress={keep} />
            ) : null}
            {own.length > 0 ? (
              <ListGroup title={words.ownTemplates}>
                {own.map((template) => (
                  <ListRow
                    key={`${template.title}${template.prompt}`}
                    title={template.title}
                    onPress={() => choose(template.prompt)}
                    end={
                      <View style={styles.buttons}>
                        <IconButton
                          icon="edit"
                          size={18}
                          label={`${strings.common.edit}: ${template.title}`}
                          onPress={() => setEdited(template)}
                        />
                        <IconButton
                          icon="trash"
                          size={18}
                          label={`${strings.common.remove}: ${template.title}`}
                          onPress={() => remove(template)}
                        />
                      </View>
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
          </>
        )}
      </Sheet>
    </>
  );
}

const styles = StyleSheet.create({ buttons: { flexDirection: "row" } });
