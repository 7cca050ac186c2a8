import { beforeEach, describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { OpenedModel, type Keeper } from '../../../src/editor/model/openedModel';

/** Of a `vscode.Uri` only its text is asked for. */
const uri = (text: string): vscode.Uri => ({ toString: () => text }) as unknown as vscode.Uri;
const A = uri('file:///a.pt');
const B = uri('file:///b.pt');

/** What VS Code keeps for a workspace over a reload. */
class Kept implements Keeper {
  private readonly values = new Map<string, unknown>();

  get(key: string): unknown {
    return this.values.get(key);
  }

  update(key: string, value: unknown): Promise<void> {
    this.values.set(key, value);
    return Promise.resolve();
  }
}

describe('the checkpoint that names come from', () => {
  let kept: Kept;
  let opened: OpenedModel;

  beforeEach(() => {
    kept = new Kept();
    opened = new OpenedModel(kept);
  });

  it('is the one that the config names, of unknown age where this window never saw it opened', () => {
    opened.begin(A);
    expect([opened.file, opened.time, opened.byHand]).toEqual([A, 0, false]);
  });

  it('is younger than an inspection from when it is opened on, also after a reload', async () => {
    const before = Date.now();
    opened.begin(undefined);
    await opened.open(A);
    expect(opened.byHand).toBe(true);
    expect(opened.time).toBeGreaterThanOrEqual(before);

    const reloaded = new OpenedModel(kept);
    reloaded.begin(A);
    expect([reloaded.time, reloaded.byHand]).toEqual([opened.time, false]);
    reloaded.begin(B);
    expect(reloaded.time).toBe(0);
  });

  it('stays the one that was opened when the config comes to name it', async () => {
    opened.begin(undefined);
    await opened.open(A);
    expect(await opened.follow(A)).toBe(false);
    expect([opened.file, opened.byHand]).toEqual([A, true]);
  });

  it('is another when the config names another, as if it were opened then', async () => {
    opened.begin(A);
    expect(await opened.follow(A)).toBe(false);
    expect(await opened.follow(B)).toBe(true);
    expect(opened.file).toBe(B);
    expect(opened.time).toBeGreaterThan(0);
    // Nobody opened it by hand: in a folder that is not trusted it counts for less.
    expect(opened.byHand).toBe(false);
  });

  it('is none any more when the opening is undone in the config', async () => {
    opened.begin(undefined);
    await opened.open(A);
    await opened.follow(A);
    expect(await opened.follow(undefined)).toBe(true);
    expect(opened.file).toBeUndefined();
  });

  it('stays open where a config cannot name it', async () => {
    opened.begin(undefined);
    await opened.open(uri('mirror:/a.pt'));
    expect(await opened.follow(undefined)).toBe(false);
    expect(opened.file?.toString()).toBe('mirror:/a.pt');
  });
});
