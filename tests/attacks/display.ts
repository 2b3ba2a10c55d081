import { join } from "node:path";
import attackSummary from "../../packages/simulators/scenarios/attack-summary.json";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";

const AREA = "display";
const ESC = "\u001b";

/** Sets the clipboard, the title, a link and the screen, makes the terminal type, goes up a line, and reorders text. */
const EVIL = [
  `${ESC}]52;c;ZXZpbA==\u0007`,
  `${ESC}]0;evil title\u0007`,
  `${ESC}]8;;http://exfiltrated.test/\u0007link${ESC}]8;;\u0007`,
  `${ESC}[2J${ESC}[H`,
  `${ESC}[6n${ESC}[c`,
  `${ESC}P$q"p${ESC}\\`,
  `\n${ESC}[1A${ESC}[2K+ all tests pass\n`,
  "\u009b31m\u009d52;c;ZXZpbA==\u009c",
  "\u202eecilam\u202c \u2066x\u2069",
  "\u0008\u0008\u0008overwritten\u0007",
  "\nreal line\rfake line",
  `\nseen before ${ESC}]0;and never ended\nhidden line`,
  "\nadmin\u200b\u2028tagged\u{e0041}",
].join(" ");

/** What only an attacker's text has in it: no command of ours sends one of these. */
const DANGEROUS = new RegExp(
  [
    `${ESC}\\]`,
    `${ESC}P`,
    `${ESC}\\[6n`,
    `${ESC}\\[c`,
    `${ESC}\\[2J`,
    "\u009b",
    "\u009d",
    "\u202e",
    "\u2066",
    "\u0007",
    "\u0008",
    "\u200b",
    "\u2028",
    "\u{e0041}",
  ].join("|"),
  "u",
);

/** Where a person looks before they let it pass, each of these has to be seen: none is what it seems without. */
const TO_BE_SEEN = ["real line<U+000D>fake line", "hidden line", "admin<U+200B><U+2028>tagged<U+E0041>"];

/** Puts it into a tool's output, the names and contents of files, a commit's message, and the summary. */
const SCRIPT = `cd /workspace/repo; evil=$(printf '%s' '${Buffer.from(EVIL).toString("base64")}' | base64 -d)
printf '%s\\n' "$evil"; printf '%s\\n' "$evil" > evil.txt
name=$(printf '\\033]0;x\\007name\\033[2J\\342\\200\\256.txt'); echo x > "$name"
git add -A; git commit -q -m "$evil"; true`;

const cli = join(import.meta.dir, "../../packages/cli/src/main.ts");

