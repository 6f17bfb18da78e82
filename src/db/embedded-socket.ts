import { chmod, chown, lstat, mkdir, mkdtemp, readlink, rm, rmdir, symlink } from "node:fs/promises";
import path from "node:path";

/** Longest path of a unix socket in bytes: sockaddr_un holds 108 with the closing zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;
const SOCKET_NAME = ".s.PGSQL.5432";

/**
 * Makes the 0700 folder for the server's socket: only its owner (and root) can connect, so no password is needed. Below a long path
 * it is a new folder in /tmp, and a link in our folder says where, so that the next start can clear it away.
 */
export async function makeSocketFolder(folder: string, owner: { readonly uid: number; readonly gid: number }): Promise<string> {
  const wanted = path.join(folder, "postgres-socket");
  await removeSocketFolder(folder);
  const fits = Buffer.byteLength(path.join(wanted, SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES;
  const made = fits ? wanted : await mkdtemp("/tmp/greenlight-");
  if (fits) await mkdir(wanted);
  else await symlink(made, wanted);
  await chmod(made, 0o700);
  await chown(made, owner.uid, owner.gid);
  return made;
}

/** Removes the socket folder, also the one in /tmp; there only by the names we know, as /tmp is everybody's. */
export async function removeSocketFolder(folder: string): Promise<void> {
  const wanted = path.join(folder, "postgres-socket");
  const found = await lstat(wanted).catch(() => null);
  if (found?.isSymbolicLink() === true) {
    const elsewhere = await readlink(wanted);
    for (const name of [SOCKET_NAME, `${SOCKET_NAME}.lock`]) await rm(path.join(elsewhere, name), { force: true }).catch(() => undefined);
    await rmdir(elsewhere).catch(() => undefined);
  }
  await rm(wanted, { recursive: true, force: true });
}

/** The connection string of the socket in this folder. */
export function socketConnectionString(socketFolder: string, database: string): string {
  return `postgresql://greenlight@/${database}?host=${encodeURIComponent(socketFolder)}`;
}
