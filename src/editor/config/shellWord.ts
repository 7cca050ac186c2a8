/**
 * A word as one types it in the shell that runs the training command: quoted where it has to be.
 * @param platform whose shell: cmd.exe on Windows, else sh
 */
export function shellWord(word: string, platform = process.platform): string {
  if (platform === 'win32') return /[\s&()^;,=]/.test(word) ? `"${word}"` : word;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
