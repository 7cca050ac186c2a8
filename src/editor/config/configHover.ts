import * as vscode from 'vscode';
import type { Project } from '../project';
import { hoverText } from './hoverText';

/** Says of the rule under the pointer what it freezes. */
export class ConfigHover implements vscode.HoverProvider {
  constructor(private readonly project: Project) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    const { config } = this.project;
    if (document.uri.toString() !== config.state.uri?.toString()) return undefined;
    if (config.state.text !== document.getText()) await config.refresh();
    const { parsed, text } = config.state;
    if (text !== document.getText()) return undefined;
    const offset = document.offsetAt(position);
    const rules = parsed?.config?.rules ?? [];
    const index = rules.findIndex(
      ({ place }) => offset >= place.offset && offset <= place.offset + place.length,
    );
    const place = rules[index]?.place;
    const words = hoverText(rules, index, this.project.state.models);
    if (place === undefined || words === undefined) return undefined;
    return new vscode.Hover(
      new vscode.MarkdownString(words),
      new vscode.Range(
        document.positionAt(place.offset),
        document.positionAt(place.offset + place.length),
      ),
    );
  }
}