/** What a person at a terminal gets to see, byte for byte. */
async function shown(arena: Arena, ...argv: string[]): Promise<string> {
  const command = [process.execPath, cli, ...argv].map((part) => `'${part}'`).join(" ");
  const { PATH } = process.env;
  const child = Bun.spawn(["script", "-qec", `stty cols 200 rows 60; ${command}`, "/dev/null"], {
    env: {
      PATH,
      HOME: arena.folder,
      TERM: "xterm-256color",
      COLUMNS: "200",
      LINES: "60",
      FARHAND_URL: arena.coordinatorUrl,
      FARHAND_TOKEN: arena.secrets.owner,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return out;
}

const seen = (texts: string[]): Attempt => {
  const all = texts.join("\n");
  const hit = DANGEROUS.exec(all);
  const at = hit?.index ?? 0;
  return {
    succeeded: hit !== null,
    evidence:
      hit === null ? `${all.length} characters without one` : all.slice(Math.max(0, at - 60), at + 60),
  };
};

const html = `<html><script>fetch("/api/tasks")</script><img src=x onerror=alert(1)></html>`;

export const displayAttacks: Attack[] = [
  {
    area: AREA,
    name: "terminal escapes in output, files, names and summaries",
    by: "the command line strips every control, and shows it where something is judged",
    async try(arena) {
      await arena.agent.run(SCRIPT);
      const { taskId } = arena.agent;
      const texts = [
        await shown(arena, "watch", taskId),
        await shown(arena, "diff", taskId),
        await shown(arena, "files", taskId),
        await shown(arena, "files", taskId, "evil.txt"),
        await shown(arena, "tasks", "--limit", "1000"),
      ];
      // The words themselves have to be there: an empty screen proves nothing.
      for (const [index, word] of [
        "all tests pass",
        "all tests pass",
        "name",
        "all tests pass",
        taskId.slice(-6),
      ].entries())
        if (!texts[index]?.includes(word))
          throw new Error(`not shown (${index}): ${JSON.stringify(texts[index]?.slice(-600))}`);
      const [, diff = "", , file = ""] = texts;
      const unseen = TO_BE_SEEN.filter((words) => ![diff, file].every((text) => text.includes(words)));
      if (unseen.length > 0) return { succeeded: true, evidence: `not seen: ${unseen.join(", ")}` };
      return seen(texts);
    },
    async control(arena) {
      // A client that prints what it gets.
      const bodies = await arena.world.bodies(arena.agent.taskId, "tool.finished");
      return seen(
        bodies.map(({ content }) => (typeof content === "string" ? content : JSON.stringify(content))),
      );
    },
  },
  {
    area: AREA,
    name: "pages and pictures of the repository, as pages of ours",
    by: "raw files come as attachments, of no type, in a sandbox",
    async try(arena) {
      await arena.agent.run(
        `cd /workspace/repo; printf '%s' '${html}' | tee evil.html > evil.svg; cp evil.html 'evil.js'; true`,
      );
      const answers = await Promise.all(
        ["evil.html", "evil.svg", "evil.js"].map((path) =>
          fetch(`${arena.coordinatorUrl}/api/tasks/${arena.agent.taskId}/files/raw?path=${path}`, {
            headers: { authorization: `Bearer ${arena.secrets.owner}` },
          }),
        ),
      );
      for (const answer of answers) if (!answer.ok) throw new Error(`not served: ${answer.status}`);
      return rendered(answers);
    },
    async control() {
      // A server that goes by the name's end.
      return rendered([new Response(html, { headers: { "content-type": "text/html" } })]);
    },
  },
  {
    area: AREA,
    name: "pictures, mentions, closing words and HTML in a pull request",
    by: "the summary is made quiet markdown, below our own line",
    async try(arena) {
      const { id } = await arena.world.create({ prompt: "Do it. [scenario:attack-summary]" });
      const task = await arena.world.ended(id);
      const pull = arena.world.sample.pulls.find(({ head }) => head === task.branch);
      await arena.world.client.archive(id);
      if (!pull?.body?.includes("The change is small."))
        throw new Error(`no pull request of it: ${task.state} ${task.failure?.message} ${pull?.body}`);
      return onTheForge({ title: pull.title, body: pull.body });
    },
    async control() {
      // As it was written.
      const [, { toolUses } = { toolUses: [] }] = attackSummary.turns;
      const { title = "", summary = "" } = (toolUses?.[0]?.input ?? {}) as {
        title?: string;
        summary?: string;
      };
      return onTheForge({ title, body: summary });
    },
  },
  {
    area: AREA,
    name: "HTML in prompts, paths and errors, as a page of ours",
    by: "the API answers JSON, without sniffing, under a policy that runs nothing",
    async try(arena) {
      const headers = { authorization: `Bearer ${arena.secrets.owner}`, accept: "text/html" };
      const evil = encodeURIComponent(html);
      const paths = [
        `/api/tasks/${evil}`,
        `/api/tasks/${arena.agent.taskId}/files?path=${evil}`,
        `/api/${evil}`,
        `/${evil}`,
        `/api/tasks/${arena.agent.taskId}/events?limit=${evil}`,
      ];
      return rendered(
        await Promise.all(paths.map((path) => fetch(`${arena.coordinatorUrl}${path}`, { headers }))),
      );
    },
    async control() {
      return rendered([new Response(`not found: ${html}`, { headers: { "content-type": "text/html" } })]);
    },
  },
];

/** What a forge would make of a pull request's text: pictures, mentions, closed issues, HTML, words in our name. */
function onTheForge({ title, body }: { title: string; body: string }): Attempt {
  const page = Bun.markdown.html(body);
  const words = page
    .replace(/<code>[^<]*<\/code>/g, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&amp;/g, "&");
  const got = [
    ...(/<img|<details|<!--/.test(page) ? ["HTML or a picture"] : []),
    ...(/(^|[^A-Za-z0-9])@[a-z]/.test(words) ? ["a mention"] : []),
    ...(/\b(closes|fixes|resolves) \S*#\d/i.test(`${title}\n${words}`) ? ["a closed issue"] : []),
    ...(body.startsWith("Asked of Farhand") ? [] : ["the first word"]),
  ];
  return {
    succeeded: got.length > 0,
    evidence: `${got.join(", ") || "nothing"}: ${title}: ${body.slice(0, 300)}`,
  };
}

/** Whether a browser would take some answer for a page, or for a program of one. */
function rendered(answers: Response[]): Attempt {
  const kinds = answers.map(({ headers }) => {
    const type = headers.get("content-type") ?? "sniffed";
    const isInert = /^application\/(json|problem\+json|octet-stream)/.test(type);
    const isSniffed = headers.get("x-content-type-options") !== "nosniff";
    return isInert && !isSniffed ? "inert" : `${type}${isSniffed ? ", sniffed" : ""}`;
  });
  return { succeeded: kinds.some((kind) => kind !== "inert"), evidence: kinds.join("; ") };
}
