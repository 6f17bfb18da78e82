/** The operations of `sqlmigrate`: each has a heading of three comment lines, then its statements. */
export type SqlSection = { readonly title: string; readonly statements: readonly string[]; readonly written: boolean };

const UNWRITTEN = /THIS OPERATION CANNOT BE WRITTEN AS SQL|MIGRATION NOW PERFORMS OPERATION THAT CANNOT BE WRITTEN AS SQL/u;

/**
 * `sqlmigrate app NNNN`, per operation. Statements are lines, as Django prints them; raw SQL of several lines stays several
 * statements. Null when it is not what `sqlmigrate` prints.
 */
export function parseSqlMigrate(output: string): readonly SqlSection[] | null {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const sections: { title: string; statements: string[]; written: boolean }[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line === "" || line === "BEGIN;" || line === "COMMIT;") continue;
    const current = sections.at(-1);
    const heading = headingAt(lines, index);
    if (heading !== null) {
      sections.push({ title: heading.title, statements: [], written: heading.written });
      index += heading.length - 1;
    } else if (current === undefined) {
      return null;
    } else if (UNWRITTEN.test(line)) {
      current.written = false;
    } else if (!line.startsWith("--")) {
      current.statements.push(line);
    }
  }
  return sections;
}

/** `--`, `-- title`, `--`; Django 3.2 puts a warning between the first two. */
function headingAt(lines: readonly string[], index: number): { title: string; written: boolean; length: number } | null {
  if (lines[index] !== "--") return null;
  const warned = UNWRITTEN.test(lines[index + 1] ?? "");
  const at = index + (warned ? 2 : 1);
  const title = /^-- (\S.*)$/u.exec(lines[at] ?? "")?.[1];
  if (title === undefined || lines[at + 1] !== "--") return null;
  return { title, written: !warned, length: at + 2 - index };
}

/**
 * What a new column is to code that does not know it: PostgreSQL, MySQL and SQLite by `ADD COLUMN`; older Djangos on SQLite by a
 * table of another name that takes the old one's place. A default that is dropped again does not count: the database does not keep it.
 */
export function fateOfField(statements: readonly string[], field: string): "may stay empty" | "must be filled" {
  const names = new Set([field.toLowerCase(), `${field.toLowerCase()}_id`]);
  for (const statement of statements) {
    const added = /\bADD COLUMN\s+["`]?([^"`\s]+)["`]?\s+(.*)$/isu.exec(statement);
    if (added !== null) return columnFate(added[2] ?? "", dropsDefault(statements, added[1] ?? ""));
    const remade = /^CREATE TABLE\s+["`]new__[^"`]+["`]\s*\((.*)$/isu.exec(statement);
    const column = remade === null ? undefined : columnsOf(remade[1] ?? "").find((one) => names.has(one.name));
    if (column !== undefined) return columnFate(column.definition, false);
  }
  // A field of many values has a table of its own.
  return statements.length > 0 &&
    statements.every((statement) =>
      /^(?:CREATE (?:TABLE|(?:UNIQUE )?INDEX) (?!["`]new__)|ALTER TABLE .* ADD CONSTRAINT )/isu.test(statement),
    )
    ? "may stay empty"
    : "must be filled";
}

function columnFate(definition: string, defaultDropped: boolean): "may stay empty" | "must be filled" {
  const own = definition.replace(/'(?:[^']|'')*'/gu, "''");
  if (!/\bNOT NULL\b/iu.test(own) && /\bNULL\b/iu.test(own)) return "may stay empty";
  return /\bDEFAULT\b/iu.test(own) && !defaultDropped ? "may stay empty" : "must be filled";
}

function dropsDefault(statements: readonly string[], column: string): boolean {
  return statements.some((statement) => /\bDROP DEFAULT\b/iu.test(statement) && statement.includes(column));
}

/** `"name" definition` at the top level of a CREATE TABLE. */
function columnsOf(body: string): readonly { readonly name: string; readonly definition: string }[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of body) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth < 0) break;
    if (character === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += character;
  }
  return [...parts, part].flatMap((text) => {
    const found = /^\s*["`]([^"`]+)["`]\s+(.*)$/su.exec(text);
    return found === null ? [] : [{ name: (found[1] ?? "").toLowerCase(), definition: found[2] ?? "" }];
  });
}

/** What the SQL of a project drops or renames, in words; null: nothing of that. A table that SQLite remakes is not dropped. */
export function statementsDrop(statements: readonly string[]): string | null {
  const text = statements.join("\n").replace(/'(?:[^']|'')*'/gu, "''");
  if (/\bDROP\s+(?:TABLE|COLUMN|VIEW|SCHEMA|MATERIALIZED\s+VIEW)\b/iu.test(text)) return "what its SQL drops";
  return /\bRENAME\b/iu.test(text) ? "what its SQL renames" : null;
}
