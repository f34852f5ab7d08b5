// The controls above the table, and the first drawing of everything.
function redraw() {
  drawTable();
  drawPlots();
  drawParallel();
  drawHistory();
}

function choice(name, title, options, press) {
  const parts = options.map((one) => {
    const input = make("input", { type: "radio", name, value: one.name, onchange: () => press(one.name) });
    input.checked = one.name === view[name];
    return make("label", {}, input, make("span", {}, one.title));
  });
  return make("fieldset", {}, make("legend", {}, title), make("div", { class: "choice" }, ...parts));
}

function picker(title, options, press) {
  const parts = options.map((one) => make("option", { value: one.name }, one.title));
  return make("label", {}, title, make("select", { onchange: (event) => press(event.target.value) }, ...parts));
}

function debounced(action, after = 120) {
  let waiting;
  return (...values) => { clearTimeout(waiting); waiting = setTimeout(() => action(...values), after); };
}

function controls() {
  const narrowed = () => { drawTable(); drawParallel(); };
  const search_ = make("input", {
    type: "search", placeholder: texts.filter_hint,
    oninput: debounced((event) => { view.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean); narrowed(); }),
  });
  const states = given.runs.state.words.map((name) => ({ name, title: given.texts.state[name] ?? name }));
  const parts = [];
  if (given.windows.length > 1) parts.push(choice("window", texts.window, given.windows, (name) => { view.window = name; redraw(); }));
  if (given.metrics.length > 1) {
    const first = [...given.metrics].sort((a, b) => (b.name === view.metric) - (a.name === view.metric));
    parts.push(picker(texts.judged_by, first, (name) => { view.metric = name; drawTable(); drawParallel(); }));
  }
  parts.push(make("label", { class: "wide" }, texts.filter, search_));
  if (states.length > 1) parts.push(picker(texts.state, [{ name: "", title: texts.every_state }, ...states], (name) => { view.state = name; narrowed(); }));
  const tick = (runs) => { view.drawn = runs; drawTable(); drawPlots(); drawParallel(); };
  const withCurves = () => shownRuns().filter((run) => placeOfCurve.has(run)).slice(0, Math.min(5, MOST_DRAWN));
  parts.push(make("button", { type: "button", onclick: () => tick(withCurves()) }, fill(texts.select_best, { number: 5 })));
  parts.push(make("button", { type: "button", onclick: () => tick([]) }, texts.select_none));
  at("controls").append(...parts);
}

controls();
historyControls();
redraw();
dark.addEventListener("change", redraw);
// paper is light: what is drawn for a dark screen is drawn anew for it
function toPaper(paper) {
  onPaper = paper;
  document.documentElement.classList.toggle("paper", paper);
  redraw();
}
window.addEventListener("beforeprint", () => toPaper(true));
window.addEventListener("afterprint", () => toPaper(false));
