/** Shorter ones would be found by chance. */
const SECRET_MIN_LENGTH = 8;
/** A line of a secret of several, as a private key is. */
const LINE_MIN_LENGTH = 16;

/**
 * The forms in which files and output commonly hold a secret: as it is, in base64 wherever it stands in what was encoded
 * (as in npm's `_auth` and Docker's `config.json`), URL-encoded and as part of a JSON string; of a secret of several
 * lines also each line that is long enough to mean something. None has a line break in it: whoever looks for them takes
 * line breaks out of the text first, which also joins base64 that was broken into lines.
 */
export function secretForms(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const isOneLine = lines.filter((line) => line !== "").length < 2;
  const parts = isOneLine ? [secret.trim()] : lines.filter((line) => line.length >= LINE_MIN_LENGTH);
  const whole = secret.replace(/[\r\n]+/g, "").trim();
  const plain = [whole, ...parts].filter((part) => part.length >= SECRET_MIN_LENGTH && !isBoundary(part));
  return [...new Set(plain.flatMap((part) => [part, ...inBase64(part), ...inUrls(part), ...inJson(part)]))];
}

/** `-----BEGIN PRIVATE KEY-----` is in every key. */
const isBoundary = (line: string) => /^-----(BEGIN|END) [A-Z0-9 ]+-----$/.test(line);

/** What stays the same of its base64 whatever stands before and after it: for each place that it may begin at. */
function inBase64(part: string): string[] {
  const bytes = Buffer.from(part);
  const standard = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = Math.ceil((before * 8) / 6);
    return encoded.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
  });
  return standard.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

function inUrls(part: string): string[] {
  // Half of a surrogate pair has no encoding: a text that came over the API in UTF-8 has none.
  const encoded = encodeURIComponent(part.toWellFormed());
  const strict = encoded.replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
  return [encoded, strict].flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (it) => it.toLowerCase()),
    form.replaceAll("%20", "+"),
  ]);
}

/** As most programs write it; some also write slashes, or what HTML reads, with a backslash. */
function inJson(part: string): string[] {
  const written = JSON.stringify(part).slice(1, -1);
  const forHtml = written.replace(/[<>&]/g, (it) => `\\u00${it.charCodeAt(0).toString(16)}`);
  return [written, written.replaceAll("/", "\\/"), forHtml];
}
