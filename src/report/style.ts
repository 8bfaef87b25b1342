// SPDX-License-Identifier: BSD-3-Clause

/** The look of report pages: light and dark as the reader has it, from a telephone to a wide screen. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b2230;--dim:#5d6778;--line:#d6dbe4;--soft:#f3f5f9;--ok:#0a7d33;--bad:#b3261e;--warn:#8a5a00;--bar:#4477aa}
@media(prefers-color-scheme:dark){:root{--bg:#12161d;--fg:#e6eaf1;--dim:#98a2b3;--line:#2c3442;--soft:#1a202a;--ok:#5ad17f;--bad:#ff8a80;--warn:#e6b450;--bar:#7fb2e5}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1280px;padding:24px;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{margin:0 0 4px;font-size:26px}h2{margin:32px 0 8px;font-size:19px;border-bottom:1px solid var(--line);padding-bottom:4px}
header p,figcaption,.note,.dim{color:var(--dim)}.note{font-size:13px;margin:14px 0 4px;max-width:90ch}nav a,a{color:inherit}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(132px,1fr));gap:10px;margin:12px 0}
.card{display:flex;flex-direction:column;padding:10px 12px;background:var(--soft);border:1px solid var(--line);border-radius:6px;text-decoration:none}
.card b{font-size:20px;line-height:1.2;white-space:nowrap;font-variant-numeric:tabular-nums}.card span,.card small{color:var(--dim)}
a.card:hover{border-color:var(--dim)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:18px}
figure{margin:0}figure svg,figure img{width:100%;height:auto;display:block;border-radius:4px}figcaption{font-size:13px;margin-top:4px}
figure.wide svg{min-width:860px}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:8px 0;font-size:13.5px}
th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap;vertical-align:top}th{color:var(--dim);font-weight:500}
.n{text-align:right;font-variant-numeric:tabular-nums}
.scroll td:first-child,.scroll th:first-child{position:sticky;left:0;background:var(--bg)}
.ok{color:var(--ok);font-weight:600}.bad{color:var(--bad);font-weight:600}.warn{color:var(--warn);font-weight:600}
details{margin:8px 0;border:1px solid var(--line);border-radius:6px;padding:0 12px}details>div{padding-bottom:8px}
summary{cursor:pointer;padding:8px 0;font-weight:500}details details{background:var(--soft)}details details .scroll td:first-child,details details .scroll th:first-child{background:var(--soft)}
div:target{scroll-margin-top:48px}details:has(>div:target){outline:2px solid var(--bar)}
pre{margin:4px 0;padding:10px;background:var(--soft);border-radius:4px;overflow-x:auto;font:12.5px/1.45 ui-monospace,monospace;white-space:pre-wrap}
@media(max-width:640px){body{padding:14px}h1{font-size:21px}th,td{padding:4px 7px}.card b{font-size:18px}}
@media print{details{break-inside:avoid}}
`;
