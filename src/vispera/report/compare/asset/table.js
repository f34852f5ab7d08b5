// The table: sorted by a click on a title, filtered, a tick draws a run.
const MOST_DRAWN = 8;
const FIRST_ROWS = 100;
const view = {
  window: given.windows.some((one) => one.name === "tuning") ? "tuning" : given.windows[0]?.name,
  metric: given.metrics.some((one) => one.name === "log_loss") ? "log_loss" : given.metrics[0]?.name,
  sort: null, // {key, down}; null is the order of the comparison: best first
  words: [],
  state: "",
  all: false,
  drawn: [...given.drawn],
};

const haystack = given.runs.id.map((id, run) => {
  const parts = [id, labelOf(run), stateOf(run), given.texts.state[stateOf(run)], word(given.runs.note, run), word(given.runs.error, run)];
  for (const setting of given.settings) {
    const value = settingOf(setting, run);
    if (value !== null) parts.push(setting.short + "=" + value);
  }
  return parts.join("\n").toLowerCase();
});

function columns() {
  const baseline = given.baseline === null ? null : labelOf(given.baseline);
  const judged = isNamed(view.metric);
  const found = [];
  const metric = (one) => ({
    key: "metric/" + one.name,
    title: one.title,
    small: one.greater ? texts.greater : texts.less,
    down: one.greater,
    value: (run) => measured(run, one.name, view.window)?.[0] ?? null,
    cell: (run) => {
      const values = measured(run, one.name, view.window);
      return make("td", { class: "number" }, values ? stated(values) : "–");
    },
  });
  if (judged) found.push(metric(judged));
  if (judged && given.gaps.of.length + Object.keys(given.gaps.reasons).length) {
    found.push({
      key: "gap",
      title: fill(texts.difference, { baseline }),
      small: judged.title,
      down: judged.greater,
      value: (run) => gap(run, view.metric, view.window)?.value ?? null,
      cell: gapCell,
    });
  }
  found.push(...given.metrics.filter((one) => one.name !== view.metric && one.name in (given.values[view.window] ?? {})).map(metric));
  for (const [place, setting] of given.settings.entries()) {
    found.push({
      key: "setting/" + place,
      title: setting.short,
      hint: setting.key,
      value: (run) => settingOf(setting, run),
      cell: (run) => make("td", { class: "text" }, settingText(settingOf(setting, run))),
    });
  }
  found.push({ key: "started", title: texts.started, down: true, value: (run) => startedOf(run) || null,
    cell: (run) => make("td", { class: "number" }, startedOf(run).replace("T", " ") || "–") });
  found.push({ key: "seconds", title: texts.seconds, value: (run) => given.runs.seconds[run],
    cell: (run) => make("td", { class: "number" }, given.runs.seconds[run] === null ? "–" : number(given.runs.seconds[run], 1)) });
  found.push({ key: "note", title: texts.note, value: noteOf, cell: (run) => make("td", { class: "note" }, noteOf(run)) });
  return found;
}

const noteOf = (run) => [word(given.runs.error, run), word(given.runs.note, run)].filter(Boolean).join(" · ") || null;

let reach = 1;
function gapCell(run) {
  const found = gap(run, view.metric, view.window);
  if (run === given.baseline) return make("td", { class: "gap" }, make("span", { class: "mark baseline" }, given.texts.verdict.baseline));
  if (!found) return make("td", { class: "gap" }, given.gaps.reasons[run] ?? "–");
  const told = stated([found.value, found.low, found.high], signed);
  const place = (value) => 50 + (50 * value) / reach;
  const bar = make("span", { class: "bar", "aria-hidden": "true" });
  if (found.low !== null) {
    bar.append(make("i", { class: "span " + found.verdict, style: `left:${place(found.low)}%;width:${place(found.high) - place(found.low)}%` }));
  }
  bar.append(make("i", { class: "dot " + found.verdict, style: `left:${place(found.value)}%` }));
  return make("td", { class: "gap number" }, make("span", { class: "verdict " + found.verdict }, given.texts.verdict[found.verdict]), bar, told);
}

