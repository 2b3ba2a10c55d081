import { isPlainHttp, parseServerAddress } from "./server-address.ts";

test.each([
  ["https://farhand.example.com", "https://farhand.example.com", null],
  [" farhand.example.com ", "https://farhand.example.com", null],
  ["farhand.example.com:8443/", "https://farhand.example.com:8443", null],
  ["localhost:8787", "http://localhost:8787", null],
  ["192.168.1.20:8787", "http://192.168.1.20:8787", null],
  ["https://f.example.com/setup?token=abc-1", "https://f.example.com", "/setup?token=abc-1"],
  ["https://f.example.com/link?token=abc&x=1", "https://f.example.com", "/link?token=abc"],
  ["https://f.example.com/elsewhere?token=abc", "https://f.example.com", null],
])("%s is understood", (given, baseUrl, linkPath) => {
  expect(parseServerAddress(given)).toEqual({ baseUrl, linkPath });
});

test.each([
  "",
  "a b",
  "ftp://example.com",
  "javascript:alert(1)",
  "https://you:secret@example.com",
  "https://",
])("%s is no address", (given) => {
  expect(parseServerAddress(given)).toBeNull();
});

test("only what leaves this machine without TLS is called plain", () => {
  expect(isPlainHttp("http://192.168.1.20:8787")).toBe(true);
  expect(isPlainHttp("http://127.0.0.1:8787")).toBe(false);
  expect(isPlainHttp("https://f.example.com")).toBe(false);
});
