/** A file of one MiB over a slow line. */
const UPLOAD_MS = 30_000;

/** Brings a file's bytes to where Slack said. False: they did not arrive, and the same later may work. */
export async function sendBytes(url: string, bytes: Uint8Array, type: string): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(UPLOAD_MS),
      redirect: "error",
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
