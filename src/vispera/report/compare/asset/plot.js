// Curves of the ticked runs, laid over each other. A run is told by colour and dash, in the order of the ticks.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const LIGHT = ["#0072b2", "#b84a00", "#007a5a", "#8f3d74", "#1a1a1a", "#8a6d00", "#2f6f8f", "#6b4fbb"];
const DARK = ["#5ab4f0", "#ff9a57", "#3fd0a0", "#e59cc6", "#f2f2f2", "#f0d84a", "#9ad0e6", "#b9a5ff"];
// each its own, so that nobody needs the colours to tell runs apart
const DASHES = ["", "10,5", "2,4", "10,4,2,4", "18,5", "5,3", "18,4,2,4,2,4", "1,7"];
let onPaper = false;
const colour = (slot) => (dark.matches && !onPaper ? DARK : LIGHT)[slot % LIGHT.length];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const printed = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function swatch(slot) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  drawing.setAttribute("class", "swatch");
  drawing.setAttribute("viewBox", "0 0 32 10");
  drawing.setAttribute("aria-hidden", "true");
  const looks = { x1: 0, x2: 32, y1: 5, y2: 5, stroke: colour(slot), "stroke-width": 3, "stroke-dasharray": DASHES[slot % DASHES.length] };
  for (const [name, value] of Object.entries(looks)) line.setAttribute(name, value);
  drawing.append(line);
  return drawing;
}

function lineOf(slot, width = 2.2) {
  const dash = DASHES[slot % DASHES.length];
  return { color: colour(slot), width, dash: dash ? dash.replace(/\d+/g, "$&px") : "solid" };
}

function layout(x, y, more = {}) {
  const axis = { gridcolor: css("--rule"), zeroline: false, linecolor: css("--quiet"), tickcolor: css("--quiet"), color: css("--quiet"), automargin: true };
  const { xaxis = {}, yaxis = {}, ...rest } = more;
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 13, color: css("--ink") },
    separators: given.decimal + "\u00a0",
    margin: { l: 52, r: 12, t: 8, b: 46 },
    showlegend: false,
    hovermode: "closest",
    hoverlabel: { bgcolor: css("--panel"), bordercolor: css("--quiet"), font: { color: css("--ink"), family: "system-ui, sans-serif" } },
    xaxis: { ...axis, title: { text: x, standoff: 10 }, ...xaxis },
    yaxis: { ...axis, title: { text: y, standoff: 8 }, ...yaxis },
    ...rest,
  };
}

const draw = (id, traces, looks) =>
  Plotly.react(at(id), traces, looks, { responsive: true, displayModeBar: false, displaylogo: false });

const even = (points, to) => Array.from({ length: points }, (_, place) => (to * place) / (points - 1));
const placeOfCurve = new Map(given.curves.of.map((run, place) => [run, place]));
function curve(kind, run) {
  const place = placeOfCurve.get(run);
  return place === undefined ? null : given.curves.windows[view.window]?.[kind]?.[place] ?? null;
}

function rocTrace(run, slot) {
  const packed = curve("roc", run);
  if (!packed) return null;
  const x = shares(packed);
  const y = even(x.length, 2).map((sum, place) => Math.min(1, Math.max(0, sum - x[place])));
  return { x, y, mode: "lines", line: lineOf(slot) };
}

function precisionTrace(run, slot) {
  const packed = curve("precision_recall", run);
  if (!packed) return null;
  const y = shares(packed);
  return { x: even(y.length, 1), y, mode: "lines", line: lineOf(slot) };
}

function calibrationTrace(run, slot) {
  const packed = curve("calibration", run);
  if (!packed) return null;
  const [x, y, low, high] = ["mean_p", "rate", "low", "high"].map((name) => shares(packed[name]));
  const up = high.map((end, place) => (end === null ? 0 : end - y[place]));
  const down = low.map((end, place) => (end === null ? 0 : y[place] - end));
  return {
    x, y, mode: "lines+markers", line: lineOf(slot, 1.6), marker: { size: 5, color: colour(slot) },
    error_y: { type: "data", array: up, arrayminus: down, thickness: 1, width: 0, color: colour(slot) },
  };
}

const CURVES = { roc: rocTrace, precision_recall: precisionTrace, calibration: calibrationTrace };
const diagonal = (to) => ({ x: [0, to], y: [0, to], mode: "lines", line: { color: css("--quiet"), width: 1, dash: "dot" }, hoverinfo: "skip" });

function drawPlots() {
  const legend = view.drawn.map((run, slot) => make("span", {}, swatch(slot), labelOf(run)));
  at("legend").replaceChildren(...legend);
  const missing = view.drawn.filter((run) => !curve("roc", run) && !curve("calibration", run));
  const hints = [];
  if (missing.length === view.drawn.length) hints.push(texts.no_curves);
  else if (missing.length) hints.push(fill(texts.without, { names: missing.map(labelOf).join(", ") }));
  const full = given.curves.of.length;
  if (full && full < given.runs.trial.filter((trial, run) => trial === null && stateOf(run) === "finished").length) {
    hints.push(fill(texts.curves_some, { number: full }));
  }
  at("curves-hint").textContent = hints.join(" ");
  for (const [kind, trace] of Object.entries(CURVES)) {
    const traces = [];
    for (const [slot, run] of view.drawn.entries()) {
      const made = trace(run, slot);
      if (made) traces.push({ ...made, name: printed(labelOf(run)), hovertemplate: `${printed(labelOf(run))}<br>%{x:.3f}, %{y:.3f}<extra></extra>` });
    }
    const to = kind === "calibration" ? Math.min(1, 1.08 * Math.max(0.05, ...traces.flatMap((one) => [...one.x, ...one.y.map((y, place) => y + one.error_y.array[place])]))) : 1;
    if (kind !== "precision_recall") traces.unshift(diagonal(to));
    const axis = { range: kind === "calibration" ? [0, to] : [-0.01, 1.01], tickformat: ".1~f", nticks: 6 };
    if (to < 0.5) axis.tickformat = ".2~f";
    const upright = kind === "precision_recall" ? { ...axis, range: undefined, rangemode: "tozero" } : axis;
    draw(kind, traces, layout(texts[kind + "_x"], texts[kind + "_y"], { xaxis: axis, yaxis: upright }));
  }
}
