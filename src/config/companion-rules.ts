import type { Finding, Path } from "./fault.ts";
import { has, isMap } from "./findings.ts";
import type { AppPart, EnvironmentPart } from "./parts.ts";

/** One repository of `with:` as it stands in the file. */
export type RawCompanion = { readonly raw: Readonly<Record<string, unknown>>; readonly path: Path };

export function rawCompanions(app: AppPart): readonly RawCompanion[] {
  const list: readonly unknown[] = Array.isArray(app.raw["with"]) ? app.raw["with"] : [];
  return list.flatMap((raw, index) => (isMap(raw) ? [{ raw, path: [...app.path, "with", index] }] : []));
}

/** `with:` is obeyed in every environment of the app, or it is a fault: a set that is only half known is not what was tested. */
export function companionRules(app: AppPart): readonly Finding[] {
  const companions = rawCompanions(app);
  if (companions.length === 0) return [];
  return [
    ...apart(app, companions),
    ...app.environments.flatMap((environment) => [...carried(environment), ...besideShared(environment, companions)]),
  ];
}

/** One repository once, and one folder for each. */
function apart(app: AppPart, companions: readonly RawCompanion[]): readonly Finding[] {
  return companions.flatMap(({ raw, path }, index): Finding[] => {
    const others = companions.slice(0, index);
    const repository = raw["repository"];
    const twice = isSameWord(app.raw["repository"], repository) || others.some((other) => isSameWord(other.raw["repository"], repository));
    const within = others.find((other) => isWithin(other.raw["directory"], raw["directory"]));
    return [
      ...(twice && typeof repository === "string"
        ? [{ path: [...path, "repository"], at: "value" as const, says: `\`${repository}\` a second time`, write: "each repository once" }]
        : []),
      ...(within === undefined
        ? []
        : [
            {
              path: [...path, "directory"],
              at: "value" as const,
              says: "a folder of another repository of `with`",
              write: "a folder of its own",
            },
          ]),
    ];
  });
}

const CANNOT = "which `with` of this app cannot be brought to";

function carried({ draft, raw, path }: EnvironmentPart): readonly Finding[] {
  if (draft.deploy === "by_ci")
    return [
      {
        path: [...path, "deploy"],
        at: "value",
        says: `\`by_ci\`, ${CANNOT}`,
        write: "`deploy: automatically` or `approval`, with a `target` of type ssh",
      },
    ];
  const { target } = draft;
  if (target === undefined || !has(raw, "target") || (target.type === "ssh" && (target.recipe === "django" || target.recipe === "script")))
    return [];
  return [
    {
      path: [...path, "target"],
      at: "key",
      says: `a target of type ${target.type}, ${CANNOT}`,
      write: "`type: ssh` with `recipe: django` or `recipe: script`: only there is a checkout to bring it into",
    },
  ];
}

/** A link into `shared/` would take the place of the companion, or the companion that of the link. */
function besideShared({ draft, path }: EnvironmentPart, companions: readonly RawCompanion[]): readonly Finding[] {
  return (draft.target?.shared ?? []).flatMap((shared, index): Finding[] =>
    companions.some(({ raw }) => isWithin(shared.path, raw["directory"]))
      ? [
          {
            path: [...path, "target", "shared", index],
            at: "value",
            says: `\`${shared.path}\`, where \`with\` brings another repository`,
            write: "another folder",
          },
        ]
      : [],
  );
}

/** GitHub's names ignore case. */
function isSameWord(one: unknown, other: unknown): boolean {
  return typeof one === "string" && typeof other === "string" && one.toLowerCase() === other.toLowerCase();
}

/** Is one the other, or below it? */
function isWithin(one: unknown, other: unknown): boolean {
  if (typeof one !== "string" || typeof other !== "string") return false;
  const [a, b] = [`${one.replace(/\/$/, "")}/`, `${other.replace(/\/$/, "")}/`];
  return a.startsWith(b) || b.startsWith(a);
}
