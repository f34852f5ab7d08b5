// How a search went: each trial at its score, the pruned as far above the best as they fell back.
let search = 0;

function drawHistory() {
  at("history").hidden = !given.searches.length;
  if (!given.searches.length) return;
  const one = given.searches[search];
  const heights = reals(one.height);
  const places = (letter) => [...one.state].flatMap((state, place) => (state === letter ? [place] : []));
  const tally = (letter) => places(letter).length;
  const told = fill(texts.history_counts, { finished: tally("d"), pruned: tally("p"), failed: tally("x"), running: tally("r") });
  const why = one.why ? fill(texts.not_repeatable, { why: one.why }) : "";
  at("history-hint").textContent = [told, why, texts.history_note].filter(Boolean).join(" ");
  const known = heights.filter((height) => height !== null);
  // one hopeless trial must not press all others into a line
  const sorted = [...known].sort((a, b) => a - b);
  const [least, most] = [sorted[0] ?? 0, sorted[Math.floor(0.95 * (sorted.length - 1))] ?? 1];
  const room = 0.12 * (most - least || Math.abs(least) * 0.01 || 0.01);
  const range = [least - 2 * room, most + 2 * room];
  const kept = (height) => Math.min(height, range[1] - 0.4 * room);
  const marks = { d: ["history_finished", "circle", 0], p: ["history_pruned", "triangle-up-open", 3], x: ["history_failed", "x-thin", 1] };
  const traces = [];
  for (const [letter, [name, symbol, slot]] of Object.entries(marks)) {
    const here = places(letter).filter((place) => letter === "x" || heights[place] !== null);
    if (!here.length) continue;
    traces.push({
      x: here.map((place) => one.number[place]),
      y: here.map((place) => (letter === "x" ? range[0] + 0.5 * room : kept(heights[place]))),
      text: here.map((place) => (heights[place] === null ? "" : number(heights[place], 4))),
      mode: "markers", name: texts[name], marker: { symbol, size: 9, color: colour(slot), line: { color: colour(slot), width: 2 } },
      customdata: here.map((place) => one.run[place]),
      hovertemplate: `${fill(texts.trial, { number: "%{x}" })}: %{text}<extra></extra>`,
    });
  }
  let best = Infinity;
  const done = places("d").filter((place) => heights[place] !== null);
  const steps = done.map((place) => (best = Math.min(best, heights[place])));
  if (done.length) {
    const last = Math.max(...one.number);
    traces.push({ x: [...done.map((place) => one.number[place]), last], y: [...steps, best], mode: "lines", name: texts.history_best, line: { shape: "hv", color: colour(0), width: 2.5 }, hoverinfo: "skip" });
  }
  draw("history-plot", traces, layout(texts.history_x, texts.history_y, {
    showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: 12 } }, margin: { l: 60, r: 12, t: 60, b: 46 },
    xaxis: { tickformat: "d", nticks: 10 }, yaxis: { range, tickformat: ".4~f" },
  }));
}

function historyControls() {
  if (given.searches.length < 2) return;
  const press = (event) => { search = Number(event.target.value); drawHistory(); };
  const options = given.searches.map((one, place) => make("option", { value: place }, one.id));
  at("history-controls").append(make("label", {}, texts.search, make("select", { onchange: press }, ...options)));
}
