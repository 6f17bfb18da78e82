import { z } from "zod";
import { directory, hostAddress, pattern, section } from "./scalars.ts";

export const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/;
const HOST_WRITE =
  "`user@host`, `user@host:2222`, `user@[2001:db8::1]:22`, or `{ address: web-1.acme.test, user: deploy, port: 22, directory: /srv/shop, label: web-1 }`";

/** What a host is in the file: a string or a map; both become this. */
export type HostDraft = ServerDraft & {
  readonly directory?: string | undefined;
  readonly label?: string | undefined;
  readonly connection?: string | undefined;
  readonly jump?: readonly ServerDraft[] | undefined;
};
type ServerDraft = { readonly address: string; readonly port: number; readonly user: string };

function serverWord(write: string) {
  return z.string({ error: write }).transform((words, context): ServerDraft => {
    const host = parseHost(words);
    if (host !== null) return host;
    context.addIssue({ code: "custom", message: write });
    return z.NEVER;
  });
}

const HostWord = serverWord(HOST_WRITE)
  .transform((host): HostDraft => host)
  .meta({ description: "`user@host`, `user@host:port` or `user@[IPv6]:port`.", examples: ["deploy@web-1.acme.test"] });

const ADDRESS_WRITE = "a host name or an IP address, such as `web-1.acme.test`; the user stands beside it as `user: deploy`";
const PORT_WRITE = "a port from 1 to 65535, as in `port: 2222`";

const JUMP_WRITE = "`user@host` or `user@host:port`, or a list of them in the order of the way, as in `jump: [ops@gate.acme.test]`";
/** More than anybody needs; each costs a handshake. */
const MOST_JUMPS = 4;

/** Servers to go through, as OpenSSH's ProxyJump. Their host keys are checked as the host's own is. */
export const Jump = z
  .union(
    [
      serverWord(JUMP_WRITE).transform((one) => [one]),
      z.array(serverWord(JUMP_WRITE), { error: JUMP_WRITE }).max(MOST_JUMPS, { error: JUMP_WRITE }),
    ],
    {
      error: JUMP_WRITE,
    },
  )
  .meta({ description: "Servers to go through, in order, each `user@host` or `user@host:port`; `[]` for none." });

/** The name of a connection of type ssh. */
export const SshConnection = pattern(/^[a-z][a-z0-9._-]{0,39}$/, "the name of a connection of type ssh, as in `connection: acme-web`").meta(
  {
    description: "Whose SSH keys are offered, to the hosts and to their jump hosts; `default` comes from the environment.",
  },
);

const HostSection = section(
  {
    address: z.string({ error: ADDRESS_WRITE }).transform((words, context) => {
      const address = hostAddress(words);
      if (address !== null) return address;
      context.addIssue({ code: "custom", message: ADDRESS_WRITE });
      return z.NEVER;
    }),
    port: z.int({ error: PORT_WRITE }).min(1, { error: PORT_WRITE }).max(65_535, { error: PORT_WRITE }).default(22),
    user: pattern(USER, "the user on the host, as in `user: deploy`"),
    directory: directory().optional(),
    label: pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, "a short name for cards and logs, as in `label: web-1`").optional(),
    connection: SshConnection.optional(),
    jump: Jump.optional(),
  },
  HOST_WRITE,
).meta({ description: "A host in words; `port` is 22, `label` the address, all else the target's unless given." });

/** A host as a word or as a map. */
export const HostShape = z.union([HostWord, HostSection], { error: HOST_WRITE });

function parseHost(words: string): ServerDraft | null {
  const [, user = "", bracketed, plain, port] = /^([^@\s]+)@(?:(\[[^\]\s]+\])|([^[\]:\s]+))(?::(\d{1,5}))?$/.exec(words) ?? [];
  const address = hostAddress(bracketed ?? plain ?? "");
  const number = port === undefined ? 22 : Number(port);
  if (!USER.test(user) || address === null || number < 1 || number > 65_535) return null;
  return { address, port: number, user };
}
