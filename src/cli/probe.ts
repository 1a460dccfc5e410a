/**
 * A program of its own, started by the checks in the namespace that is looked at: sockets of Node are opened at a later turn
 * of the event loop, when the main thread is back in its own namespace.
 *
 * `probe tcp HOST PORT` ends with 0 once a connection stands, else with 1 and the reason on standard error.
 * `probe udp ADDRESS` sends one datagram to the discard port, which makes the kernel resolve the neighbor, and ends with 0.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

/** RFC 863 */
const DISCARD = 9;

const fail = (error: Error): void => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
};

const connectTo = (host: string, port: number): void => {
  connect({ host, port })
    .once('error', fail)
    .once('connect', () => process.exit(0));
};

const nudge = (address: string): void => {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').once('error', fail);
  socket.send('', DISCARD, address, (error) => (error === null ? socket.close() : fail(error)));
};

const [kind, host = '', port] = process.argv.slice(2);
if (kind === 'tcp') connectTo(host, Number(port));
else nudge(host);
