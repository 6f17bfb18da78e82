import { startWorld } from "./world.ts";

/** A server in its own process, so that its memory is measured without its senders': answers each message with its peak so far. */
const world = await startWorld();
let peak = 0;
const look = () => {
  peak = Math.max(peak, process.memoryUsage().rss);
};
setInterval(look, 20).unref();
process.on("message", () => {
  look();
  process.send?.({ peak, stored: world.stored.size });
});
process.send?.({ port: world.port, peak: process.memoryUsage().rss });
