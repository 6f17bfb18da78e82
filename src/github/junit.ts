import { XMLParser } from "fast-xml-parser";
import { reportOf, type JUnit, type WrittenTest } from "../domain/junit.ts";

/** Of one attribute, in characters. */
const MOST_ATTRIBUTE = 64 * 1024;
const ATTRIBUTES = ":@";

/** The order of the file stays, so that one child is a list too. Nothing is expanded, and of what tests wrote nothing is looked at. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  parseTagValue: false,
  processEntities: false,
  stopNodes: ["..failure", "..error", "..skipped", "..system-out", "..system-err"],
});

/** Reads one report; null: it is no JUnit, or is made to harm. A document type, and so an entity of its own, is refused. */
export function readJUnit(text: string): JUnit | null {
  const begin = text.search(/<testsuites?[\s/>]/);
  if (begin === -1 || /<!(?!--)/.test(text.slice(0, begin))) return null;
  try {
    const top = elementsOf(parser.parse(text)).filter(({ name }) => !name.startsWith("?"));
    if (top.some(({ name }) => name !== "testsuites" && name !== "testsuite")) return null;
    return reportOf(testsIn(top));
  } catch {
    return null;
  }
}

type Element = { readonly name: string; readonly children: unknown; readonly attributes: Readonly<Record<string, unknown>> };

function elementsOf(nodes: unknown): readonly Element[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: unknown): Element[] => {
    if (!isRecord(node)) return [];
    const found = Object.entries(node).find(([key]) => key !== ATTRIBUTES && key !== "#text");
    const attributes = node[ATTRIBUTES];
    return found === undefined ? [] : [{ name: found[0], children: found[1], attributes: isRecord(attributes) ? attributes : {} }];
  });
}

function* testsIn(elements: readonly Element[]): Generator<WrittenTest> {
  for (const { name, children, attributes } of elements) {
    if (name !== "testcase") {
      yield* testsIn(elementsOf(children));
      continue;
    }
    const said = (key: string): string => plain(attributes[key]);
    const marks = elementsOf(children).map((child) => child.name);
    yield { name: said("name"), group: said("classname"), file: said("file"), line: said("line"), marks };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The five entities that XML itself has, and numbered signs. @throws when it is too long to be meant. */
function plain(text: unknown): string {
  if (typeof text !== "string") return "";
  if (text.length > MOST_ATTRIBUTE) throw new Error("an attribute of a report is too long");
  return text.replaceAll(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole: string, word?: string, decimal?: string, hex?: string) => {
      if (word !== undefined) return ENTITIES[word] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
}
