import type { Generated } from "kysely";
import type { AuthTables, UserColumns } from "./auth-tables.ts";

/** The tables, as Kysely sees them. Times are ISO 8601 text in UTC unless a name ends in `Ms`. JSON is text. */
export interface Schema extends AuthTables {
  users: { id: string; login: string; token_hash: string; created_at: string } & UserColumns;
  settings: { user_id: string; key: string; value: string };
  tasks: {
    id: string;
    user_id: string;
    state: string;
    repository: string;
    forge: string;
    base_branch: string | null;
    base_commit: string | null;
    branch: string;
    model: string;
    prompt: string;
    title: string | null;
    summary: string | null;
    commit_id: string | null;
    files_changed: number | null;
    pull_request_url: string | null;
    attempt: number;
    turn: number;
    last_seq: number;
    input_tokens: number;
    output_tokens: number;
    cache_creation_input_tokens: number;
    cache_read_input_tokens: number;
    cost_usd: Generated<number>;
    unpriced_tokens: Generated<number>;
    budget_usd: number | null;
    budget_tokens: number | null;
    /** The limit that a waiting task has used up. */
    budget_reached: string | null;
    /** The open question. */
    question: string | null;
    failure: string | null;
    lease_owner: string | null;
    lease_until_ms: number | null;
    request_key: string | null;
    revision: string | null;
    losses: number;
    /** Time that its turns have worked, together. */
    worked_ms: number;
    forked_task: string | null;
    forked_turn: number | null;
    delayed_by: string | null;
    disk_bytes: number | null;
    measured_ms: number | null;
    removed: number;
    archived_at: string | null;
    /** When it last came into the queue. */
    queued_at: string | null;
    created_at: string;
    updated_at: string;
  };
  attempts: {
    task_id: string;
    attempt: number;
    token_hash: string;
    /** Highest worker event number up to which the log holds every one. */
    acknowledged: number;
    started_at: string;
    ended_at: string | null;
    exit_code: number | null;
  };
  events: {
    task_id: string;
    seq: number;
    attempt: number;
    at: string;
    type: string;
    body: string;
  };
  turns: {
    task_id: string;
    turn: number;
    message_id: string;
    text: string;
    started_at: string;
    ended_at: string | null;
    start_revision: string | null;
    end_revision: string | null;
    finished: number;
    /** What was asked for: `stop` or `cancel`. */
    stopping: string | null;
    worked_ms: number;
    discarded: number;
  };
  user_messages: {
    task_id: string;
    message_id: string;
    text: string;
    status: string;
    turn: number;
    opening: number;
    /** Order of delivery among those that wait. */
    position: number;
    /** 1, 2, 3 … among the task's delivered messages; null for those that wait or opened a turn. */
    delivery: number | null;
    created_at: string;
    /** JSON; null for none. */
    attachments: string | null;
  };
  attachments: {
    user_id: string;
    id: string;
    name: string;
    media_type: string;
    size_bytes: number;
    sha256: string;
    file: string;
    added_at: string;
    /** The last task that named it was removed. */
    released: number;
  };
  task_attachments: { task_id: string; user_id: string; attachment_id: string };
  questions: {
    task_id: string;
    question_id: string;
    turn: number;
    status: string;
    answer: string | null;
    answer_id: string | null;
  };
  conversation: { task_id: string; position: number; turn: number; role: string; content: string };
  requests: {
    user_id: string;
    key: string;
    request_hash: string;
    status: number;
    content_type: string;
    body: string;
    created_at: string;
  };
  inbox: { task_id: string; n: number; type: string; created_at: string };
  audit: {
    id: Generated<number>;
    at: string;
    user_id: string | null;
    action: string;
    subject: string;
    address: string | null;
    detail: string;
  };
  keys: {
    id: string;
    user_id: string;
    purpose: string;
    slot: string;
    base_url: string;
    key_id: string;
    box: string;
    last_four: string;
    added_at: string;
    check_result: string;
    checked_at: string | null;
    check_message: string;
    bearer: number;
  };
  repository_secrets: {
    user_id: string;
    repository: string;
    name: string;
    key_id: string;
    box: string;
    for_agent: number;
    last_four: string;
    added_at: string;
  };
  /** What model calls have cost, summed up. */
  costs: {
    user_id: string;
    day: string;
    task_id: string;
    model: string;
    calls: number;
    input_tokens: number;
    output_tokens: number;
    cache_creation_input_tokens: number;
    cache_read_input_tokens: number;
    cost_usd: number;
    unpriced_tokens: number;
  };
  /** What the owner lets a member spend. */
  member_caps: {
    user_id: string;
    day_usd: number | null;
    day_tokens: number | null;
    user_usd: number | null;
    user_tokens: number | null;
  };
  /** For `user_id` "" they are the server's own. */
  sealed_texts: { user_id: string; purpose: string; subject: string; key_id: string; box: string };
  devices: {
    id: string;
    user_id: string;
    /** The sign-in that it ends with. */
    session_id: string | null;
    channel: string;
    label: string;
    host: string;
    kinds: string;
    target_hash: string;
    added_at: string;
    last_sent_at: string | null;
    last_error: string | null;
  };
  /** What is to be told of tasks, until it is spread over devices. */
  notices: {
    task_id: string;
    user_id: string;
    seq: number;
    kind: string;
    reason: string | null;
    subject: string;
    due_ms: number;
  };
  deliveries: {
    id: string;
    user_id: string;
    device_id: string;
    task_id: string;
    kind: string;
    reason: string | null;
    subject: string;
    /** `waiting`, `sent`, `dropped` or `failed`. */
    status: string;
    attempts: number;
    created_ms: number;
    next_ms: number;
    lease_until_ms: number | null;
    settled_ms: number | null;
    why: string | null;
    receipt_id: string | null;
    /** When the receipt is to be asked for; null for never. */
    receipt_ms: number | null;
  };
  webhook_deliveries: { id: string; at: string };
  /** A repository of "" stands for the user's default, whose mode is never null. */
  egress_policies: { user_id: string; repository: string; mode: string | null; hosts: string };
  egress_refusals: { task_id: string; turn: number; host: string };
}
