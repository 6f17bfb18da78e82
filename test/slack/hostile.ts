import type { Words } from "./shop.ts";

/** What commits, hosts, issues and people have been called to break or fool a chat. */
export const HOSTILE: readonly string[] = [
  "",
  " \n\t ",
  "<!channel> <!here> <@U01ANN> <!subteam^S01>",
  "&lt;!channel&gt; & <https://evil.test|click>",
  "*bold* _it_ ~no~ `code` ```",
  "\u202egnp.exe\u202c \u200b\u2066x\u2069",
  "\u{e0041}\u{e0042} tag",
  "\ud800 lone",
  "😀".repeat(400),
  "&".repeat(5000),
  "<".repeat(5000),
  "long word ".repeat(900),
  "a|b>c",
  "\u0000\u0007\u001b[31mred",
  ':rocket: {"d":1}',
];

const ADDRESSES = ["javascript:alert(1)", "https://x.test/|y>z", "http://a b", `https://x.test/${"p".repeat(4000)}`, "https://u:p@x.test/"];

export function hostile(index: number): Words {
  const at = (shift: number): string => HOSTILE[(index + shift) % HOSTILE.length] ?? "";
  return { title: at(0), name: at(1) === "" ? "x" : at(1), host: at(2), url: ADDRESSES[index % ADDRESSES.length] ?? "" };
}

/** Calls somebody, or hides something. */
export const CALLS = /<!(?:channel|here|everyone|subteam)|<@/u;
export const HIDES = /[\u202a-\u202e\u2066-\u2069\u200b\u{e0041}]/u;
