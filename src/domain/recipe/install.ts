import type { Install } from "../config.ts";

/**
 * A release gets a virtual environment of its own, always made anew: what a killed try left there would be taken for installed.
 * In one checkout it stays and is brought up to date.
 */
const PIP = `set -eu
venv=$1 python=$2 requirements=$3 anew=$4
[ "$anew" = no ] || rm -rf "$venv"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
exec "$venv/bin/python" -m pip install --disable-pip-version-check --no-input -r "$requirements"`;

/** The same by uv, which takes its lock file where the repository has one. */
const UV = `set -eu
venv=$1 python=$2 requirements=$3 anew=$4
[ "$anew" = no ] || rm -rf "$venv"
if [ -f uv.lock ]; then
  UV_PROJECT_ENVIRONMENT=$venv; export UV_PROJECT_ENVIRONMENT
  exec uv sync --frozen --no-dev --python "$python"
fi
[ -x "$venv/bin/python" ] || uv venv --python "$python" "$venv"
exec uv pip install --python "$venv/bin/python" -r "$requirements"`;

/** Fills the virtual environment below the folder it runs in. `anew`: nothing that is there may be kept. */
export function installCommand(install: Install, anew: boolean): readonly string[] {
  const script = install.kind === "pip" ? PIP : UV;
  return ["sh", "-c", script, "install", install.venv, install.python, install.requirements, anew ? "yes" : "no"];
}
