// What the page was given, unpacked: see payload.py for its shape.
const given = JSON.parse(document.getElementById("data").textContent);
const texts = given.texts.page;
const count = given.runs.id.length;

const bytes = (letters) => Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
// records hold six digits, and 32 bits bring these back exactly
const reals = (letters) =>
  Array.from(new Float32Array(bytes(letters).buffer), (x) => (Number.isNaN(x) ? null : Number(x.toPrecision(6))));
const shares = (letters) =>
  Array.from(new Uint16Array(bytes(letters).buffer), (x) => (x === 65534 ? null : x / 65535));
const word = (column, run) => column.words[column.of[run]];

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
const number = (value, digits) => value.toFixed(digits).replace(".", given.decimal);
const signed = (value, digits) => (value < 0 ? "−" + number(-value, digits) : "+" + number(value, digits));

const ends = {};
for (const [window_, metrics] of Object.entries(given.values)) {
  ends[window_] = {};
  for (const [metric, letters] of Object.entries(metrics)) {
    const all = reals(letters);
    ends[window_][metric] = Array.from({ length: count }, (_, run) => all.slice(3 * run, 3 * run + 3));
  }
}
// [value, low, high] of a run, or null where it has none
function measured(run, metric, window_) {
  const found = ends[window_]?.[metric]?.[run];
  return found && found[0] !== null ? found : null;
}

const VERDICTS = { b: "better", w: "worse", n: "within_noise", u: "not_defined" };
const placeOfGap = new Map(given.gaps.of.map((run, place) => [run, place]));
const gapEnds = {};
// {value, low, high, verdict} of a run against the baseline, or null
function gap(run, metric, window_) {
  const found = given.gaps.windows[window_]?.[metric];
  if (!found || !placeOfGap.has(run)) return null;
  const key = window_ + "/" + metric;
  gapEnds[key] ??= reals(found.ends);
  const place = placeOfGap.get(run);
  const [value, low, high] = gapEnds[key].slice(3 * place, 3 * place + 3);
  return value === null ? null : { value, low, high, verdict: VERDICTS[found.verdicts[place]] };
}

const labelOf = (run) => given.runs.label[run] ?? `${word(given.runs.model, run)} ${given.runs.id[run].slice(-6)}`;
const startedOf = (run) =>
  given.runs.started[run] ?? given.runs.id[run].replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d).*/, "$1-$2-$3 $4:$5");
const stateOf = (run) => word(given.runs.state, run);
const folderOf = (run) => given.folders + encodeURIComponent(given.runs.folder[run] ?? given.runs.id[run]) + "/";
function settingOf(setting, run) {
  if (setting.of === null) return setting.values[run];
  const place = setting.of[run];
  return place < 0 ? null : setting.values[place];
}
const settingText = (value) => (value === null ? "–" : String(value));

function stated([value, low, high], write = number) {
  if (low === null || high === null) return write(value, 4);
  return fill(given.texts.value, { value: write(value, 4), low: write(low, 4), high: write(high, 4) });
}

// An element with its attributes and children; texts go in as texts, so nothing in them is ever markup.
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const at = (id) => document.getElementById(id);
const isNamed = (metric) => given.metrics.find((one) => one.name === metric);
const titleOf = (list, name) => list.find((one) => one.name === name)?.title ?? name;
