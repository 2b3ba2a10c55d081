import type { BranchList } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { useServer } from "../../data/server.tsx";
import { useCached } from "../../data/use-cached.ts";
import { strings } from "../../strings/strings.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";

const { newTask: words, repositories: listWords } = strings;
const SHOWN = 60;

/** The branch to start from: the default one, one that the repository has, or a name that is entered. */
export function BranchSheet({
  repository,
  value,
  onClose,
  onChosen,
}: {
  repository: string;
  value: string | null;
  onClose: () => void;
  onChosen: (branch: string | null) => void;
}) {
  const { client } = useServer();
  const [search, setSearch] = useState("");
  const address = repository.trim();
  const load = useCallback((signal: AbortSignal) => client.branches(address, signal), [client, address]);
  const {
    value: list,
    isAsking,
    trouble,
  } = useCached<BranchList>(address ? `branches/${address}` : null, load);
  const typed = search.trim();
  const branches = list?.branches ?? [];
  const found = branches.filter((name) => name.toLowerCase().includes(typed.toLowerCase()));
  const only = found.length === 1 ? found[0] : undefined;
  return (
    <Sheet title={words.branch} isOpen onClose={onClose}>
      <TextField
        label={listWords.branchSearch}
        value={search}
        onChangeText={setSearch}
        onSubmitEditing={() => onChosen(only ?? (typed || null))}
        autoFocus
        autoCapitalize="none"
        autoCorrect={false}
        testID="branch-search"
      />
      {typed !== "" && !branches.includes(typed) ? (
        <ListGroup>
          <ListRow title={words.use(typed)} icon="branch" onPress={() => onChosen(typed)} />
        </ListGroup>
      ) : null}
      <ListGroup title={listWords.branches} isChoice>
        {typed === "" ? (
          <ListRow
            title={listWords.defaultBranch}
            {...(list?.defaultBranch ? { detail: list.defaultBranch } : {})}
            choice={{ isChosen: value === null }}
            onPress={() => onChosen(null)}
          />
        ) : null}
        {found.slice(0, SHOWN).map((name) => (
          <ListRow
            key={name}
            title={name}
            choice={{ isChosen: name === value }}
            onPress={() => onChosen(name)}
          />
        ))}
      </ListGroup>
      {isAsking && !list ? <Skeleton rows={2} /> : null}
      {trouble && !list ? (
        <Text variant="small" color="soft" role="status">
          {`${listWords.noBranches} ${trouble.title}`}
        </Text>
      ) : found.length > SHOWN || list?.truncated ? (
        <Text variant="small" color="soft">
          {listWords.more}
        </Text>
      ) : null}
    </Sheet>
  );
}
