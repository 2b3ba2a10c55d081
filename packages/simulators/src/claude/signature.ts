import { createHash } from "node:crypto";
import { z } from "zod";
import { invalid } from "./api-error.ts";
import { findModel, type Model } from "./models.ts";

const Signature = z.strictObject({ model: z.string(), prefix: z.string(), text: z.string() });

/** Signs a thinking block: with the model, with all that came before it, and with its own visible text. */
export function sign(model: Model, prefix: string, thinking: string): string {
  const content = JSON.stringify({ model: model.id, prefix, text: textHash(thinking) });
  return Buffer.from(content).toString("base64");
}

/**
 * Checks a block that comes back. A block of another model is not read and does no harm; a changed block, or
 * one before which something was changed, is refused.
 * Source: https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 */
export function checkSignature(
  block: { signature: string; thinking: string },
  prefix: string,
  path: string,
  model: Model,
): void {
  const signed = Signature.safeParse(decoded(block.signature));
  if (
    !signed.success ||
    findModel(signed.data.model) === undefined ||
    signed.data.text !== textHash(block.thinking)
  ) {
    throw invalid(`${path}: Invalid \`signature\` in \`thinking\` block`);
  }
  if (signed.data.model !== model.id || signed.data.prefix === prefix) return;
  throw invalid(
    `${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".`,
  );
}

function decoded(signature: string): unknown {
  try {
    return JSON.parse(Buffer.from(signature, "base64").toString());
  } catch {
    return null;
  }
}

function textHash(thinking: string): string {
  return createHash("sha256").update(thinking).digest("base64url");
}
