import { invalid } from "./api-error.ts";
import { MODELS, modelInfo } from "./models.ts";

/** `GET /v1/models?limit=&after_id=&before_id=` */
export function listModels(query: URLSearchParams): object {
  const limit = Number(query.get("limit") ?? "20");
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw invalid("limit: Input should be a whole number from 1 to 1000");
  }
  const position = (name: string) => {
    const id = query.get(name);
    if (id === null) return null;
    const at = MODELS.findIndex((model) => model.id === id);
    if (at === -1) throw invalid(`${name}: ${id} is not the id of a model`);
    return at;
  };
  const after = position("after_id");
  const before = position("before_id");
  const end = before ?? MODELS.length;
  const start = after !== null ? after + 1 : before !== null ? Math.max(0, end - limit) : 0;
  const page = MODELS.slice(start, Math.min(start + limit, end));
  return {
    data: page.map(modelInfo),
    has_more: before !== null ? start > 0 : start + page.length < end,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}
