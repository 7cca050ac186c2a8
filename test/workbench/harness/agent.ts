import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { until } from './until';

const announcement = z.object({ pid: z.int(), port: z.int(), folder: z.nullable(z.string()) });
const reply = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

/** The extension host of one window. */
export class Agent {
  private constructor(
    /** Process id of the extension host. */
    readonly pid: number,
    private readonly port: number,
  ) {}

  /** Names of the hosts announced so far in `directory`: what a new window is told apart by. */
  static known(directory: string): ReadonlySet<string> {
    return new Set(readdirSync(directory).filter((name) => name.endsWith('.json')));
  }

  /** Waits for a host that is not among `before`. */
  static async arrival(directory: string, before: ReadonlySet<string>): Promise<Agent> {
    const fresh = (): string[] => [...Agent.known(directory)].filter((name) => !before.has(name));
    const names = await until('a new extension host', fresh, (list) => list.length > 0, 60_000);
    const text = readFileSync(join(directory, names[0] ?? ''), 'utf8');
    const { pid, port } = announcement.parse(JSON.parse(text));
    return new Agent(pid, port);
  }

  /**
   * Runs `code`, the body of an async function with `vscode`, `require` and `args` in scope, in the
   * extension host and returns what it returns, which travels as JSON.
   */
  async evaluate(code: string, args: unknown = null, patience = 30_000): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.port}`, {
      method: 'POST',
      body: JSON.stringify({ code, args }),
      signal: AbortSignal.timeout(patience),
    });
    const answer = reply.parse(await response.json());
    if (!answer.ok) throw new Error(`in the extension host: ${answer.error}`);
    return answer.value;
  }
}
