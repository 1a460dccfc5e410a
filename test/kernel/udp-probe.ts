// Answers datagrams, or sends one every 10 ms and counts the answers:
//   node udp-probe.js echo PORT | node udp-probe.js send FROM-ADDRESS TO-ADDRESS PORT
// Says "ready" first; the sender ends on SIGINT with {"sent": N, "lost": N}.
import { createSocket } from 'node:dgram';

const [mode, ...args] = process.argv.slice(2) as [string, ...string[]];
// the echo takes both families
const type = mode === 'send' && args[0]?.includes('.') === true ? 'udp4' : 'udp6';
// as much as the kernel allows: what comes while others have the processor is not lost
const socket = createSocket({ type, recvBufferSize: 1 << 20 });
/** What has not been answered for so long is lost. */
const LOST_MS = 2000;
// an unreachable network is a loss like any other
socket.on('error', () => undefined);

const echo = (port: number): void => {
  socket.on('message', (message, { address, port: from }) => socket.send(message, from, address));
  socket.bind(port, () => console.log('ready'));
};

const send = (from: string, to: string, port: number): void => {
  const waiting = new Set<number>();
  let sent = 0;
  let before = 0;
  socket.on('message', (message) => waiting.delete(Number(message)));
  socket.bind(0, from, () => {
    const timer = setInterval(() => {
      waiting.add(sent);
      socket.send(`${sent}`, port, to, () => undefined);
      sent++;
    }, 10);
    // the first answer takes as long as the carrier and the resolution of the neighbor: what was lost until then does not count
    socket.once('message', () => {
      waiting.clear();
      before = sent;
      console.log('ready');
    });
    process.on('SIGINT', () => {
      clearInterval(timer);
      let heardAt = performance.now();
      const end = () => {
        if (waiting.size > 0 && performance.now() - heardAt < LOST_MS) return;
        console.log(JSON.stringify({ sent: sent - before, lost: waiting.size }));
        process.exit();
      };
      socket.on('message', () => {
        heardAt = performance.now();
      });
      setInterval(end, 50);
    });
  });
};

if (mode === 'echo') echo(Number(args[0]));
else send(args[0] as string, args[1] as string, Number(args[2]));
