import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import type { Ran } from "./engine.ts";
import { withTheNaiveMeter } from "./naive-meter.ts";

/** One that the sandbox's own worker does not ask, so that its calls can be told from those of the attack. */
const MODEL = "claude-haiku-5-5";

/**
 * Has the same dear answer three times: once to its end, which tells its cost; once streamed, hung up on when the words
 * are there and the bill is not; once whole, hung up on before it begins.
 */
const HANG_UP = `python3 - <<'PYTHON'
import glob, json, os, socket
def token():
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            for part in open(path, "rb").read().split(b"\\0"):
                if part.startswith(b"FARHAND_ATTEMPT_TOKEN="): return part.split(b"=", 1)[1]
        except OSError: pass
    return os.environ.get("FARHAND_ATTEMPT_TOKEN", "").encode()
def ask(stream):
    body = json.dumps({"model": "${MODEL}", "max_tokens": 2000, "stream": stream, "thinking": {"type": "disabled"},
        "messages": [{"role": "user", "content": "Say it. [scenario:attack-dear]"}]}).encode()
    s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect("/run/farhand/g.sock")
    s.sendall(b"POST /v1/messages HTTP/1.1\\r\\nhost: localhost\\r\\nauthorization: Bearer " + token()
        + b"\\r\\nanthropic-version: 2023-06-01\\r\\ncontent-type: application/json\\r\\nconnection: close\\r\\ncontent-length: "
        + str(len(body)).encode() + b"\\r\\n\\r\\n" + body)
    return s
def read(s, until=None):
    got = b""
    while until is None or until not in got:
        more = s.recv(65536)
        if not more: break
        got += more
    return got.decode()
whole = read(ask(False))
print("in full:", json.loads(whole[whole.index("{"):whole.rindex("}") + 1])["usage"]["output_tokens"])
s = ask(True)
heard = read(s, b"nobody")
print("heard:", "nobody" in heard, "bill:", "message_delta" in heard)
s.close()
s = ask(False)
try:
    s.settimeout(0.2); s.recv(1); print("it came at once")
except TimeoutError: print("not heard at all")
s.close()
PYTHON`;

const CALLS = 3;

/** Whether the calls were counted with less than they have used. */
function verdict(ran: Ran, counted: number[]): Attempt {
  const each = Number(/in full: (\d+)/.exec(ran.output)?.[1] ?? 0);
  const isPlayed =
    each > 100 && ran.output.includes("heard: True bill: False") && ran.output.includes("not heard at all");
  if (!isPlayed) throw new Error(`the calls were not hung up on: ${ran.output.slice(-500)}`);
  const sum = counted.reduce((total, tokens) => total + tokens, 0);
  return {
    succeeded: sum < CALLS * each,
    evidence: `${CALLS} answers of ${each} tokens each were had; ${sum} were counted, in ${counted.length} calls`,
  };
}

/** Those of the attack in the log of the hostile task. */
async function countedOf({ world, agent }: Arena): Promise<number[]> {
  const used = await world.bodies(agent.taskId, "model.used");
  return used.filter(({ model }) => model === MODEL).map(({ usage }) => usage.outputTokens);
}

/** Waits as long as the answers can take that nobody listens to. */
async function settled(count: () => Promise<number[]>, before: number): Promise<number[]> {
  const until = Date.now() + 10_000;
  for (;;) {
    const counted = (await count()).slice(before);
    if (counted.length >= CALLS || Date.now() > until) return counted;
    await Bun.sleep(100);
  }
}

export const moneyAttacks: Attack[] = [
  {
    area: "money",
    name: "hanging up before the bill",
    by: "the gateway reads and counts what the sandbox hangs up on",
    async try(arena) {
      const before = (await countedOf(arena)).length;
      const ran = await arena.agent.run(HANG_UP);
      return verdict(ran, await settled(() => countedOf(arena), before));
    },
    async control(arena) {
      const { counted } = arena.naiveMeter;
      const before = counted.length;
      const ran = await arena.control(withTheNaiveMeter).run(HANG_UP);
      return verdict(ran, await settled(async () => counted, before));
    },
  },
];
