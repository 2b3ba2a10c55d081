import { describe, expect, test } from "bun:test";
import { refusalOf } from "./wall.ts";

describe("the wall", () => {
  test.each([
    ["GET", "/farhand/v1/assignment?after=0"],
    ["POST", "/farhand/v1/events"],
    ["POST", "/farhand/v1/deltas"],
    ["GET", "/farhand/v1/inbox?after=0"],
    ["POST", "/farhand/v1/messages"],
    ["GET", "/farhand/v1/attachment?id=0b9f6f0e-3b0a-4c59-9d6e-0a4f1c2d3e4f"],
    ["POST", "/v1/messages"],
    ["POST", "/v1/messages?beta=true"],
    ["POST", "/v1/messages/count_tokens?beta=true"],
    ["GET", "/v1/models"],
    ["GET", "/git/task.git/info/refs?service=git-upload-pack"],
    ["POST", "/git/task.git/git-upload-pack"],
    ["POST", "/git/task.git/git-receive-pack"],
  ])("lets %s %s through", (method, path) => {
    expect(refusalOf(method, `http://gateway${path}`)).toBeNull();
    expect(refusalOf(method, `http://127.0.0.1:41234${path}`)).toBeNull();
  });

  test.each([
    ["GET", "http://gateway/"],
    ["GET", "http://gateway/v1/messages"],
    ["HEAD", "http://gateway/v1/models"],
    ["OPTIONS", "http://gateway/v1/models"],
    ["DELETE", "http://gateway/v1/models"],
    ["GET", "http://gateway/v1/models/claude-sonnet-5-5"],
    ["POST", "http://gateway/v1/messages/batches"],
    ["POST", "http://gateway/v1/files"],
    ["POST", "http://gateway/v1/complete"],
    ["GET", "http://gateway//v1/models"],
    ["GET", "http://gateway/v1//models"],
    ["GET", "http://gateway/v1/models/"],
    ["GET", "http://gateway/v1/model%73"],
    ["GET", "http://gateway/v1%2fmodels"],
    ["POST", "http://gateway/v1/messages/%2e%2e/files"],
    ["POST", "http://gateway/v1/messages/../files"],
    ["GET", "http://gateway/V1/models"],
    ["GET", "http://gateway/git/task.git/HEAD"],
    ["GET", "http://gateway/git/task.git/objects/info/packs"],
    ["GET", "http://gateway/git/other.git/info/refs?service=git-upload-pack"],
    ["POST", "http://gateway/farhand/v1/assignment"],
    ["GET", "http://gateway/farhand/v1/messages"],
    ["GET", "http://gateway/farhand/v2/assignment"],
    ["GET", "http://registry.example.org/v1/models"],
    ["GET", "http://10.0.0.1/v1/models"],
    ["GET", "https://gateway/v1/models"],
    ["CONNECT", "api.example.org:443"],
    ["GET", ""],
  ])("refuses %s %s and says that it is policy", (method, url) => {
    const refusal = refusalOf(method, url);
    expect(refusal).toContain("This is policy");
    expect(refusal).toContain("will not help");
    expect(refusal).toContain("/v1/messages");
  });
});
