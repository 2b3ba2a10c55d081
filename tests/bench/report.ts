import { type Figure, figure, said } from "./figures.ts";

interface Line {
  what: string;
  unit: string;
  digits: number;
  /** By the name of what was measured. */
  cells: Record<string, Figure | string>;
}

/** What is measured, as it comes and as a table at the end. */
export class Report {
  readonly #columns: string[];
  readonly #lines: Line[] = [];

  /** @param columns names of what is measured, beside each other in the table */
  constructor(columns: string[]) {
    this.#columns = columns;
  }

  /** How far it is: to standard error, so that the table is alone in a file. */
  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** One value for each run. */
  measured(of: string, what: string, unit: string, values: readonly number[], digits = 0): void {
    const found = figure(values);
    this.#line(what, unit, digits).cells[of] = found;
    this.note(`${of}: ${what}: ${said(found, digits)} ${unit}`);
  }

  /** What is no number. */
  noted(of: string, what: string, found: string): void {
    this.#line(what, "", 0).cells[of] = found;
    this.note(`${of}: ${what}: ${found}`);
  }

  print(asJson: boolean): void {
    process.stdout.write(
      asJson ? `${JSON.stringify(this.#lines, null, 2)}\n` : `${this.#table().join("\n")}\n`,
    );
  }

  #line(what: string, unit: string, digits: number): Line {
    const known = this.#lines.find((line) => line.what === what);
    if (known) {
      known.unit ||= unit;
      known.digits ||= digits;
      return known;
    }
    const line = { what, unit, digits, cells: {} };
    this.#lines.push(line);
    return line;
  }

  #table(): string[] {
    const row = (cells: string[]) => `| ${cells.join(" | ")} |`;
    const cell = (found: Figure | string | undefined, digits: number) =>
      typeof found === "object" ? said(found, digits) : (found ?? "");
    return [
      row(["median (range)", "unit", ...this.#columns]),
      row(["---", "---", ...this.#columns.map(() => "---:")]),
      ...this.#lines.map(({ what, unit, digits, cells }) =>
        row([what, unit, ...this.#columns.map((column) => cell(cells[column], digits))]),
      ),
    ];
  }
}
