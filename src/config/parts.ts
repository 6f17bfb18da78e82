import type { z } from "zod";
import type { ConnectionKind } from "../domain/config.ts";
import { EnvironmentShape } from "./environment-yml.ts";
import type { Path } from "./fault.ts";
import { isMap } from "./findings.ts";
import { ConnectionShape, type PersonDraft, PersonShape } from "./greenlight-yml.ts";

type SoundKeys = z.output<typeof AnyKeys>;

/** One environment: as it stands in the file, and typed as far as each of its keys is well-formed by itself. */
export type EnvironmentPart = {
  readonly app: string;
  readonly name: string;
  readonly path: Path;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly draft: SoundKeys;
};

export type AppPart = {
  readonly name: string;
  readonly path: Path;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly environments: readonly EnvironmentPart[];
};

/** The file in parts, so that a fault in one environment does not hide those of the next. */
export type Parts = {
  readonly channel: unknown;
  /** Null: declared, but its shape is at fault. */
  readonly connections: ReadonlyMap<string, ConnectionKind | null>;
  readonly people: readonly { readonly path: Path; readonly draft: PersonDraft }[];
  readonly apps: readonly AppPart[];
};

export function partsOf(root: unknown): Parts {
  const file = isMap(root) ? root : {};
  const people = Array.isArray(file["people"]) ? file["people"] : [];
  return {
    channel: file["channel"],
    connections: new Map(entriesOf(file["connections"]).map(([name, raw]) => [name, fit(ConnectionShape, raw)?.type ?? null])),
    people: people.flatMap((raw: unknown, index) => {
      const draft = fit(PersonShape, raw);
      return draft === null ? [] : [{ path: ["people", index], draft }];
    }),
    apps: entriesOf(file["apps"]).flatMap(([name, raw]) => (isMap(raw) ? [appPart(name, raw)] : [])),
  };
}

function appPart(name: string, raw: Readonly<Record<string, unknown>>): AppPart {
  const path = ["apps", name];
  const environments = entriesOf(raw["environments"]).flatMap(([key, environment]): EnvironmentPart[] =>
    isMap(environment)
      ? [{ app: name, name: key, path: [...path, "environments", key], raw: environment, draft: soundKeys(environment) }]
      : [],
  );
  return { name, path, raw, environments };
}

const AnyKeys = EnvironmentShape.partial();

/** The environment without the keys that are at fault: a misspelt day must not hide that nobody may approve. */
function soundKeys(raw: Readonly<Record<string, unknown>>): SoundKeys {
  const whole = AnyKeys.safeParse(raw);
  if (whole.success) return whole.data;
  const faulty = new Set(
    whole.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : issue.path.slice(0, 1),
    ),
  );
  return fit(AnyKeys, Object.fromEntries(Object.entries(raw).filter(([key]) => !faulty.has(key)))) ?? {};
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isMap(value) ? Object.entries(value) : [];
}

function fit<Shape extends z.ZodType>(shape: Shape, raw: unknown): z.output<Shape> | null {
  const result = shape.safeParse(raw);
  return result.success ? result.data : null;
}