function shownRuns() {
  const runs = [];
  for (let run = 0; run < count; run++) {
    if (view.state && stateOf(run) !== view.state) continue;
    if (view.words.every((one) => haystack[run].includes(one))) runs.push(run);
  }
  const by = view.sort && columns().find((one) => one.key === view.sort.key);
  if (!by) return runs;
  const values = new Map(runs.map((run) => [run, by.value(run)]));
  const compared = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  return runs.sort((a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a - b; // what is not known stays last
    return (view.sort.down ? -1 : 1) * compared(x, y) || a - b;
  });
}

function header(column) {
  const sorted = view.sort?.key === column.key;
  const order = sorted ? (view.sort.down ? "descending" : "ascending") : null;
  const press = () => {
    view.sort = { key: column.key, down: sorted ? !view.sort.down : Boolean(column.down) };
    drawTable();
    at("table").querySelector(`[data-key="${CSS.escape(column.key)}"]`)?.focus();
  };
  const button = make("button", { type: "button", "data-key": column.key, title: column.hint ?? texts.sort_hint, onclick: press }, column.title);
  return make("th", { scope: "col", "aria-sort": order }, button, column.small ? make("small", {}, column.small) : null);
}

function runCell(run) {
  const state = stateOf(run);
  const name = make("b", {}, labelOf(run));
  if (run === given.best) name.append(make("span", { class: "mark best" }, texts.best));
  if (run === given.baseline) name.append(make("span", { class: "mark baseline" }, given.texts.verdict.baseline));
  if (given.runs.trial[run] !== null) name.append(make("span", { class: "mark pruned" }, fill(texts.trial, { number: given.runs.trial[run] })));
  if (state !== "finished") name.append(make("span", { class: "mark " + state }, given.texts.state[state] ?? state));
  return make("td", { class: "run" }, name, make("a", { href: folderOf(run), title: texts.folder }, given.runs.id[run]));
}

function tickCell(run) {
  const slot = view.drawn.indexOf(run);
  const press = (event) => {
    if (event.target.checked && view.drawn.length >= MOST_DRAWN) {
      event.target.checked = false;
      at("shown").textContent = fill(texts.most, { number: MOST_DRAWN });
      return;
    }
    view.drawn = event.target.checked ? [...view.drawn, run] : view.drawn.filter((one) => one !== run);
    drawTable();
    drawPlots();
    at("table").querySelector(`input[data-run="${run}"]`)?.focus();
  };
  const input = make("input", { type: "checkbox", "data-run": run, "aria-label": `${texts.draw} ${labelOf(run)}`, onchange: press });
  input.checked = slot >= 0;
  return make("td", { class: "tick" }, make("label", {}, input, slot >= 0 ? swatch(slot) : null));
}

function drawTable() {
  const list = columns();
  const runs = shownRuns();
  const gaps = runs.map((run) => gap(run, view.metric, view.window)).filter(Boolean);
  reach = 1.05 * Math.max(1e-9, ...gaps.flatMap((one) => [one.value, one.low ?? 0, one.high ?? 0].map(Math.abs)));
  const head = make("tr", {}, make("th", { scope: "col", class: "tick" }, texts.draw), make("th", { scope: "col" }, texts.run), ...list.map(header));
  const rows = (view.all ? runs : runs.slice(0, FIRST_ROWS)).map((run) =>
    make("tr", {}, tickCell(run), runCell(run), ...list.map((column) => column.cell(run))));
  const box = at("table");
  const [left, top] = [box.scrollLeft, box.scrollTop];
  box.replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  box.scrollTo(left, top);
  at("shown").replaceChildren(fill(texts.shown, { shown: rows.length, all: count }), " ");
  if (runs.length > FIRST_ROWS) {
    const press = () => { view.all = !view.all; drawTable(); };
    at("shown").append(make("button", { type: "button", onclick: press }, view.all ? texts.show_few : fill(texts.show_all, { number: runs.length })));
  }
}
