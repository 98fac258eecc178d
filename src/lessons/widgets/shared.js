/**
 * What every widget of the course shares: elements, the frame around a widget, named native
 * controls, the table beside each picture, and what the reader's browser remembers.
 *
 * This file is inlined into each widget's module when it is packed (see base.py), so that a
 * widget is one self-contained module in JupyterLab and in the book.
 */

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element. Functions given as `onclick` etc. become listeners; strings become text. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Make an SVG element. */
export function svgElement(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** An id that no other widget on the page has. */
export function uniqueId(prefix) {
  return `aras-${prefix}-${Math.random().toString(36).slice(2, 10)}`;
}

/** True inside JupyterLab or Notebook, where relative links of a widget lead nowhere. */
export function inJupyter() {
  return document.body.dataset.jpThemeLight !== undefined;
}

/**
 * The frame around a widget: caption on top, a body, a live region that says what changed,
 * a folded sentence on what to notice, a folded table and the source card.
 *
 * A widget may move `status`, the live region, to where its reader looks.
 * @returns {{root: HTMLElement, body: HTMLElement, status: HTMLElement, say: (text: string) => void,
 *   table: (columns: string[], rows: any[][], current?: number) => void}}
 */
export function widgetFrame({ model, el, kind }) {
  const titleId = uniqueId("title");
  const root = element("figure", {
    class: `aras-widget aras-${kind}`,
    id: model.get("name") || null,
    role: "group",
    "aria-labelledby": titleId,
    "data-lm-suppress-shortcuts": "true",
  });
  // JupyterLab's command mode would otherwise swallow the keys of our controls.
  root.addEventListener("keydown", (event) => event.stopPropagation());

  const body = element("div", { class: "aras-body" });
  const status = element("p", { class: "aras-status", role: "status" });
  const tableBox = element("div", { class: "aras-scroll", tabindex: "0", role: "region", "aria-label": `${model.get("title")}: table` });
  const tableFold = element("details", { class: "aras-fold aras-twin" }, element("summary", {}, "The same as a table"), tableBox);
  tableFold.hidden = true;

  root.append(element("p", { class: "aras-title", id: titleId }, model.get("title")), body, status);
  if (model.get("notice")) {
    root.append(element("details", { class: "aras-fold aras-notice" }, element("summary", {}, "Tried it? What to notice"), element("p", {}, model.get("notice"))));
  }
  root.append(tableFold);
  const caption = element("figcaption", {});
  if (model.get("caption")) caption.append(element("p", {}, model.get("caption")));
  caption.append(...sourceCard(model.get("sources")));
  if (caption.childNodes.length) root.append(caption);
  el.append(root);

  return {
    root,
    body,
    status,
    say(text) {
      if (status.textContent !== text) status.textContent = text;
    },
    table(columns, rows, current = -1) {
      tableFold.hidden = rows.length === 0;
      tableBox.replaceChildren(dataTable(columns, rows, current));
    },
  };
}

/** A table of the given cells; the first cell of a row is its header. A cell is text or a node. */
export function dataTable(columns, rows, current = -1) {
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.map((row, index) =>
    element(
      "tr",
      { class: index === current ? "aras-current" : null, "aria-current": index === current ? "true" : null },
      ...row.map((cell, column) => {
        const content = cell instanceof Node ? cell : cell === null || cell === undefined ? "–" : String(cell);
        return column === 0 ? element("th", { scope: "row" }, content) : element("td", {}, content);
      }),
    ),
  );
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}

function sourceCard(sources) {
  if (!sources || !sources.items) return [];
  const items = sources.items.map((item) => {
    const line = element("li", {}, element("strong", {}, item.title), `. Licence: ${item.licence}. Precision: ${item.precision}. Limits: ${item.limits} `);
    line.append(inJupyter() ? `Data: ${item.path}` : element("a", { href: `../${item.path}`, download: true }, `Download ${item.path.split("/").pop()}`));
    return line;
  });
  return [element("details", { class: "aras-source" }, element("summary", {}, sources.summary), element("ul", {}, ...items))];
}

/** A labelled select. `options` are texts; `onpick` gets the index. */
export function selectControl({ label, options, value, onpick }) {
  const id = uniqueId("select");
  const select = element("select", { id, onchange: () => onpick(select.selectedIndex) }, ...options.map((text) => element("option", {}, text)));
  select.selectedIndex = value;
  const node = element("div", { class: "aras-control" }, element("label", { for: id }, label), select);
  return { node, set: (index) => (select.selectedIndex = index) };
}

/** Steps through an ordered list: a range to slide by key, and two buttons. `onpick` gets the index. */
export function stepControl({ label, options, value, onpick }) {
  const id = uniqueId("step");
  const last = options.length - 1;
  const range = element("input", { type: "range", id, min: 0, max: last, step: 1, oninput: () => onpick(Number(range.value)) });
  const output = element("output", { for: id });
  const move = (by) => onpick(Math.min(last, Math.max(0, Number(range.value) + by)));
  const back = element("button", { type: "button", "aria-label": `${label}: one step back`, onclick: () => move(-1) }, "◀");
  const on = element("button", { type: "button", "aria-label": `${label}: one step on`, onclick: () => move(1) }, "▶");
  const node = element("div", { class: "aras-control aras-step" }, element("label", { for: id }, label), back, range, on, output);
  const set = (index) => {
    range.value = index;
    range.setAttribute("aria-valuetext", options[index]);
    output.textContent = options[index];
    // aria-disabled, not disabled: the button that was just pressed must keep the focus.
    back.setAttribute("aria-disabled", String(index === 0));
    on.setAttribute("aria-disabled", String(index === last));
  };
  set(value);
  return { node, set };
}

/** A group of radio buttons under a legend. `onpick` gets the index; nothing is chosen at -1. */
export function radioControl({ legend, options, value = -1, onpick }) {
  const name = uniqueId("radio");
  const inputs = options.map((_, index) => element("input", { type: "radio", name, value: index, onchange: () => onpick(index) }));
  const set = (index) => inputs.forEach((input, i) => (input.checked = i === index));
  set(value);
  const labels = options.map((text, index) => element("label", { class: "aras-option" }, inputs[index], element("span", {}, text)));
  return { node: element("fieldset", { class: "aras-control aras-radio" }, element("legend", {}, legend), ...labels), set, inputs };
}

/** A group of check boxes under a legend. `ontick` gets (index, ticked). */
export function tickControl({ legend, options, values, ontick }) {
  const inputs = options.map((_, index) => element("input", { type: "checkbox", onchange: (event) => ontick(index, event.target.checked) }));
  const set = (ticked) => inputs.forEach((input, index) => (input.checked = ticked[index]));
  set(values);
  const labels = options.map((content, index) => element("label", { class: "aras-option" }, inputs[index], element("span", {}, content)));
  return { node: element("fieldset", { class: "aras-control aras-ticks" }, element("legend", {}, legend), ...labels), set };
}

/**
 * Call `paint` now and whenever one of the traits changes; returns the clean-up.
 * State lives in the model only, so every view of one model stays in step.
 */
export function follow(model, traits, paint) {
  for (const trait of traits) model.on(`change:${trait}`, paint);
  paint();
  return () => traits.forEach((trait) => model.off(`change:${trait}`, paint));
}

/** Set one trait and tell the kernel, if there is one. */
export function put(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

const RECORD = "across-the-aras.record";
const CHANGED = "aras:record";

/** What this browser remembers of the learner; nothing of it ever leaves the machine. */
function readRecord() {
  let text = null;
  try {
    text = localStorage.getItem(RECORD);
  } catch {
    return {}; // storage is switched off: the course works, it just forgets
  }
  if (text === null) return {};
  try {
    const record = JSON.parse(text);
    if (record && typeof record === "object" && record.version === 1) return record;
  } catch {
    // not JSON: handled like any record that is not ours
  }
  // A record we cannot read is set aside, never overwritten.
  localStorage.setItem(`${RECORD}.set-aside.${Date.now()}`, text);
  localStorage.removeItem(RECORD);
  return {};
}

/** The remembered value under a key, or the fallback. */
export function recall(key, fallback) {
  const record = readRecord();
  return record.values && Object.hasOwn(record.values, key) ? record.values[key] : fallback;
}

/** Remember a value under a key, and tell the other widgets on the page. */
export function remember(key, value) {
  const values = { ...readRecord().values, [key]: value };
  try {
    localStorage.setItem(RECORD, JSON.stringify({ version: 1, values }));
  } catch {
    // full or switched off: the choice still holds for this page
  }
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: { key, value } }));
}

