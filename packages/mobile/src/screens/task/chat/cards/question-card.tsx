import type { QuestionRow } from "@farhand/client/app";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { useChat } from "../chat-context.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { EntryStanding } from "../stuck/entry-standing.tsx";
import { isStuck } from "../stuck/stuck.ts";
import { useAsk } from "../use-ask.ts";
import { useDraftField } from "../use-draft-field.ts";
import { Card, cardStyles } from "./card.tsx";
import { useCardEntry } from "./use-card-entry.ts";

const { chat: words } = strings;

/** The agent asks. A proposed answer is one tap; another one is written. */
export function QuestionCard({ row }: { row: QuestionRow }) {
  const { taskId } = useChat();
  const ask = useAsk();
  const [draft, setDraft] = useDraftField(taskId, `answer/${row.questionId}`);
  const isAsking = row.status === "open";
  const given = useCardEntry(
    taskId,
    isAsking,
    (command) => command.type === "answer" && command.questionId === row.questionId,
  );
  // What was not sent after all is there to be changed.
  const givenAnswer = given?.command.type === "answer" ? given.command.answer : null;
  const isOpen = isAsking && !given;
  const isWriting = draft !== null || row.options.length === 0;
  const text = draft ?? "";
  const send = (answer: string) =>
    void ask({ type: "answer", taskId, questionId: row.questionId, answer: answer.trim() }).then((entry) => {
      if (entry) setDraft(null);
    });
  return (
    <Card icon="question" title={words.question} isOpen={isOpen || (given !== null && isStuck(given))}>
      <Markdown text={row.question} />
      {given && givenAnswer !== null ? (
        <>
          <Text color="soft">{words.answered(givenAnswer)}</Text>
          <EntryStanding entry={given} onDiscarded={() => setDraft(givenAnswer)} />
        </>
      ) : null}
      {row.status === "answered" ? <Text color="ok">{words.answered(row.answer ?? "")}</Text> : null}
      {row.status === "past" ? (
        <Text variant="small" color="soft">
          {words.notAnswered}
        </Text>
      ) : null}
      {isOpen ? (
        <>
          <View style={cardStyles.buttons}>
            {row.options.map((option) => (
              <Button key={option} title={option} kind="quiet" isCompact onPress={() => send(option)} />
            ))}
            {isWriting ? null : (
              <Button
                title={words.ownAnswer}
                kind="quiet"
                icon="edit"
                isCompact
                onPress={() => setDraft("")}
              />
            )}
          </View>
          {isWriting ? (
            <>
              <TextField label={words.ownAnswer} value={text} onChangeText={setDraft} lines={2} />
              <Button
                title={words.sendAnswer}
                icon="send"
                isCompact
                isDisabled={!text.trim()}
                onPress={() => send(text)}
              />
            </>
          ) : null}
        </>
      ) : null}
    </Card>
  );
}
