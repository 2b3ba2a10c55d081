import { z } from "zod";
import { Timestamp } from "./scalars.ts";

/** What a key is for: a Messages API, or one of the two kinds of forge. */
export const KeyPurpose = z.enum(["model", "github", "gitlab"]);
export type KeyPurpose = z.infer<typeof KeyPurpose>;

const baseUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .max(500)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  }, "must have no user name, password, ? or #")
  .transform((text) => text.replace(/\/+$/, ""));

/** Anything shorter is a word rather than a key, and would be cut out of its user's tasks wherever it stands. */
export const KEY_MIN_CHARS = 16;

/** What goes into a header as it stands. */
const token = z
  .string()
  .trim()
  .min(1, "the key is empty")
  .min(KEY_MIN_CHARS, `a key has at least ${KEY_MIN_CHARS} characters`)
  .max(4096)
  .regex(/^[\x21-\x7e]+$/, "a key has visible ASCII characters only, and no spaces");

/**
 * `PUT /api/keys`: adds a key, or takes the place of the one for the same purpose and host; a user has one for models.
 * The key is tried first, by the cheapest call that needs it, and kept when the service takes it; `?unchecked=true` keeps
 * it untried. No answer ever holds it.
 */
export const PutKey = z
  .strictObject({
    purpose: KeyPurpose,
    /**
     * Address of the service, such as `https://gitlab.example.com`; the usual one where it is left out. That of a model is
     * given without `/v1`, which is left out where it is there.
     */
    baseUrl: baseUrl.optional(),
    key: token,
    /** Sends a model key as `Authorization: Bearer` and not as `x-api-key`, as many services with a Messages API want it. */
    isBearer: z.boolean().optional(),
  })
  .refine(({ purpose, isBearer }) => purpose === "model" || isBearer !== true, {
    path: ["isBearer"],
    error: "only a model key is sent as a bearer token by choice: a forge has its own way",
  });
export type PutKey = z.infer<typeof PutKey>;

/** What became of trying a key. `unreadable`: it was sealed with a master key that is not there; enter it anew. */
export const KeyCheck = z.enum(["ok", "refused", "unreachable", "unchecked", "unreadable"]);
export type KeyCheck = z.infer<typeof KeyCheck>;

export const KeyId = z
  .string()
  .regex(/^k_[0-9a-z]{26}$/, "a key's id looks like k_01j9z3k4m5n6p7q8r9s0t1v2w3");

/** A key as it can be seen: never the key itself. */
export const KeyInfo = z.strictObject({
  id: KeyId,
  purpose: KeyPurpose,
  baseUrl: z.string(),
  /** Host, and port where there is one, of the base URL. */
  host: z.string(),
  /** The key's last four characters; empty for one that is so short that they would tell too much. */
  lastFour: z.string().max(4),
  addedAt: Timestamp,
  check: KeyCheck,
  /** When it was last tried; null where it never was. */
  checkedAt: Timestamp.nullable(),
  /** What the service said, in a sentence. */
  checkMessage: z.string(),
  /** A model key that goes as `Authorization: Bearer`. */
  isBearer: z.boolean(),
});
export type KeyInfo = z.infer<typeof KeyInfo>;

/** A key of the server's environment. No more of it is told than that it is there. */
export const ServerKey = z.strictObject({ purpose: KeyPurpose, host: z.string() });
export type ServerKey = z.infer<typeof ServerKey>;

/** `GET /api/keys`, and what is there after a key was removed. */
export const KeyList = z.strictObject({
  keys: z.array(KeyInfo),
  /** The server's own, which your tasks use for want of one of yours. */
  serverKeys: z.array(ServerKey),
});
export type KeyList = z.infer<typeof KeyList>;

/** Variables that would steer the worker, its shell or the loader of programs instead of the repository's own code. */
const RESERVED =
  /^(FARHAND_.*|ANTHROPIC_.*|LD_.*|GIT_.*|BUN_.*|PATH|HOME|SHELL|USER|IFS|ENV|BASH_ENV|BASH_FUNC_.*|NODE_OPTIONS)$/;

export const SecretName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,99}$/,
    "a variable's name has letters, digits and _, and begins with no digit",
  )
  .refine((name) => !RESERVED.test(name), "this variable is the worker's own");

/** A shorter value cannot be cut out of what is printed: too much that is no secret would go with it. */
export const SECRET_MIN_CHARS = 8;

/**
 * `PUT /api/secrets`: sets one environment variable for the tasks of one repository. It is given to the setup phase
 * alone, unless `isForAgent`: then the agent sees it, and so does the model.
 */
export const PutSecret = z
  .strictObject({
    repository: z.string().trim().min(1, "name a repository: a URL or a path").max(2048),
    name: SecretName,
    value: z
      .string()
      .min(1, "the value is empty")
      .max(32 * 1024)
      .refine((value) => !value.includes("\0"), "a variable cannot hold NUL"),
    isForAgent: z.boolean().default(false),
  })
  .refine(({ value, isForAgent }) => !isForAgent || value.length >= SECRET_MIN_CHARS, {
    path: ["value"],
    error: `a value for the agent has at least ${SECRET_MIN_CHARS} characters: a shorter one cannot be cut out of what the agent prints`,
  });
export type PutSecret = z.infer<typeof PutSecret>;

/** A secret as it can be seen: never its value. */
export const SecretInfo = z.strictObject({
  repository: z.string(),
  name: z.string(),
  isForAgent: z.boolean(),
  lastFour: z.string().max(4),
  addedAt: Timestamp,
});
export type SecretInfo = z.infer<typeof SecretInfo>;

/** `GET /api/secrets?repository=`, and what is there after a change. */
export const SecretList = z.strictObject({
  secrets: z.array(SecretInfo),
  /** What to know about the change that was made; null where there is nothing. */
  warning: z.string().nullable(),
});
export type SecretList = z.infer<typeof SecretList>;
