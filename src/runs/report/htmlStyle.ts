/** The style sheet of the HTML report: light and dark by the reader's preference, and for paper. */
export const HTML_STYLE = `
:root { color-scheme: light dark; --text: #1f1f1f; --muted: #5c5c5c; --line: #d8d8d8; --back: #fff; --intact: #2a7d2e; --moved: #b01011; --doubt: #8a6100; --note: #0062b8; --s1: #a86400; --s2: #652d90; --s3: #2a7d2e; }
@media (prefers-color-scheme: dark) { :root { --text: #d8d8d8; --muted: #a0a0a0; --line: #3c3c3c; --back: #1f1f1f; --intact: #89d185; --moved: #f48771; --doubt: #d7a928; --note: #4daafc; --s1: #d7a928; --s2: #b180d7; --s3: #89d185; } }
body { max-width: 1200px; margin: 0 auto; padding: 24px; color: var(--text); background: var(--back); font: 14px/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0; font-size: 22px; line-height: 1.3; }
h2 { margin: 32px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 15px; }
h3 { margin: 20px 0 4px; font-size: 14px; }
p, ul, dl, dd, figure { margin: 0; padding: 0; }
ul { list-style: none; }
li { padding: 2px 0; overflow-wrap: anywhere; }
code { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
header { padding: 14px 18px; border: 1px solid var(--line); border-left: 4px solid var(--tone, var(--muted)); border-radius: 4px; }
.intact { --tone: var(--intact); } .moved { --tone: var(--moved); } .doubt { --tone: var(--doubt); } .running { --tone: var(--note); }
.muted, dt, thead th { color: var(--muted); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 10px 24px; margin: 18px 0; }
dt, thead th, figure p { font-size: 12px; }
dd { overflow-wrap: anywhere; }
.scroll { margin-top: 8px; overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 2px 12px 2px 0; font-weight: 400; text-align: left; vertical-align: top; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--line); }
.number { text-align: right; }
.epoch, td.i, td.m, td.b, td.p, td.s, td.n, td.t, td.w, td.e, td.c, td.v, td.g, td.d, td.x { min-width: 20px; padding: 2px 4px; text-align: center; }
td.i { color: var(--intact); } td.m, td.s { color: var(--moved); font-weight: 700; } td.n, td.p, td.v, td.g, td.d { color: var(--doubt); font-weight: 700; } td.b, td.c { color: var(--note); } td.t, td.w, td.e { color: var(--muted); }
.finding { min-width: 220px; white-space: normal; }
td > i { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px 24px; }
svg { width: 100%; height: auto; }
svg text { fill: var(--muted); font: 11px system-ui, sans-serif; }
.grid { stroke: var(--line); }
polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.dashed { stroke-dasharray: 5 4; }
.s0 { --series: var(--note); } .s1 { --series: var(--s1); } .s2 { --series: var(--s2); } .s3 { --series: var(--s3); }
polyline { stroke: var(--series); } circle { fill: var(--series); }
.legend::before { content: "— "; color: var(--series); font-weight: 700; }
.legend { margin-right: 12px; }
.bad { color: var(--moved); }
@media print { :root { color-scheme: light; --text: #000; --muted: #444; --line: #bbb; --back: #fff; --intact: #1d6321; --moved: #a00; --doubt: #6b4b00; } body { max-width: none; padding: 0; font-size: 11px; } .scroll { overflow: visible; } th, td { white-space: normal; } tr, figure { break-inside: avoid; } }
`;