/** Call back when a remembered value changes, here or in another tab; returns the clean-up. */
export function onRemembered(key, callback) {
  const here = (event) => event.detail.key === key && callback(event.detail.value);
  const elsewhere = (event) => event.key === RECORD && callback(recall(key));
  window.addEventListener(CHANGED, here);
  window.addEventListener("storage", elsewhere);
  return () => {
    window.removeEventListener(CHANGED, here);
    window.removeEventListener("storage", elsewhere);
  };
}

/** The ways to name a place, in the order of the menu; `lang` and direction go with the text. */
export const NAME_CHOICES = [
  { id: "pair", label: "Azerbaijani and Armenian together" },
  { id: "az", label: "Azerbaijani", lang: "az" },
  { id: "hy", label: "Armenian", lang: "hy" },
  { id: "ru", label: "Russian of the Soviet era", lang: "ru" },
  { id: "fa", label: "Persian", lang: "fa", dir: "rtl" },
  { id: "printed", label: "As the document prints them" },
];

/** The reader's choice of names; pairs are put in one order, drawn once for each reader. */
export function nameChoice() {
  let order = recall("pair-order");
  if (order !== "az-hy" && order !== "hy-az") {
    order = Math.random() < 0.5 ? "az-hy" : "hy-az";
    remember("pair-order", order);
  }
  const wanted = recall("names", "pair");
  return { ...(NAME_CHOICES.find((choice) => choice.id === wanted) || NAME_CHOICES[0]), order };
}

/**
 * The label of a place under a choice of names.
 * @param {{az?: string, hy?: string, hy_latin?: string, ru?: string, fa?: string, en: string, printed?: string}} place
 * @returns {{text: string, lang: string, dir: string}}
 */
export function placeLabel(place, choice) {
  if (choice.id === "pair") {
    const [first, second] = choice.order === "hy-az" ? [place.pair_hy, place.pair_az] : [place.pair_az, place.pair_hy];
    const text = first && second && first !== second ? `${first} / ${second}` : first || second || place.en;
    return { text, lang: "en", dir: "ltr" };
  }
  // A place that has no form in this list keeps the English one, so that no point stands unnamed.
  const text = place[choice.id];
  if (!text) return { text: choice.id === "printed" ? "" : place.en, lang: "en", dir: "ltr" };
  return { text, lang: choice.lang || "en", dir: choice.dir || "ltr" };
}

/** The menu for names; remembered for the whole course. Returns the node and its clean-up. */
export function nameControl() {
  const ids = NAME_CHOICES.map((choice) => choice.id);
  const control = selectControl({
    label: "Place names",
    options: NAME_CHOICES.map((choice) => choice.label),
    value: ids.indexOf(nameChoice().id),
    onpick: (index) => remember("names", ids[index]),
  });
  const off = onRemembered("names", () => control.set(ids.indexOf(nameChoice().id)));
  return { node: control.node, off };
}
