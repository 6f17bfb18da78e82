import { z } from "zod";
import type { Install as InstallConfig } from "../domain/config.ts";
import { list, oneOf, pattern, relativePath, section } from "./scalars.ts";

const INSTALL_WRITE =
  "`pip`, `uv`, `{ with: pip, requirements: requirements.txt, venv: venv, python: python3 }`, or a command as a list of words";
const Word = z.string({ error: INSTALL_WRITE }).min(1, { error: INSTALL_WRITE });

const DEFAULTS = { requirements: "requirements.txt", venv: "venv", python: "python3" } as const;

const Section = section(
  {
    with: oneOf(["pip", "uv"]),
    requirements: relativePath("a file of the repository, as in `requirements: requirements/production.txt`").default(
      DEFAULTS.requirements,
    ),
    venv: relativePath("a folder below the checkout, as in `venv: .venv`").default(DEFAULTS.venv),
    python: pattern(/^(?!-)[A-Za-z0-9_./+-]{1,200}$/, "the program that makes the virtual environment, as in `python: python3.12`").default(
      DEFAULTS.python,
    ),
  },
  INSTALL_WRITE,
).transform(({ with: kind, ...rest }): InstallConfig => ({ kind, ...rest }));

/** How packages are installed: by a word, in full, or by a command of the user's own. */
export const Install = z.union(
  [
    z.enum(["pip", "uv"], { error: INSTALL_WRITE }).transform((kind): InstallConfig => ({ kind, ...DEFAULTS })),
    Section,
    list(Word, INSTALL_WRITE),
  ],
  { error: INSTALL_WRITE },
);
