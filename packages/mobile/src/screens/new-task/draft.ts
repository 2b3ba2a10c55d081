import type { NewTaskDraft } from "@farhand/client/app";
import type { CreateTask } from "@farhand/protocol";
import { strings } from "../../strings/strings.ts";

const { newTask: words } = strings;

export interface DraftProblem {
  field: "repository" | "prompt" | "model" | "baseBranch" | "budget";
  text: string;
}

/** What stands in the fields of the budget and is no amount, such as "much"; null where an amount does, or nothing. */
export interface WrongAmounts {
  usd: string | null;
  tokens: string | null;
}

export const NONE_WRONG: WrongAmounts = { usd: null, tokens: null };

/** What to say of them; null where there are none. */
export function budgetProblem({ usd, tokens }: WrongAmounts): string | null {
  const wrong = usd ?? tokens;
  return wrong === null ? null : words.badBudget(wrong.trim());
}

const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const BRANCH = /^(?![-/.])(?!.*(\.\.|\/\/|\/\.|\.lock(\/|$)))[A-Za-z0-9._/-]+(?<![/.])$/;

/** Why the server would not take it as it is; null where it would. */
export function draftProblem(
  draft: NewTaskDraft,
  promptMaxBytes: number,
  wrongAmounts: WrongAmounts = NONE_WRONG,
): DraftProblem | null {
  if (draft.repository.trim() === "") return { field: "repository", text: words.needRepository };
  if (draft.prompt.trim() === "") return { field: "prompt", text: words.needPrompt };
  if (new TextEncoder().encode(draft.prompt).length > promptMaxBytes)
    return { field: "prompt", text: words.tooLong };
  if (draft.model && !MODEL.test(draft.model)) return { field: "model", text: words.badModel };
  if (draft.baseBranch && !BRANCH.test(draft.baseBranch))
    return { field: "baseBranch", text: words.badBranch };
  // Without it the task would run on another limit than the one that was meant.
  const budget = budgetProblem(wrongAmounts);
  return budget === null ? null : { field: "budget", text: budget };
}

export function taskOfDraft(draft: NewTaskDraft): Omit<CreateTask, "attachments"> {
  const { repository, prompt, model, baseBranch, maxUsd, maxTokens } = draft;
  return {
    repository: repository.trim(),
    prompt,
    ...(model ? { model } : {}),
    ...(baseBranch ? { baseBranch } : {}),
    ...(maxUsd === null && maxTokens === null ? {} : { budget: { maxUsd, maxTokens } }),
  };
}

/** The draft that this task was made of. */
export const draftOfTask = ({
  task,
  attachments = [],
}: {
  task: Omit<CreateTask, "attachments">;
  attachments?: NewTaskDraft["attachments"];
}): NewTaskDraft => ({
  repository: task.repository,
  prompt: task.prompt,
  model: task.model ?? null,
  baseBranch: task.baseBranch ?? null,
  maxUsd: task.budget?.maxUsd ?? null,
  maxTokens: task.budget?.maxTokens ?? null,
  attachments,
});

/** Whether there is anything in it that somebody would miss. */
export const isBegun = ({ attachments, ...fields }: NewTaskDraft): boolean =>
  attachments.length > 0 || Object.values(fields).some((value) => value !== null && value !== "");

/** What goes along with it; the outbox uploads it. */
export const attachedTo = ({ attachments }: NewTaskDraft): Pick<Partial<NewTaskDraft>, "attachments"> =>
  attachments.length === 0 ? {} : { attachments };

/** As the server has it. */
const USD_MAX = 1_000_000;

/** What stands in a field for an amount; null for an empty one, undefined for what is no amount. */
export function parseAmount(text: string, isWhole: boolean): number | null | undefined {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  if (!/^\d{1,12}(\.\d{1,4})?$/.test(plain)) return undefined;
  const value = Number(plain);
  const isTaken = isWhole ? Number.isInteger(value) : value <= USD_MAX;
  return isTaken ? value : undefined;
}
