import { textOf, type Json } from "../../sandbox/slack/json.ts";

/**
 * Block Kit's limits once more, written down apart from the validator's own tables, for all that our bot renders
 * (docs.slack.dev, reference/block-kit; @slack/types): what the mutations cross.
 */
export type Surface = "message" | "modal" | "home";
export type Words = { readonly max: number; readonly plain: boolean };
/** Which family an object of a list belongs to; its `type` says the rest. */
export type Family = "block" | "action" | "note" | "option" | "group" | "part" | "item" | "word" | "confirm" | "input";

export type Role = {
  readonly need?: readonly string[];
  /** Longest length. */
  readonly strings?: Readonly<Record<string, number>>;
  /** Strings that may not be empty. */
  readonly filled?: readonly string[];
  readonly oneOf?: readonly string[];
  readonly numbers?: Readonly<Record<string, readonly [least: number, most: number]>>;
  readonly texts?: Readonly<Record<string, Words>>;
  readonly objects?: Readonly<Record<string, Family>>;
  readonly lists?: Readonly<Record<string, { readonly max?: number; readonly min?: 1; readonly of: Family | Words }>>;
};

const plain = (max: number): Words => ({ max, plain: true });
const any = (max: number): Words => ({ max, plain: false });

export function TEXT({ max }: Words): Role {
  return { need: ["text"], strings: { text: max }, filled: ["text"] };
}

const pressed: Role = { strings: { action_id: 255 }, filled: ["action_id"], objects: { confirm: "confirm" } };
const chosen: Role = { ...pressed, texts: { placeholder: plain(150) } };
const OFFERED = {
  lists: { options: { max: 100, min: 1, of: "option" }, option_groups: { max: 100, min: 1, of: "group" } },
  objects: { ...pressed.objects, initial_option: "option" },
} as const;
const ten = { need: ["options"], lists: { options: { max: 10, min: 1, of: "option" } } } as const;
const typed: Role = { ...chosen, strings: { ...pressed.strings, initial_value: 3000 } };

const ELEMENTS: Readonly<Record<string, Role>> = {
  button: {
    ...pressed,
    need: ["text"],
    texts: { text: plain(75) },
    strings: { ...pressed.strings, value: 2000, url: 3000, accessibility_label: 75 },
    oneOf: ["style"],
  },
  overflow: { ...pressed, need: ["options"], lists: { options: { max: 5, min: 1, of: "option" } } },
  static_select: { ...chosen, ...OFFERED },
  multi_static_select: { ...chosen, lists: { ...OFFERED.lists, initial_options: { max: 100, of: "option" } } },
  external_select: { ...chosen, objects: { ...pressed.objects, initial_option: "option" }, numbers: {} },
  users_select: chosen,
  radio_buttons: { ...pressed, ...ten, objects: { ...pressed.objects, initial_option: "option" } },
  checkboxes: { ...pressed, ...ten },
  datetimepicker: { ...pressed, numbers: { initial_date_time: [1_000_000_000, 9_999_999_999] } },
  plain_text_input: { ...typed, numbers: { max_length: [1, 3000], min_length: [0, 3000] } },
  image: { need: ["alt_text"], strings: { alt_text: 2000, image_url: 3000 } },
};

const BLOCKS: Readonly<Record<string, Role>> = {
  section: { texts: { text: any(3000) }, lists: { fields: { max: 10, min: 1, of: any(2000) } }, objects: { accessory: "action" } },
  header: { need: ["text"], texts: { text: plain(150) } },
  divider: {},
  context: { need: ["elements"], lists: { elements: { max: 10, min: 1, of: "note" } } },
  actions: { need: ["elements"], lists: { elements: { max: 25, min: 1, of: "action" } } },
  rich_text: { need: ["elements"], lists: { elements: { of: "part" } } },
  image: { need: ["alt_text"], strings: { alt_text: 2000, image_url: 3000 }, texts: { title: plain(2000) } },
  input: { need: ["label", "element"], texts: { label: plain(2000), hint: plain(2000) }, objects: { element: "input" } },
  alert: { need: ["text"], texts: { text: any(200) }, oneOf: ["level"] },
};

const words: Role = { lists: { elements: { of: "word" } }, need: ["elements"] };
const RICH: Readonly<Record<string, Role>> = {
  rich_text_section: words,
  rich_text_quote: words,
  rich_text_preformatted: words,
  rich_text_list: { need: ["elements", "style"], oneOf: ["style"], lists: { elements: { of: "item" } }, numbers: {} },
  text: { need: ["text"], filled: ["text"] },
  link: { need: ["url"], filled: ["url"] },
  user: { need: ["user_id"], filled: ["user_id"] },
  usergroup: { need: ["usergroup_id"], filled: ["usergroup_id"] },
  emoji: { need: ["name"], filled: ["name"] },
  date: { need: ["timestamp", "format"], filled: ["format"] },
};

const FAMILIES: Readonly<Record<Family, Readonly<Record<string, Role>>>> = {
  block: BLOCKS,
  action: ELEMENTS,
  input: ELEMENTS,
  note: { mrkdwn: TEXT(any(3000)), plain_text: TEXT(any(3000)), image: ELEMENTS["image"] ?? {} },
  part: RICH,
  item: RICH,
  word: RICH,
  option: {},
  group: {},
  confirm: {},
};

const OPTION: Role = {
  need: ["text", "value"],
  strings: { value: 150, url: 3000 },
  filled: ["value"],
  texts: { text: any(75), description: any(75) },
};
const GROUP: Role = { need: ["label", "options"], texts: { label: plain(75) }, lists: { options: { max: 100, min: 1, of: "option" } } };
const CONFIRM: Role = {
  need: ["text"],
  texts: { title: plain(100), text: any(300), confirm: plain(30), deny: plain(30) },
  oneOf: ["style"],
};

/** @throws for what this table does not know: then nothing would be tested of it */
export function specOf(value: Json, family: Family): Role {
  // An option that is a link needs no value.
  if (family === "option") return value["url"] === undefined ? OPTION : { ...OPTION, need: ["text"] };
  if (family === "group") return GROUP;
  if (family === "confirm") return CONFIRM;
  const type = textOf(value["type"]) ?? "";
  const role = FAMILIES[family][type];
  if (role === undefined) throw new Error(`the limits of ${family} ${type} are not written down in spec.ts`);
  const block = family === "block" ? { strings: { ...role.strings, block_id: 255 }, filled: [...(role.filled ?? []), "block_id"] } : {};
  return { ...role, ...block };
}

const shared = { private_metadata: 3000, callback_id: 255, external_id: 255 };

/** A view's own members; its blocks are looked at one by one. */
export const VIEW: Readonly<Record<Surface, Role>> = {
  message: {},
  modal: {
    need: ["title", "blocks"],
    strings: shared,
    texts: { title: plain(24), submit: plain(24), close: plain(24) },
  },
  home: { need: ["blocks"], strings: shared },
};
