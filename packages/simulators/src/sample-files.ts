export interface SampleFile {
  path: string;
  content: string;
}

/** The files of the demo's project. `src/discount.js` has the mistake that `test/discount.test.js` finds. */
export const SAMPLE_FILES: readonly SampleFile[] = [
  {
    path: "README.md",
    content: `# cart

Works out what a shopping cart costs. All amounts are whole cents, so nothing is lost to rounding.

## Pricing rules

- A line of 10 pieces or more gets 15 % off (the bulk discount).
- A discount is rounded to the nearest cent.
- Shipping costs 4.90, and nothing from a subtotal of 50.00 on.

## Tests

    node --test

Node.js 18 or newer; there is nothing to install.
`,
  },
  { path: ".gitignore", content: "node_modules/\n" },
  {
    path: "package.json",
    content: `{
  "name": "cart",
  "version": "1.3.0",
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test"
  }
}
`,
  },
  {
    path: "src/money.js",
    content: `/** Turns cents into text: 1234 becomes "12.34". */
export function formatCents(cents) {
  const sign = cents < 0 ? "-" : "";
  const whole = Math.trunc(Math.abs(cents) / 100);
  const rest = String(Math.abs(cents) % 100).padStart(2, "0");
  return \`\${sign}\${whole}.\${rest}\`;
}

/** A share of an amount in percent, rounded to the nearest cent. */
export function percentOf(cents, percent) {
  return Math.round((cents * percent) / 100);
}
`,
  },
  {
    path: "src/discount.js",
    content: `import { percentOf } from "./money.js";

export const BULK_QUANTITY = 10;
export const BULK_PERCENT = 15;

/** The bulk discount of one line of the cart, in cents. */
export function bulkDiscount(line) {
  if (line.quantity > BULK_QUANTITY) {
    return percentOf(line.quantity * line.priceCents, BULK_PERCENT);
  }
  return 0;
}
`,
  },
  {
    path: "src/shipping.js",
    content: `export const SHIPPING_CENTS = 490;
export const FREE_FROM_CENTS = 5000;

/** What shipping costs for a subtotal, in cents. An empty cart is not shipped. */
export function shippingFor(subtotalCents) {
  if (subtotalCents === 0 || subtotalCents >= FREE_FROM_CENTS) {
    return 0;
  }
  return SHIPPING_CENTS;
}
`,
  },
  {
    path: "src/cart.js",
    content: `import { bulkDiscount } from "./discount.js";
import { shippingFor } from "./shipping.js";

/** A cart of lines such as { name: "Tea", priceCents: 350, quantity: 2 }. */
export class Cart {
  #lines = [];

  add(name, priceCents, quantity = 1) {
    if (!Number.isInteger(priceCents) || priceCents < 0) throw new RangeError("a price is whole cents");
    if (!Number.isInteger(quantity) || quantity < 1) throw new RangeError("a quantity is 1 or more");
    this.#lines.push({ name, priceCents, quantity });
    return this;
  }

  /** Sum of all lines after discounts, in cents. */
  subtotal() {
    return this.#lines.reduce(
      (sum, line) => sum + line.quantity * line.priceCents - bulkDiscount(line),
      0,
    );
  }

  /** What the customer pays, shipping included, in cents. */
  total() {
    const subtotal = this.subtotal();
    return subtotal + shippingFor(subtotal);
  }
}
`,
  },
  {
    path: "test/money.test.js",
    content: `import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCents, percentOf } from "../src/money.js";

test("cents become an amount with two digits", () => {
  assert.equal(formatCents(1234), "12.34");
  assert.equal(formatCents(5), "0.05");
  assert.equal(formatCents(-250), "-2.50");
});

test("a share is rounded to the nearest cent", () => {
  assert.equal(percentOf(999, 15), 150);
});
`,
  },
  {
    path: "test/cart.test.js",
    content: `import assert from "node:assert/strict";
import { test } from "node:test";
import { Cart } from "../src/cart.js";

test("an empty cart costs nothing", () => {
  assert.equal(new Cart().total(), 0);
});

test("lines add up and shipping comes on top", () => {
  const cart = new Cart().add("Tea", 350, 2).add("Mug", 1290);
  assert.equal(cart.subtotal(), 1990);
  assert.equal(cart.total(), 2480);
});

test("a quantity below one is refused", () => {
  assert.throws(() => new Cart().add("Tea", 350, 0), RangeError);
});
`,
  },
  {
    path: "test/shipping.test.js",
    content: `import assert from "node:assert/strict";
import { test } from "node:test";
import { shippingFor } from "../src/shipping.js";

test("shipping is free from 50.00 on", () => {
  assert.equal(shippingFor(4999), 490);
  assert.equal(shippingFor(5000), 0);
});
`,
  },
  {
    path: "test/discount.test.js",
    content: `import assert from "node:assert/strict";
import { test } from "node:test";
import { bulkDiscount } from "../src/discount.js";

test("nine pieces get no discount", () => {
  assert.equal(bulkDiscount({ priceCents: 200, quantity: 9 }), 0);
});

test("ten pieces get the bulk discount", () => {
  assert.equal(bulkDiscount({ priceCents: 200, quantity: 10 }), 300);
});

test("eleven pieces get the bulk discount", () => {
  assert.equal(bulkDiscount({ priceCents: 199, quantity: 11 }), 328);
});
`,
  },
];
