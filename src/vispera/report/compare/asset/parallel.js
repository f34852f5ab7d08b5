// Parallel coordinates: a line a run through the settings that differ, to the score.
const MOST_AXES = 8;
const MOST_NAMES = 10;

function axisOf(title, values) {
  const known = values.filter((value) => value !== null);
  const distinct = [...new Set(known)];
  if (known.every((value) => typeof value === "number")) {
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const log = least > 0 && most / least >= 30;
    const scale = log ? Math.log : (value) => value;
    const span = scale(most) - scale(least);
    const place = (value) => (value === null ? null : span ? (scale(value) - scale(least)) / span : 0.5);
    const few = distinct.length <= 5 ? distinct : [least, most];
    return { title, place, ticks: few.map((value) => [place(value), shortNumber(value)]) };
  }
  const names = distinct.map(String).sort((a, b) => a.localeCompare(b));
  const place = (value) => (value === null ? null : names.length > 1 ? names.indexOf(String(value)) / (names.length - 1) : 0.5);
  const each = Math.ceil(names.length / MOST_NAMES);
  const told = names.filter((_, at_) => at_ % each === 0);
  return { title, place, ticks: told.map((name) => [place(name), name.length > 14 ? name.slice(0, 13) + "…" : name]) };
}

const shortNumber = (value) => String(Number(value.toPrecision(3))).replace(".", given.decimal);

function parallelAxes(runs) {
  const score = (run) => measured(run, view.metric, view.window)[0];
  const found = [];
  const models = runs.map((run) => word(given.runs.model, run) || null);
  if (new Set(models).size > 1) found.push({ ...axisOf(texts.model, models), values: models });
  const varied = given.settings
    .map((setting) => ({ setting, values: runs.map((run) => settingOf(setting, run)) }))
    .filter((one) => new Set(one.values.filter((value) => value !== null)).size > 1);
  const widest = (one) => one.values.filter((value) => value !== null).length;
  const room = MOST_AXES - found.length;
  const chosen = [...varied].sort((a, b) => widest(b) - widest(a)).slice(0, room);
  for (const one of varied.filter((candidate) => chosen.includes(candidate))) {
    found.push({ ...axisOf(one.setting.short, one.values), values: one.values });
  }
  const scores = runs.map(score);
  const last = axisOf(titleOf(given.metrics, view.metric), scores);
  const extremes = [Math.min(...scores), Math.max(...scores)];
  last.ticks = extremes.map((value) => [last.place(value), number(value, 4)]);
  return { axes: [...found, { ...last, values: scores }], shown: chosen.length, all: varied.length };
}

function drawParallel() {
  const runs = shownRuns().filter((run) => measured(run, view.metric, view.window));
  const { axes, shown, all } = runs.length > 1 ? parallelAxes(runs) : { axes: [], shown: 0, all: 0 };
  const empty = axes.length < 2;
  at("parallel-plot").hidden = empty;
  const told = { metric: titleOf(given.metrics, view.metric), window: titleOf(given.windows, view.window) };
  at("parallel-hint").textContent = empty
    ? texts.parallel_none
    : fill(texts.parallel_note, told) + (shown < all ? " " + fill(texts.parallel_more, { shown, all }) : "");
  if (empty) return;
  const down = isNamed(view.metric).greater ? -1 : 1;
  const scores = axes.at(-1).values;
  const order = runs.map((_, place) => place).sort((a, b) => down * (scores[a] - scores[b]));
  const fifth = new Map(order.map((place, rank) => [place, Math.floor((5 * rank) / order.length)]));
  const line = (place) => axes.map((axis) => axis.place(axis.values[place]));
  const traces = [];
  const scale = css("--scale").split(",").map((one) => one.trim());
  for (let group = 4; group >= 0; group--) {
    const [x, y] = [[], []];
    for (const place of order) {
      if (fifth.get(place) !== group || view.drawn.includes(runs[place])) continue;
      x.push(...axes.keys(), null);
      y.push(...line(place), null);
    }
    const faint = runs.length > 200 ? 0.3 : 0.8;
    traces.push({ x, y, mode: "lines", name: texts.fifths[group], line: { color: scale[group], width: runs.length > 50 ? 1 : 1.8 }, opacity: group ? faint : 0.9, hoverinfo: "skip", showlegend: runs.length >= 5 });
  }
  for (const [slot, run] of view.drawn.entries()) {
    const place = runs.indexOf(run);
    if (place < 0) continue;
    const told_ = axes.map((axis) => `${printed(axis.title)}: ${printed(axis.values[place] ?? "–")}`);
    traces.push({ x: [...axes.keys()], y: line(place), mode: "lines+markers", name: printed(labelOf(run)), line: lineOf(slot, 3), marker: { size: 7, color: colour(slot) },
      text: told_, hovertemplate: `${printed(labelOf(run))}<br>%{text}<extra></extra>` });
  }
  const note = { showarrow: false, font: { size: 12, color: css("--ink") }, bgcolor: css("--paper"), borderpad: 1 };
  const ticks = axes.flatMap((axis, x) => axis.ticks.map(([y, text]) => ({ ...note, x, y, text: printed(text), xanchor: x ? "right" : "left", xshift: x ? -4 : 4, font: { size: 11, color: css("--quiet") } })));
  const rule = (x) => ({ type: "line", x0: x, x1: x, y0: 0, y1: 1, line: { color: css("--quiet"), width: 1 } });
  // neighbours stand on two lines, so that long names have room
  const names = axes.map((axis, x) => ({ ...note, x, y: 1, yanchor: "bottom", yshift: x % 2 ? 26 : 8, xanchor: x ? (x === axes.length - 1 ? "right" : "center") : "left", text: `<b>${printed(axis.title.slice(0, 26))}</b>` }));
  const along = { visible: false, range: [-0.15, axes.length - 0.85], fixedrange: true };
  at("parallel-plot").style.minWidth = `${110 * axes.length}px`;
  draw("parallel-plot", traces, layout("", "", {
    shapes: [...axes.keys()].map(rule), annotations: [...ticks, ...names], showlegend: true, legend: { orientation: "h", y: -0.06, font: { size: 12 } },
    margin: { l: 20, r: 20, t: 60, b: 20 }, xaxis: along, yaxis: { visible: false, range: [-0.05, 1.05], fixedrange: true },
  }));
}
