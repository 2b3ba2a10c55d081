import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readHead } from "./http-head.ts";
import { readAuthority, readProxyRequest } from "./proxy-request.ts";

function read(text: string) {
  const found = readHead(Buffer.from(text, "latin1"));
  if (found === null || found === "malformed") return found;
  return { ...readProxyRequest(found.head), rest: found.rest.toString() };
}

describe("the head of a request", () => {
  const whole = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nUser-Agent: x\r\n\r\nrest";

  test("is read wherever it is cut, and what follows it is kept", () => {
    const end = whole.indexOf("rest");
    for (let size = 0; size < end; size++) expect(readHead(Buffer.from(whole.slice(0, size)))).toBeNull();
    expect(read(whole)).toEqual({ via: "connect", host: "a.test", port: 443, rest: "rest" });
  });

  test.each([
    "GET http://a.test/ HTTP/1.1\nHost: a.test\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\nHost : a.test\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\n Host: a.test\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n folded\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\nHost: a.test\nX: y\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\nHost: a.test\rX: y\r\n\r\n",
    "GET http://a.test/ HTTP/1.1\r\nno colon\r\n\r\n",
    "\r\n\r\n",
    `GET http://a.test/ HTTP/1.1\r\n${"a: b\r\n".repeat(101)}\r\n`,
  ])("%j is malformed", (text) => {
    expect(read(text)).toBe("malformed");
  });

  test("makes a request, a refusal or neither of any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, isText) => {
        const bytes = isText
          ? Buffer.from(`GET http://a.test/ HTTP/1.1\r\n${Buffer.from(noise)}\r\n\r\n`)
          : Buffer.from(noise);
        const found = readHead(bytes);
        if (found !== null && found !== "malformed") readProxyRequest(found.head);
      }),
    );
  });
});

describe("a request to the proxy", () => {
  test.each<[string, number, string]>([
    ["GET / HTTP/1.1", 400, "This is a proxy"],
    ["GET a.test HTTP/1.1", 400, "This is a proxy"],
    ["GET ftp://a.test/ HTTP/1.1", 400, "This is a proxy"],
    ["GET https://a.test/ HTTP/1.1", 400, "CONNECT"],
    ["GET http://user@a.test/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://a.test:0/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://a.test:99999/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://a.test/#part HTTP/1.1", 400, "This is a proxy"],
    ["GET http:///x HTTP/1.1", 400, "This is a proxy"],
    ["GET http://localhost/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://a_b.test/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://127.1/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://0x7f000001/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://2130706433/ HTTP/1.1", 400, "This is a proxy"],
    ["GET http://a.test/ HTTP/2.0", 400, "first line"],
    ["get http://a.test/ HTTP/1.1", 400, "first line"],
    ["GET  http://a.test/ HTTP/1.1", 400, "first line"],
    ["CONNECT a.test HTTP/1.1", 400, "a host and a port"],
    ["CONNECT http://a.test:443 HTTP/1.1", 400, "a host and a port"],
    ["CONNECT a.test:443@b.test:443 HTTP/1.1", 400, "a host and a port"],
    ["GET http://a.test/ HTTP/1.1\r\nHost: b.test", 400, "Host"],
    ["GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nHost: a.test", 400, "Host"],
    ["GET http://a.test/ HTTP/1.1\r\nHost: a.test:8080", 400, "Host"],
    ["GET http://a.test/ HTTP/1.1\r\nHost:", 400, "Host"],
    ["POST http://a.test/ HTTP/1.1\r\nTransfer-Encoding: chunked", 411, "Content-Length"],
    ["POST http://a.test/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1", 400, "Content-Length"],
    ["POST http://a.test/ HTTP/1.1\r\nContent-Length: +1", 400, "Content-Length"],
    ["POST http://a.test/ HTTP/1.1\r\nContent-Length: 1, 1", 400, "Content-Length"],
  ])("%j is answered with %d", (text, status, words) => {
    expect(read(`${text}\r\n\r\n`)).toMatchObject({ status, detail: expect.stringContaining(words) });
  });

  test("in plain HTTP is handed on without what was meant for the proxy, one for each connection", () => {
    const text = [
      "POST http://A.test./x?y=http://b.test/ HTTP/1.1",
      "Host: a.test",
      "Proxy-Authorization: Bearer stolen",
      "Proxy-Connection: keep-alive",
      "Connection: keep-alive, X-Gone, Host",
      "X-Gone: 1",
      "Keep-Alive: 5",
      "Upgrade: websocket",
      "Expect: 100-continue",
      "Accept: a",
      "Content-Length: 3",
    ].join("\r\n");
    expect(read(`${text}\r\n\r\nabcdef`)).toEqual({
      via: "plain",
      host: "a.test",
      port: 80,
      bodyBytes: 3,
      head: {
        first: "POST /x?y=http://b.test/ HTTP/1.1",
        headers: [
          ["host", "a.test"],
          ["accept", "a"],
          ["content-length", "3"],
          ["connection", "close"],
        ],
      },
      rest: "abcdef",
    });
  });

  test("may leave out the path and the Host of HTTP/1.0", () => {
    expect(read("GET http://a.test HTTP/1.0\r\n\r\n")).toMatchObject({ head: { first: "GET / HTTP/1.0" } });
    expect(read("GET http://a.test?q HTTP/1.1\r\nhost: a.test:80\r\n\r\n")).toMatchObject({
      head: {
        first: "GET /?q HTTP/1.1",
        headers: [
          ["host", "a.test"],
          ["connection", "close"],
        ],
      },
    });
  });
});

test.each([
  ["a.test:443", "a.test", 443],
  ["A.TEST.:443", "a.test", 443],
  ["1.2.3.4:443", "1.2.3.4", 443],
  ["[2001:DB8::0:1]:443", "2001:db8::1", 443],
  ["[::ffff:1.2.3.4]:443", "::ffff:102:304", 443],
])("%s is a host and a port", (text, host, port) => {
  expect(readAuthority(text, null)).toEqual({ host, port });
});

test.each([
  "a.test",
  "a.test:",
  "a.test:x",
  "a.test:443:443",
  "::1:443",
  "[::1%lo]:443",
  "[a.test]:443",
  "-a.test:443",
  "a..test:443",
  "a.test.:443.",
  "a.1:443",
  "1.2.3:443",
  "01.2.3.4:443",
  "0300.0.0.1:443",
  "",
])("%s is none", (text) => {
  expect(readAuthority(text, null)).toBeNull();
});
