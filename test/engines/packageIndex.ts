import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a download goes. */
export type Manner =
  { readonly then: 'whole' } | { readonly then: 'stall' | 'drop'; readonly after: number };

/** A registry for pip with one project's wheels. */
export class PackageIndex {
  /** The header `Range` of each request for a file after the one that asks for its size. */
  readonly ranges: (string | null)[] = [];
  /** How the next downloads go, in their order; whole when there is none left. */
  readonly manners: Manner[] = [];
  /** The checksum to tell, where it is not the file's. */
  checksum: string | null = null;
  readonly #server: Server;
  readonly #files = new Map<string, Buffer>();

  private constructor(readonly project: string) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  /** Starts it. */
  static async start(project: string): Promise<PackageIndex> {
    const index = new PackageIndex(project);
    await new Promise<void>((resolve) => {
      index.#server.listen(0, '127.0.0.1', resolve);
    });
    return index;
  }

  /** For `PIP_INDEX_URL`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/simple`;
  }

  add(file: string, content: Buffer): void {
    this.#files.set(file, content);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [, folder, name = ''] = (request.url ?? '').split('/');
    const content = this.#files.get(name);
    if (folder === 'files' && content !== undefined) this.#send(request, response, content);
    else if (folder === 'simple' && name === this.project) {
      response.setHeader('content-type', 'text/html');
      const links = [...this.#files].map(
        ([file, bytes]) => `<a href="/files/${file}#sha256=${this.#hash(bytes)}">${file}</a>`,
      );
      response.end(`<!DOCTYPE html><html><body>${links.join('')}</body></html>`);
    } else {
      response.statusCode = 404;
      response.end();
    }
  }

  #hash(bytes: Buffer): string {
    return this.checksum ?? createHash('sha256').update(bytes).digest('hex');
  }

  #send(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
    const range = request.headers.range ?? null;
    const [first, last] = /bytes=(\d+)-(\d*)/.exec(range ?? '')?.slice(1) ?? [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === '' ? content.length : Number(last) + 1;
    if (range !== 'bytes=0-0') this.ranges.push(range);
    response.statusCode = range === null ? 200 : 206;
    response.setHeader('content-length', end - start);
    if (range !== null) {
      response.setHeader('content-range', `bytes ${start}-${end - 1}/${content.length}`);
    }
    const manner = range === 'bytes=0-0' ? undefined : this.manners.shift();
    if (manner === undefined || manner.then === 'whole') {
      response.end(content.subarray(start, end));
      return;
    }
    response.write(content.subarray(start, start + manner.after), () => {
      if (manner.then === 'drop') response.socket?.destroy();
    });
  }
}
