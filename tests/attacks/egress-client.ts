import { BRIDGE } from "./engine.ts";
import { NAIVE_PROXY_PORT } from "./naive-proxy.ts";

/** Printed where a host that is allowed could be reached. */
export const OPEN = "THE WAY IS OPEN";

/**
 * A client of the gateway's proxy, past whatever the worker makes of it; in a control, of a naive proxy. `ask` gives the
 * answer's status and text; what is to follow a CONNECT is sent once that is answered.
 */
export const CLIENT = `import glob, os, socket, ssl
def token():
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            for part in open(path, "rb").read().split(b"\\0"):
                if part.startswith(b"FARHAND_ATTEMPT_TOKEN="): return part.split(b"=", 1)[1]
        except OSError: pass
    return b""
def door(bearer=None):
    if os.path.exists("/run/farhand/e.sock"):
        s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect("/run/farhand/e.sock")
        s.sendall(b"Bearer " + (token() if bearer is None else bearer) + b"\\r\\n")
        return s
    s = socket.create_connection(("${BRIDGE.v4}", ${NAIVE_PROXY_PORT}), 4); s.settimeout(4)
    return s
def read(s):
    got = b""
    try:
        while len(got) < 100000:
            more = s.recv(65536)
            if not more: break
            got += more
            if b"\\r\\n\\r\\n" in got and got.startswith(b"HTTP/1.1 200 Connection"): break
    except OSError as error: got += str(error).encode()
    return got.decode("latin1")
def ask(head, after=b"", bearer=None):
    try:
        s = door(bearer); s.sendall(head.encode("latin1") + b"\\r\\nConnection: close\\r\\n\\r\\n" if b"CONNECT" not in head.encode()[:8] else head.encode("latin1") + b"\\r\\n\\r\\n")
        text = read(s)
        if after and " 200 " in text.split("\\r\\n")[0]:
            s.sendall(after); s.settimeout(0.7); text += read(s)
        s.close()
    except OSError as error: text = "ERROR " + str(error)
    print(head.split("\\r\\n")[0], "->", text.split("\\r\\n")[0][:120], text[-300:].replace("\\r\\n", " ")); return text
def hello(name):
    context = ssl.create_default_context(); incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try: client.do_handshake()
    except ssl.SSLWantReadError: pass
    return outgoing.read()
`;

/** Shows that what is allowed works, so that no broken way passes for a wall. */
export const PROOF = `if " 200 " in ask("CONNECT allowed.example.com:443 HTTP/1.1\\r\\nHost: allowed.example.com:443", hello("allowed.example.com"))[:20]: print("${OPEN}")
`;

/** The client with a script after it, for a shell. */
export const client = (script: string) => `python3 - <<'PYTHON'\n${CLIENT}${script}\nPYTHON`;

export const connect = (host: string, after: string) =>
  `ask("CONNECT ${host} HTTP/1.1\\r\\nHost: ${host}", ${after})`;
export const get = (url: string, host: string) => `ask("GET ${url} HTTP/1.1\\r\\nHost: ${host}")`;
