import { isJson } from "../json.ts";

/**
 * One thing Slack refuses. `union` marks "failed to match all allowed schemas", which Slack puts above the true cause in
 * `response_metadata.messages` and leaves out of `errors`.
 */
export type Fault = {
  readonly pointer: string;
  readonly message: string;
  readonly code: string;
  readonly constraint?: Constraint;
  readonly union?: true;
};
export type Constraint = { readonly type: string; readonly expected: unknown; readonly got: unknown };

/** Checks one value at one JSON pointer. All block kit tables are made of these. */
export type Rule = (value: unknown, pointer: string) => readonly Fault[];
export type Field = { readonly rule: Rule; readonly required: boolean };
export type Fields = Readonly<Record<string, Field>>;

export function need(rule: Rule): Field {
  return { rule, required: true };
}

export function may(rule: Rule): Field {
  return { rule, required: false };
}

/** Characters are counted in UTF-16 units, the stricter reading where an emoji counts twice. */
export function string(limits: { min?: number; max?: number; pattern?: RegExp } = {}): Rule {
  const { min = 0, max, pattern } = limits;
  return (value, pointer) => {
    if (typeof value !== "string") return [wrongType("string", value, pointer)];
    if (value.length < min) return [length("min_length", `must be more than ${min - 1} characters`, min, value.length, pointer)];
    if (max !== undefined && value.length > max) {
      return [length("max_length", `must be less than ${max + 1} characters`, max, value.length, pointer)];
    }
    if (pattern && !pattern.test(value)) return [{ pointer, message: "failed to match schema", code: "invalid_format" }];
    return [];
  };
}

export function integer(limits: { min?: number; max?: number } = {}): Rule {
  return (value, pointer) => {
    if (typeof value !== "number" || !Number.isInteger(value)) return [wrongType("integer", value, pointer)];
    if (limits.min !== undefined && value < limits.min)
      return [{ pointer, message: `must be greater than ${limits.min - 1}`, code: "too_small" }];
    if (limits.max !== undefined && value > limits.max)
      return [{ pointer, message: `must be less than ${limits.max + 1}`, code: "too_large" }];
    return [];
  };
}

export function number(): Rule {
  return (value, pointer) => (typeof value === "number" ? [] : [wrongType("number", value, pointer)]);
}

export function flag(): Rule {
  return (value, pointer) => (typeof value === "boolean" ? [] : [wrongType("boolean", value, pointer)]);
}

export function oneOf(...values: readonly string[]): Rule {
  return (value, pointer) =>
    typeof value === "string" && values.includes(value)
      ? []
      : [
          {
            pointer,
            message: "must be a valid enum value",
            code: "invalid_enum",
            constraint: { type: "enum", expected: values, got: value },
          },
        ];
}

export function list(of: Rule, limits: { min?: number; max?: number } = {}): Rule {
  return (value, pointer) => {
    if (!Array.isArray(value)) return [wrongType("array", value, pointer)];
    const { min = 0, max } = limits;
    if (value.length < min) return [length("min_items", `must provide at least ${min} items`, min, value.length, pointer)];
    if (max !== undefined && value.length > max)
      return [length("max_items", `no more than ${max} items allowed`, max, value.length, pointer)];
    return value.flatMap((item, index) => of(item, `${pointer}/${index}`));
  };
}

/** An object with exactly these members; `type` is checked by whoever chose the table. */
export function object(fields: Fields): Rule {
  return (value, pointer) => {
    if (!isJson(value)) return [wrongType("object", value, pointer)];
    const missing = Object.entries(fields)
      .filter(([name, field]) => field.required && value[name] === undefined)
      .map(([name]) => ({ pointer, message: `missing required field: ${name}`, code: "missing_field" }));
    const present = Object.entries(value).flatMap(([name, member]) => {
      const field = fields[name];
      if (field) return member === undefined ? [] : field.rule(member, `${pointer}/${name}`);
      return name === "type" ? [] : [{ pointer, message: `invalid additional property: ${name}`, code: "additional_property" }];
    });
    return [...missing, ...present];
  };
}

/** Chooses the rule by `type`. With `union`, a fault is announced above its cause, as Slack does where several schemas are allowed. */
export function byType(table: Readonly<Record<string, Rule>>, options: { union: boolean } = { union: false }): Rule {
  return (value, pointer) => {
    if (!isJson(value)) return [wrongType("object", value, pointer)];
    const type = value["type"];
    if (type === undefined) return [{ pointer, message: "missing required field: type", code: "missing_field" }];
    const rule = typeof type === "string" && Object.hasOwn(table, type) ? table[type] : undefined;
    const faults = rule
      ? rule(value, pointer)
      : [
          {
            pointer: `${pointer}/type`,
            message: `unsupported type: ${String(type)}`,
            code: "unsupported_type",
            constraint: { type: "type", expected: Object.keys(table), got: type },
          },
        ];
    return options.union && rule && faults.length > 0 ? [unmatched(pointer), ...faults] : faults;
  };
}

/** A further check over the whole value, run only when its parts are sound. */
export function also(rule: Rule, ...checks: readonly Rule[]): Rule {
  return (value, pointer) => {
    const faults = rule(value, pointer);
    return faults.length > 0 ? faults : checks.flatMap((check) => check(value, pointer));
  };
}

/** Exactly one of two members. */
export function either(one: string, other: string): Rule {
  return (value, pointer) => {
    if (!isJson(value)) return [];
    const [a, b] = [value[one] !== undefined, value[other] !== undefined];
    if (a && b) return [{ pointer, message: `must not define both \`${one}\` and \`${other}\``, code: "conflict" }];
    return a || b ? [] : [{ pointer: `${pointer}/type`, message: `must define either \`${one}\` or \`${other}\``, code: "missing_field" }];
  };
}

/** For tables that refer to themselves (a container's children). */
export function lazily(rule: () => Rule): Rule {
  return (value, pointer) => rule()(value, pointer);
}

function unmatched(pointer: string): Fault {
  return { pointer, message: "failed to match all allowed schemas", code: "no_schema", union: true };
}

function wrongType(expected: string, value: unknown, pointer: string): Fault {
  const got = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const article = /^[aeiou]/.test(expected) ? "an" : "a";
  return { pointer, message: `must provide ${article} ${expected}`, code: "invalid_type", constraint: { type: "type", expected, got } };
}

function length(type: string, message: string, expected: number, got: number, pointer: string): Fault {
  return { pointer, message, code: type, constraint: { type, expected, got } };
}
