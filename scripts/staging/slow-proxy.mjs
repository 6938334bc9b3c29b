// Passes connections on, each piece towards the server late. usage: node slow-proxy.mjs LISTEN-PORT TARGET-PORT MILLISECONDS
import net from "node:net";
const [listen, target, delay] = process.argv.slice(2).map(Number);
const wait = () => new Promise((done) => setTimeout(done, delay));
net
  .createServer(async (near) => {
    const far = net.connect(target, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.end());
    }
    far.on("data", (piece) => near.write(piece));
    for await (const piece of near) {
      await wait();
      far.write(piece);
    }
  })
  .listen(listen, "127.0.0.1");
process.on("uncaughtException", (error) => console.error(error.message));
process.on("unhandledRejection", (error) => console.error(error.message));
