import { useMemo, useState } from "react";
import { useTaskList } from "../../data/server.tsx";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { TextField } from "../../ui/text-field.tsx";

const { newTask: words } = strings;

/** Offered before any was used. Whether a model exists is the service's to say, so any other can be entered. */
const SUGGESTED = ["claude-sonnet-5-5", "claude-opus-5-5"];

/** The user's default, one that was used or is suggested, or another by its id. */
export function ModelChoice({
  value,
  onChange,
  isDefaultOffered = true,
}: {
  value: string | null;
  onChange: (model: string | null) => void;
  isDefaultOffered?: boolean;
}) {
  const { tasks } = useTaskList();
  const [other, setOther] = useState("");
  const models = useMemo(
    () => [...new Set([...SUGGESTED, ...tasks.map(({ model }) => model), ...(value ? [value] : [])])],
    [tasks, value],
  );
  return (
    <>
      <ListGroup title={words.model} isChoice>
        {isDefaultOffered ? (
          <ListRow
            title={words.modelDefaultUnknown}
            choice={{ isChosen: value === null }}
            onPress={() => onChange(null)}
          />
        ) : null}
        {models.map((model) => (
          <ListRow
            key={model}
            title={model}
            choice={{ isChosen: model === value }}
            onPress={() => onChange(model)}
          />
        ))}
      </ListGroup>
      <TextField
        label={words.modelOther}
        hint={words.badModel}
        value={other}
        onChangeText={setOther}
        autoCapitalize="none"
        autoCorrect={false}
      />
      <Button
        title={strings.common.save}
        kind="quiet"
        isDisabled={other.trim() === ""}
        onPress={() => onChange(other.trim())}
      />
    </>
  );
}
