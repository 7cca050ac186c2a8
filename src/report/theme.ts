/** The value of a theme colour (`charts-blue`) as it is now. */
export function themeColor(name: string, fallback: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--vscode-${name}`);
  return value.trim() === '' ? fallback : value.trim();
}

/** Calls `listener` when VS Code has put another theme's variables into the page. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
}
