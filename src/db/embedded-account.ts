import { execFile } from "node:child_process";
import { chmod, readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** As whom the server runs: words put before its command, and who then owns its files. */
export type Account = { readonly prefix: readonly string[]; readonly uid: number; readonly gid: number };

type Candidate = Account & { readonly needsOpenFolder: boolean };
type PasswdLine = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * Chooses an account PostgreSQL accepts: it refuses root, and initdb refuses a user without a line in /etc/passwd. A user namespace
 * that shows us as `nobody` keeps all files ours and works below a 0700 home; containers may forbid it, then root steps down to `nobody`.
 * @throws with the reason of each try when none can run the server from this folder.
 */
export async function chooseAccount(options: { folder: string; postgres: string; environment: NodeJS.ProcessEnv }): Promise<Account> {
  const reasons: string[] = [];
  for (const candidate of await candidates()) {
    // `nobody` must be able to reach its data below our folder; what it must not read there has its own 0700 or 0600.
    if (candidate.needsOpenFolder) await chmod(options.folder, 0o711);
    const refusal = await tryOut(candidate, options);
    if (refusal === null) return candidate;
    reasons.push(`${candidate.prefix[0] ?? "directly"}: ${refusal}`);
  }
  throw new Error(
    `Greenlight's own PostgreSQL cannot run here as uid ${process.geteuid?.()} (${reasons.join("; ")}): start Greenlight as an ordinary user on a glibc Linux, or set DATABASE_URL.`,
  );
}

async function candidates(): Promise<Candidate[]> {
  const uid = process.geteuid?.() ?? -1;
  const gid = process.getegid?.() ?? -1;
  const accounts = await passwdLines();
  const direct: Candidate = { prefix: [], uid, gid, needsOpenFolder: false };
  if (uid !== 0 && accounts.some((account) => account.uid === uid)) return [direct];
  const other = accounts.find(({ name }) => name === "nobody") ?? accounts.find((account) => account.uid !== 0);
  if (other === undefined) return [direct];
  const unshare = ["unshare", "--user", `--map-user=${other.uid}`, `--map-group=${other.gid}`];
  const shown: Candidate = { prefix: unshare, uid, gid, needsOpenFolder: false };
  if (uid !== 0) return [shown, direct];
  const stepDown = ["setpriv", `--reuid=${other.uid}`, `--regid=${other.gid}`, "--clear-groups"];
  return [shown, { prefix: stepDown, uid: other.uid, gid: other.gid, needsOpenFolder: true }];
}

async function passwdLines(): Promise<PasswdLine[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** Null when the account is not root, may enter the folder and can load the server; otherwise what went wrong. */
async function tryOut(
  account: Account,
  options: { folder: string; postgres: string; environment: NodeJS.ProcessEnv },
): Promise<string | null> {
  const script = 'test "$(id -u)" -ne 0 || { echo "is still root" >&2; exit 1; }; cd "$1" && exec "$2" --version';
  const [program = "sh", ...words] = [...account.prefix, "sh", "-c", script, "sh", options.folder, options.postgres];
  try {
    await run(program, words, { env: options.environment, cwd: "/", timeout: 20_000 });
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : "";
  return stderr.split("\n").at(-1) || (error instanceof Error ? error.message.split("\n")[0] : String(error)) || "failed";
}
