import { chmodSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { NetreconError } from '../../model/errors.ts';

/** Answers to GET, by path. */
export type Pages = Readonly<
  Record<string, { readonly contentType: () => string; readonly body: () => string | Promise<string> }>
>;

/** The socket of the watch of a namespace, in its state directory. */
export const statusSocketIn = (folder: string): string => join(folder, 'watch.sock');

const serve = (pages: Pages): Server =>
  createServer((request, response) => {
    const page = request.method === 'GET' ? pages[request.url ?? ''] : undefined;
    if (page === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is ${Object.keys(pages).join(' and ')}\n`);
      return;
    }
    Promise.resolve(page.body()).then(
      (body) => response.writeHead(200, { 'content-type': page.contentType() }).end(body),
      () => response.writeHead(500).end(),
    );
  });

const listen = (server: Server, where: string | { readonly host: string; readonly port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new NetreconError('NR_LISTEN', `cannot listen on ${JSON.stringify(where)}: ${error.message}`)),
    );
    server.listen(where, resolve);
  });

/** Serves on a Unix socket that only its owner may use. The caller holds the lock: a socket that is there is a dead one's. */
export const serveOnSocket = async (path: string, pages: Pages): Promise<Server> => {
  rmSync(path, { force: true });
  const server = serve(pages);
  await listen(server, path);
  chmodSync(path, 0o600);
  return server;
};

/** @param address HOST:PORT, an IPv6 host in brackets; @throws {NetreconError} NR_LISTEN */
export const serveOnPort = async (address: string, pages: Pages): Promise<Server> => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(address);
  if (match === null) throw new NetreconError('NR_LISTEN', `--metrics takes HOST:PORT, not ${address}`);
  const server = serve(pages);
  await listen(server, { host: (match[1] ?? match[2]) as string, port: Number(match[3]) });
  return server;
};

/** Asks the watch of a namespace. @returns undefined where none is running */
export const askWatch = (path: string, page: string): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, path: page }, (response) => text(response).then(resolve, reject));
    asked.on('error', (error: NodeJS.ErrnoException) =>
      ['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
    );
    asked.end();
  });
