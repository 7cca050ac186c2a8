/** What a shell says when it does not find a program (POSIX, and cmd.exe since Windows 10). */
const NOT_FOUND = [127, 9009];

/**
 * Why an inspection saw no model, with the way out.
 * @param code exit code of the command; null when it could not be started
 */
export function inspectionFailure(command: string, code: number | null): string {
  const word = command.trim().split(/\s+/)[0] ?? command;
  if (code === null || NOT_FOUND.includes(code)) {
    return `Command not found: ${word}. Correct "command" in permafrost.json, or install ${word}.`;
  }
  if (code !== 0) {
    return `"${command}" ended with exit code ${String(code)} before a model was seen. The log shows what it printed.`;
  }
  return `No model was seen: "${command}" ended without training a TensorFlow.js model. Check that "command" in permafrost.json is the one that trains.`;
}
