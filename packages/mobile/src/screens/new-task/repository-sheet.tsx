import type { ForgeRepository } from "@farhand/protocol";
import { useMemo, useState } from "react";
import { useTaskList } from "../../data/server.tsx";
import { repositoryName } from "../../format/repository.ts";
import { strings } from "../../strings/strings.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { recentRepositories } from "../tasks/arrange.ts";
import { useRepositories } from "./use-repositories.ts";

const { newTask: words, repositories: listWords } = strings;

/** More of them are found by searching: nobody scrolls through hundreds. */
const SHOWN = 60;

/** Repositories that were used before, then those of the forges; and any address that is entered. */
export function RepositorySheet({
  value,
  onClose,
  onChosen,
}: {
  value: string;
  onClose: () => void;
  onChosen: (address: string) => void;
}) {
  const { tasks } = useTaskList();
  const [search, setSearch] = useState("");
  const { repositories, forges, isKept, isAsking, hasMore } = useRepositories(search);
  const recents = useMemo(() => recentRepositories(tasks), [tasks]);
  const typed = search.trim();
  const found = recents.filter((address) => address.toLowerCase().includes(typed.toLowerCase()));
  const listed = repositories.filter(({ address }) => !recents.includes(address));
  const isKnown = recents.includes(typed) || repositories.some(({ address }) => address === typed);
  const only = found.length + listed.length === 1 ? (found[0] ?? listed[0]?.address) : undefined;
  return (
    <Sheet title={words.chooseRepository} isOpen onClose={onClose}>
      <TextField
        label={words.repositorySearch}
        hint={words.repositoryHint}
        value={search}
        onChangeText={setSearch}
        onSubmitEditing={() => typed !== "" && onChosen(only ?? typed)}
        autoFocus
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
        testID="repository-search"
      />
      {typed !== "" && !isKnown ? (
        <ListGroup>
          <ListRow
            title={words.use(typed)}
            icon="link"
            onPress={() => onChosen(typed)}
            testID="use-repository"
          />
        </ListGroup>
      ) : null}
      {found.length > 0 ? (
        <ListGroup title={words.recents} isChoice>
          {found.map((address) => (
            <ListRow
              key={address}
              title={repositoryName(address)}
              detail={address}
              choice={{ isChosen: address === value }}
              onPress={() => onChosen(address)}
            />
          ))}
        </ListGroup>
      ) : null}
      {forges.map(({ host, status, message }) =>
        status === "failed" ? (
          <Text key={host} variant="small" color="warn" role="status">
            {message}
          </Text>
        ) : (
          <Listed
            key={host}
            host={host}
            list={listed.filter((it) => it.host === host)}
            value={value}
            onChosen={onChosen}
          />
        ),
      )}
      {isAsking ? <Skeleton rows={2} /> : null}
      <Text variant="small" color="soft" role="status">
        {isAsking
          ? listWords.asking
          : isKept
            ? listWords.kept
            : hasMore || listed.length > SHOWN
              ? listWords.more
              : forges.length === 0
                ? listWords.notConnected
                : ""}
      </Text>
    </Sheet>
  );
}

function Listed({
  host,
  list,
  value,
  onChosen,
}: {
  host: string;
  list: readonly ForgeRepository[];
  value: string;
  onChosen: (address: string) => void;
}) {
  if (list.length === 0) return null;
  return (
    <ListGroup title={listWords.yours(host)} isChoice>
      {list.slice(0, SHOWN).map(({ address, name, isPrivate }) => (
        <ListRow
          key={address}
          title={name}
          detail={isPrivate ? listWords.private : address}
          choice={{ isChosen: address === value }}
          onPress={() => onChosen(address)}
        />
      ))}
    </ListGroup>
  );
}
