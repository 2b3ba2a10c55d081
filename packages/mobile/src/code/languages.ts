/** The grammars that the app brings along; everything else is shown without colours. */
export type Language =
  | "bash"
  | "cpp"
  | "css"
  | "diff"
  | "go"
  | "java"
  | "json"
  | "markdown"
  | "python"
  | "rust"
  | "sql"
  | "typescript"
  | "xml"
  | "yaml";

const BY_ENDING: Record<string, Language> = {
  sh: "bash",
  bash: "bash",
  zsh: "bash",
  c: "cpp",
  cc: "cpp",
  cpp: "cpp",
  h: "cpp",
  hpp: "cpp",
  css: "css",
  scss: "css",
  less: "css",
  diff: "diff",
  patch: "diff",
  go: "go",
  java: "java",
  kt: "java",
  json: "json",
  jsonc: "json",
  json5: "json",
  md: "markdown",
  mdx: "markdown",
  py: "python",
  pyi: "python",
  rs: "rust",
  sql: "sql",
  ts: "typescript",
  tsx: "typescript",
  mts: "typescript",
  cts: "typescript",
  js: "typescript",
  jsx: "typescript",
  mjs: "typescript",
  cjs: "typescript",
  html: "xml",
  htm: "xml",
  xml: "xml",
  svg: "xml",
  vue: "xml",
  toml: "yaml",
  ini: "yaml",
  yaml: "yaml",
  yml: "yaml",
};

const BY_NAME: Record<string, Language> = {
  dockerfile: "bash",
  makefile: "bash",
  ".bashrc": "bash",
  ".profile": "bash",
  "bun.lock": "json",
};

/** By a file's name. Null where none fits. */
export function languageOf(path: string): Language | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return BY_NAME[name] ?? BY_ENDING[name.slice(name.lastIndexOf(".") + 1)] ?? null;
}

/** What people write behind a fence that is no file's ending. */
const BY_FENCE: Record<string, Language> = {
  console: "bash",
  shell: "bash",
  terminal: "bash",
  dockerfile: "bash",
  makefile: "bash",
  javascript: "typescript",
  "c++": "cpp",
  golang: "go",
};

/** By what stands behind the fence of a code block in Markdown, such as `ts` or `python`. */
export function languageNamed(name: string): Language | null {
  const known = name.trim().toLowerCase();
  const isLanguage = Object.values(BY_ENDING).includes(known as Language);
  return BY_FENCE[known] ?? BY_ENDING[known] ?? (isLanguage ? (known as Language) : null);
}
