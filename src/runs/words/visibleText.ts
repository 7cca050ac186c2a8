/**
 * What must not reach a reader raw: control characters, and the invisible or bidirectional ones
 * that let a name look like another (Unicode TR 36, "Trojan Source" CVE-2021-42574).
 */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** The longest text shown, in UTF-16 units; a name of a whole screen helps nobody. */
const LONGEST = 2000;

/** Text from a file as it may be shown: hidden characters as `\u202e`, cut after 2,000 units. */
export function visibleText(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(HIDDEN, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}
