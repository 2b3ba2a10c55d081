import type { QuestionRow } from "@farhand/client/app";
import { useState } from "react";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { useChat } from "../chat-context.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { useAsk } from "../use-ask.ts";
import { useTaskEntries } from "../use-task-entries.ts";
import { Card, cardStyles } from "./card.tsx";

const { chat: words } = strings;

/** The agent asks. A proposed answer is one tap; another one is written. */
export function QuestionCard({ row }: { row: QuestionRow }) {
  const { taskId } = useChat();
  const ask = useAsk();
  const [text, setText] = useState("");
  const [isWriting, setWriting] = useState(row.options.length === 0);
  const given = useTaskEntries(taskId).find(
    ({ command }) => command.type === "answer" && command.questionId === row.questionId,
  );
  const isOpen = row.status === "open" && !given;
  const send = (answer: string) => {
    if (answer.trim())
      void ask({ type: "answer", taskId, questionId: row.questionId, answer: answer.trim() });
  };
  return (
    <Card icon="question" title={words.question} isOpen={isOpen}>
      <Markdown text={row.question} />
      {given?.command.type === "answer" ? (
        <Text variant="small" color="soft" role="status">
          {`${words.answered(given.command.answer)} · ${given.reason ?? words.onItsWay}`}
        </Text>
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
                onPress={() => setWriting(true)}
              />
            )}
          </View>
          {isWriting ? (
            <>
              <TextField label={words.ownAnswer} value={text} onChangeText={setText} lines={2} />
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
