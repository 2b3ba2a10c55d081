const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Node = readonly unknown[];

/**
 * An immutable sequence that shares what did not change with the one it was made from: `push` and `set` copy
 * log₃₂(length) small arrays, so that one more event costs a task of 10,000 as little as a task of ten.
 */
export class List<T> implements Iterable<T> {
  readonly length: number;
  /** Levels above the leaves. */
  readonly depth: number;
  readonly root: Node;

  private constructor(length: number, depth: number, root: Node) {
    this.length = length;
    this.depth = depth;
    this.root = root;
  }

  static empty<T>(): List<T> {
    return new List<T>(0, 0, []);
  }

  static of<T>(items: Iterable<T>): List<T> {
    let list = List.empty<T>();
    for (const item of items) list = list.push(item);
    return list;
  }

  get(index: number): T | undefined {
    if (index < 0 || index >= this.length) return undefined;
    let node = this.root;
    for (let level = this.depth; level > 0; level--) node = child(node, (index >> (level * BITS)) & MASK);
    return node[index & MASK] as T;
  }

  last(): T | undefined {
    return this.get(this.length - 1);
  }

  /** @throws RangeError where there is no such place. */
  set(index: number, item: T): List<T> {
    if (index < 0 || index >= this.length)
      throw new RangeError(`no item ${index} in a list of ${this.length}`);
    return new List<T>(this.length, this.depth, replaced(this.root, this.depth, index, item));
  }

  push(item: T): List<T> {
    const isFull = this.length === WIDTH ** (this.depth + 1);
    const depth = isFull ? this.depth + 1 : this.depth;
    const root = isFull ? [this.root] : this.root;
    return new List<T>(this.length + 1, depth, replaced(root, depth, this.length, item));
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.toArray();
  }

  /** The same array for the same list, so that a view which is drawn twice is the same to whoever compares. */
  toArray(): readonly T[] {
    const known = arrays.get(this);
    if (known) return known as readonly T[];
    const items: unknown[] = [];
    collect(this.root, this.depth, items);
    arrays.set(this, items);
    return items as T[];
  }
}

const arrays = new WeakMap<object, readonly unknown[]>();

const child = (node: Node, index: number): Node => (node[index] as Node | undefined) ?? [];

function replaced(node: Node, level: number, index: number, item: unknown): Node {
  const copy = node.slice();
  const place = (index >> (level * BITS)) & MASK;
  copy[place] = level === 0 ? item : replaced(child(node, place), level - 1, index, item);
  return copy;
}

function collect(node: Node, level: number, into: unknown[]): void {
  if (level === 0) into.push(...node);
  else for (const below of node) collect(below as Node, level - 1, into);
}
