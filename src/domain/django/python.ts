/** A word of Python source, as far as a migration needs it: strings keep what is between their quotes. */
export type Token = { readonly kind: "name" | "string" | "number" | "mark"; readonly text: string };

const TRIPLE = /^[rbuRBU]{0,2}("""|''')((?:\\[^]|(?!\1)[^])*)\1/u;
const SINGLE = /^[rbuRBU]{0,2}(["'])((?:\\[^]|(?!\1)[^\\\n])*)\1/u;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/u;
const NUMBER = /^\d[\dA-Za-z_.]*/u;

/** Null: there is something in it that this does not know, such as an f-string. */
export function pythonTokens(source: string): readonly Token[] | null {
  const tokens: Token[] = [];
  for (let rest = source; rest !== "";) {
    const skipped = /^(?:[ \t\r\n]|\\\n|#[^\n]*)+/u.exec(rest);
    if (skipped !== null) {
      rest = rest.slice(skipped[0].length);
      continue;
    }
    const string = TRIPLE.exec(rest) ?? SINGLE.exec(rest);
    const other = string === null ? (NAME.exec(rest) ?? NUMBER.exec(rest)) : null;
    if (string !== null) tokens.push({ kind: "string", text: string[2] ?? "" });
    else if (other !== null && /^["']/u.test(rest.slice(other[0].length)) && NAME.test(rest)) return null;
    else if (other !== null) tokens.push({ kind: NAME.test(other[0]) ? "name" : "number", text: other[0] });
    else if (/^["']/u.test(rest)) return null;
    else tokens.push({ kind: "mark", text: rest.charAt(0) });
    rest = rest.slice((string ?? other)?.[0].length ?? 1);
  }
  return tokens;
}

/** `Name(first, key=second)`; arguments stay tokens. */
export type Call = {
  readonly callee: string;
  readonly positional: readonly (readonly Token[])[];
  readonly named: Readonly<Record<string, readonly Token[]>>;
};

const OPENS: ReadonlySet<string> = new Set(["(", "[", "{"]);
const CLOSES: ReadonlySet<string> = new Set([")", "]", "}"]);

/** The items of a list or of a call's arguments, without the brackets around them; null: brackets do not fit. */
export function itemsOf(tokens: readonly Token[]): readonly (readonly Token[])[] | null {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "mark" && OPENS.has(token.text)) depth += 1;
    if (token.kind === "mark" && CLOSES.has(token.text)) depth -= 1;
    if (depth < 0) return null;
    if (depth === 0 && token.kind === "mark" && token.text === ",") items.push([]);
    else items.at(-1)?.push(token);
  }
  return depth === 0 ? items.filter((item) => item.length > 0) : null;
}

/** What stands in the bracket that opens at this index, and where it closes; null: it does not. */
export function bracketAt(tokens: readonly Token[], index: number): { readonly inside: readonly Token[]; readonly end: number } | null {
  let depth = 0;
  for (let at = index; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== "mark") continue;
    if (OPENS.has(token.text)) depth += 1;
    if (CLOSES.has(token.text)) depth -= 1;
    if (depth === 0) return { inside: tokens.slice(index + 1, at), end: at };
  }
  return null;
}

/** Tokens that are one call and nothing else; null: they are not. */
export function callOf(tokens: readonly Token[]): Call | null {
  const open = tokens.findIndex((token) => token.kind === "mark" && token.text === "(");
  const callee = open > 0 ? dottedName(tokens.slice(0, open)) : null;
  const bracket = open > 0 ? bracketAt(tokens, open) : null;
  if (callee === null || bracket === null || bracket.end !== tokens.length - 1) return null;
  const items = itemsOf(bracket.inside);
  if (items === null) return null;
  const positional: (readonly Token[])[] = [];
  const named: Record<string, readonly Token[]> = {};
  for (const item of items) {
    const [first, second] = item;
    if (first?.kind === "mark" && first.text === "*") return null;
    const isNamed = first?.kind === "name" && second?.kind === "mark" && second.text === "=" && item[2]?.text !== "=";
    if (isNamed) named[first.text] = item.slice(2);
    else positional.push(item);
  }
  return { callee, positional, named };
}

/** `migrations.RunPython.noop`; null: it is no dotted name. */
export function dottedName(tokens: readonly Token[]): string | null {
  const fits = tokens.every((token, index) => (index % 2 === 0 ? token.kind === "name" : token.kind === "mark" && token.text === "."));
  return fits && tokens.length % 2 === 1 ? tokens.map((token) => token.text).join("") : null;
}

/** The one plain string that an argument is; null: it is something else. */
export function stringOf(tokens: readonly Token[] | undefined): string | null {
  const [only, second] = tokens ?? [];
  return only?.kind === "string" && second === undefined ? only.text : null;
}
