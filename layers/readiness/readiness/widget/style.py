"""The style sheet of the widget, for both CloudWatch themes and for all widths from a quarter of a dashboard.

Widgets cannot run scripts, so a CSS animation marks the results as stale: it has no duration, starts when the last run
is too old, and keeps its end state. Without a delay it starts at once. Class names begin with `rdns`, because all
widgets of a dashboard share one page.
"""

SHEET = """\
.rdns{color:var(--ink);font:14px/1.4 'Amazon Ember','Helvetica Neue',Roboto,Arial,sans-serif;overflow-wrap:anywhere;
--ink:#16191f;--dim:#5f6b7a;--rule:#d5dbdb;--code:#f2f3f3;--link:#0972d3;
--fail:#b3200b;--warn:#8d5600;--unknown:#6b3fb5;--pass:#1b6e1b;--on:#fff}
.rdns-dark{--ink:#d1d5db;--dim:#9ba7b6;--rule:#414d5c;--code:#0b1119;--link:#539fe5;
--fail:#ff6b5e;--warn:#f2b134;--unknown:#c59bff;--pass:#5fc65f;--on:#10151c}
.rdns-table+.rdns-table{margin-top:24px}
.rdns-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px;margin-bottom:6px}
.rdns-name{font-size:17px;font-weight:700}
.rdns-dim{color:var(--dim);font-size:12px}
.rdns-note{border-left:4px solid var(--warn);padding:4px 10px;margin:6px 0;background:var(--code)}
.rdns-stale{border-color:var(--fail);font-weight:700;height:0;margin:0;padding:0;overflow:hidden;visibility:hidden;
animation:rdns-shown 0s linear var(--late) forwards}
.rdns-own{margin:10px 0 4px}
.rdns-items{border-top:1px solid var(--rule)}
.rdns-items,.rdns-counts{animation:rdns-faded 0s linear var(--late) forwards}
.rdns-counts{display:flex;flex-wrap:wrap;gap:4px 8px}
.rdns-item{border-bottom:1px solid var(--rule);margin:0}
.rdns-line{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;padding:5px 4px;list-style:none}
summary.rdns-line{cursor:pointer}
summary.rdns-line::-webkit-details-marker{display:none}
.rdns-line::before{content:'';flex:0 0 10px;color:var(--dim)}
summary.rdns-line::before{content:'\\25B8'}
details[open]>summary.rdns-line::before{content:'\\25BE'}
.rdns-pill{flex:0 0 auto;box-sizing:border-box;min-width:78px;text-align:center;border-radius:3px;padding:0 6px;
font-size:12px;font-weight:700;border:1px solid var(--tone);color:var(--tone)}
.rdns-fail{--tone:var(--fail)}.rdns-unknown{--tone:var(--unknown)}.rdns-warn{--tone:var(--warn)}
.rdns-pass{--tone:var(--pass)}.rdns-na{--tone:var(--dim)}
.rdns-fail .rdns-pill,.rdns-unknown .rdns-pill,.rdns-pill.rdns-fail,.rdns-pill.rdns-unknown{background:var(--tone);
color:var(--on)}
.rdns-blind .rdns-pill{border-style:dashed;background:none;color:var(--tone)}
.rdns-count{min-width:0}
.rdns-was{font-size:0;visibility:hidden;animation:rdns-told 0s linear var(--late) forwards}
.rdns-what{flex:1 1 220px;min-width:0}
.rdns-title{font-weight:600}
.rdns-pass .rdns-title,.rdns-na .rdns-title{font-weight:400}
.rdns-found{display:block}
.rdns-meta{flex:0 1 180px;color:var(--dim);font-size:12px}
.rdns-tag{display:inline-block;border:1px dashed var(--dim);border-radius:3px;padding:0 5px;margin:1px 4px 1px 0;
font-size:12px;color:var(--dim)}
.rdns-more{padding:0 4px 8px 24px}
.rdns-more p{margin:4px 0}
.rdns-command{white-space:pre-wrap;background:var(--code);border:1px solid var(--rule);border-radius:3px;
padding:5px 8px;margin:3px 0 8px;font:12px/1.45 Menlo,Consolas,monospace;user-select:all}
.rdns a{color:var(--link)}
@keyframes rdns-shown{to{height:auto;margin:6px 0;padding:4px 10px;visibility:visible}}
@keyframes rdns-faded{to{filter:grayscale(1);opacity:.65}}
@keyframes rdns-told{to{font-size:12px;visibility:visible}}
"""
