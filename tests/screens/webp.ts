import type { Browser } from "playwright-core";

/** Makes a WebP of a PNG, a third as large: the repository holds every picture. The browser has the encoder. */
export async function toWebp(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  try {
    const url = await page.evaluate<string>(`(async () => {
      const bytes = Uint8Array.from(atob("${png.toString("base64")}"), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", 0.85);
    })()`);
    return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
  } finally {
    await page.close();
  }
}
