import {
  element, svgElement, uniqueId, widgetFrame, selectControl, stepControl, tickControl, follow, put,
  nameChoice, nameControl, onRemembered, placeLabel,
} from "./shared.js";

const EARTH = { a: 6378137, e2: 0.0066943799901413165 }; // WGS 84: semi-major axis in metres, eccentricity squared

/**
 * Lambert azimuthal equal-area on the ellipsoid, as PROJ computes it (Snyder 1987, pages 187-188):
 * the same projection that drew the paths, so that a typed point falls where it belongs.
 * @returns {(lon: number, lat: number) => [number, number]} metres east and north of the centre
 */
function equalArea(lon0, lat0) {
  const { a, e2 } = EARTH;
  const e = Math.sqrt(e2);
  const radians = Math.PI / 180;
  const q = (phi) => {
    const s = Math.sin(phi);
    return (1 - e2) * (s / (1 - e2 * s * s) - Math.log((1 - e * s) / (1 + e * s)) / (2 * e));
  };
  const qPole = q(Math.PI / 2);
  const radius = a * Math.sqrt(qPole / 2);
  const beta = (phi) => Math.asin(Math.max(-1, Math.min(1, q(phi) / qPole)));
  const phi0 = lat0 * radians;
  const beta0 = beta(phi0);
  const scale = (a * Math.cos(phi0)) / Math.sqrt(1 - e2 * Math.sin(phi0) ** 2) / (radius * Math.cos(beta0));
  return (lon, lat) => {
    const b = beta(lat * radians);
    const turn = (lon - lon0) * radians;
    const k = radius * Math.sqrt(2 / (1 + Math.sin(beta0) * Math.sin(b) + Math.cos(beta0) * Math.cos(b) * Math.cos(turn)));
    return [
      k * scale * Math.cos(b) * Math.sin(turn),
      (k / scale) * (Math.cos(beta0) * Math.sin(b) - Math.sin(beta0) * Math.cos(b) * Math.cos(turn)),
    ];
  };
}

/**
 * Length in km of the shortest line on the ellipsoid between two points (Lambert's formula for
 * long lines; within 10 m over the distances of this course).
 */
function distanceKm(from, to) {
  const f = 1 - Math.sqrt(1 - EARTH.e2);
  const radians = Math.PI / 180;
  const beta1 = Math.atan((1 - f) * Math.tan(from.lat * radians));
  const beta2 = Math.atan((1 - f) * Math.tan(to.lat * radians));
  const turn = (to.lon - from.lon) * radians;
  const half = Math.sin((beta2 - beta1) / 2) ** 2 + Math.cos(beta1) * Math.cos(beta2) * Math.sin(turn / 2) ** 2;
  const sigma = 2 * Math.asin(Math.min(1, Math.sqrt(half)));
  if (sigma === 0) return 0;
  const p = (beta1 + beta2) / 2;
  const q = (beta2 - beta1) / 2;
  const x = ((sigma - Math.sin(sigma)) * (Math.sin(p) * Math.cos(q)) ** 2) / Math.cos(sigma / 2) ** 2;
  const y = ((sigma + Math.sin(sigma)) * (Math.cos(p) * Math.sin(q)) ** 2) / Math.sin(sigma / 2) ** 2;
  return (EARTH.a * (sigma - (f / 2) * (x + y))) / 1000;
}

/** 39°08'26.6"N as {degrees, minutes, seconds, side}, or null when it does not read so. */
function readDms(text) {
  const found = /^\s*(\d+)\s*°\s*(\d+)\s*['′’]\s*(\d+(?:\.\d+)?)\s*["″”]\s*([NSEW])\s*$/.exec(text);
  return found && { degrees: Number(found[1]), minutes: Number(found[2]), seconds: Number(found[3]), side: found[4] };
}

function toDegrees({ degrees, minutes, seconds, side }) {
  const value = degrees + minutes / 60 + seconds / 3600;
  return side === "S" || side === "W" ? -value : value;
}

function kilometres(value) {
  if (value < 20) return `${value.toFixed(2)} km`;
  if (value < 200) return `${value.toFixed(1)} km`;
  return `${Math.round(value).toLocaleString("en")} km`;
}

function render({ model, el }) {
  const drawing = model.get("drawing");
  const frame = widgetFrame({ model, el, kind: "atlas" });
  const cleanUps = [];
  const controls = element("div", { class: "aras-controls" });
  const project = equalArea(drawing.projection.lon0, drawing.projection.lat0);
  const place = (lon, lat) => {
    const [x, y] = project(lon, lat);
    return [(x - drawing.projection.x0) * drawing.projection.scale, (drawing.projection.y0 - y) * drawing.projection.scale];
  };

  // Controls, each only where there is something to choose.
  const stepLabels = drawing.steps.map((step) => (step.precision === "day" || !step.precision ? step.date : `${step.date} (${step.precision})`));
  const stepper = drawing.steps.length > 1 && stepControl({ label: "Date", options: stepLabels, value: model.get("step"), onpick: (index) => put(model, "step", index) });
  const chooser = drawing.choices && selectControl({ label: drawing.choices.label, options: drawing.choices.options, value: model.get("choice"), onpick: (index) => put(model, "choice", index) });
  const viewer = drawing.views.length > 1 && selectControl({ label: "Show", options: drawing.views.map((view) => view.label), value: model.get("view"), onpick: (index) => put(model, "view", index) });
  const switches = drawing.layers.filter((layer) => layer.switch);
  const ticks = switches.length > 0 && tickControl({
    legend: "Layers",
    options: switches.map((layer) => layer.label),
    values: switches.map((layer) => !model.get("hidden").includes(layer.id)),
    ontick: (index, shown) => {
      const others = model.get("hidden").filter((id) => id !== switches[index].id);
      put(model, "hidden", shown ? others : [...others, switches[index].id]);
    },
  });
  for (const control of [stepper, chooser, viewer]) if (control) controls.append(control.node);
  if (Object.keys(drawing.places).length) {
    const names = nameControl();
    controls.append(names.node);
    cleanUps.push(names.off);
  }
  frame.body.append(controls);
  if (ticks) frame.body.append(ticks.node);

  // The map itself.
  const svg = svgElement("svg", { class: "aras-map", role: "group", "aria-label": `${model.get("title")}: map. Arrow keys move from feature to feature.` });
  const defs = svgElement("defs");
  svg.append(defs);
  const patterns = new Map(Object.entries(drawing.classes).map(([key, found]) => [key, addPattern(defs, found)]));
  const groups = new Map();
  const reachable = [];
  const labels = [];
  for (const layer of drawing.layers) {
    const group = svgElement("g");
    groups.set(layer.id, group);
    for (const feature of layer.features) {
      const mark = layer.kind === "point"
        ? svgElement("circle", { class: `aras-look-${layer.look}`, cx: feature.x, cy: feature.y })
        : svgElement("path", { class: `aras-look-${layer.look} aras-is-${layer.kind}`, d: feature.d });
      group.append(mark);
      // A mere label has no mark that could take the focus.
      if (layer.look !== "label" && (feature.says || feature.status || feature.place)) reachable.push({ layer, feature, mark });
      if (feature.place || feature.text) labels.push({ layer, feature, node: svgElement("text", { class: `aras-label aras-label-${layer.look}`, "aria-hidden": "true" }) });
    }
    svg.append(group);
  }
  const marker = svgElement("g", { class: "aras-marker" });
  const labelGroup = svgElement("g");
  labelGroup.append(...labels.map((label) => label.node));
  svg.append(marker, labelGroup);
  const scale = element("span", { class: "aras-scale" });
  const foot = element("p", { class: "aras-foot" }, scale, ` Lambert azimuthal equal-area, centred on ${drawing.projection.lat0.toFixed(1)}° N ${drawing.projection.lon0.toFixed(1)}° E. Lines as of: ${drawing.asOf}. No line here is an opinion on where a border should be.`);
  frame.body.append(frame.status, svg, legend(drawing, patterns), foot);

  const nameOf = (feature) => (feature.place ? placeLabel(drawing.places[feature.place], nameChoice()) : { text: feature.text ?? feature.id, lang: "en", dir: "ltr" });
  const describe = ({ feature, layer }) => {
    const named = nameOf(feature).text || drawing.places[feature.place]?.en || feature.id;
    const state = feature.status && drawing.classes[feature.status[model.get("step")]];
    const parts = [feature.place || !feature.says ? named : null, state ? state.label : null, feature.says].filter(Boolean);
    return parts.length > 1 ? parts.join(": ") : `${parts[0]}${feature.says ? "" : ` (${layer.label})`}`;
  };

  // One stop for the Tab key; arrow keys move inside the map.
  let current = 0;
  const focusAt = (index) => {
    const open = reachable.filter(({ layer }) => isShown(layer));
    if (!open.length) return;
    current = (index + open.length) % open.length;
    reachable.forEach(({ mark }) => mark.setAttribute("tabindex", "-1"));
    open[current].mark.setAttribute("tabindex", "0");
    open[current].mark.focus();
  };
  const isShown = (layer) => {
    const [first, last] = layer.during.length ? layer.during : [model.get("step"), model.get("step")];
    return !model.get("hidden").includes(layer.id) && (!layer.views.length || layer.views.includes(model.get("view")))
      && first <= model.get("step") && model.get("step") <= last;
  };
  reachable.forEach((entry) => {
    entry.mark.setAttribute("role", "img");
    entry.mark.addEventListener("focus", () => frame.say(describe(entry)));
    entry.mark.addEventListener("pointerenter", () => frame.say(describe(entry)));
    entry.mark.addEventListener("click", () => frame.say(describe(entry)));
  });
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    focusAt(current + by);
  });
  svg.addEventListener("pointerleave", () => sayState());

  const sayState = () => {
    if (locator) return frame.say(locator.words());
    const said = drawing.says;
    const step = drawing.steps[model.get("step")];
    const words = said.length ? said[said.length > 1 ? model.get("step") : 0][model.get("choice")] : "";
    frame.say([step?.says, words].filter(Boolean).join(" "));
  };

  // Text and points keep their size on the screen at any width; labels that would collide move or hide.
  const layout = () => {
    const [x, y, width, height] = drawing.views[model.get("view")].box;
    const unit = unitsPerPixel(svg, width, height);
    svg.style.setProperty("--aras-unit", `${unit}px`);
    for (const { layer, mark } of [...reachable, ...markOnly()]) if (layer.kind === "point") mark.setAttribute("r", String((layer.look === "feature" ? 6 : 4) * unit));
    drawScale(scale, drawing.projection.scale, unit);
    const taken = locator ? locator.boxes(unit) : [];
    for (const { layer, feature, node } of labels) {
      const named = nameOf(feature);
      node.textContent = named.text;
      node.setAttribute("lang", named.lang);
      node.setAttribute("direction", named.dir);
      const inView = isShown(layer) && named.text && feature.x > x && feature.x < x + width && feature.y > y && feature.y < y + height;
      node.style.display = inView ? "" : "none";
      if (!inView) continue;
      node.style.fontSize = `${12.5 * unit}px`;
      node.style.strokeWidth = `${3.5 * unit}px`;
      const size = node.getComputedTextLength();
      const line = 15 * unit;
      const fits = (box) => box[0] >= x && box[2] <= x + width && box[1] >= y && box[3] <= y + height
        && taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
      const found = anchors(layer, feature, size, line, 8 * unit).find(({ box }) => fits(box));
      if (!found) {
        node.style.display = "none";
        continue;
      }
      taken.push(found.box);
      node.setAttribute("x", found.box[0] + size / 2);
      node.setAttribute("y", found.box[3] - line * 0.25);
    }
  };
  const markOnly = () => drawing.layers.filter((layer) => layer.kind === "point").flatMap((layer) =>
    [...groups.get(layer.id).children].map((mark) => ({ layer, mark })));

  const locator = drawing.locator ? addLocator({ model, drawing, frame, controls: frame.body, svg, marker, place, onchange: () => { layout(); sayState(); } }) : null;

  const paint = () => {
    if (stepper) stepper.set(model.get("step"));
    if (chooser) chooser.set(model.get("choice"));
    if (viewer) viewer.set(model.get("view"));
    if (ticks) ticks.set(switches.map((layer) => !model.get("hidden").includes(layer.id)));
    svg.setAttribute("viewBox", drawing.views[model.get("view")].box.join(" "));
    for (const layer of drawing.layers) groups.get(layer.id).style.display = isShown(layer) ? "" : "none";
    for (const entry of reachable) {
      const key = entry.feature.status?.[model.get("step")];
      entry.mark.dataset.status = key ?? "";
      entry.mark.style.fill = key && patterns.get(key) ? patterns.get(key) : "";
      entry.mark.setAttribute("aria-label", describe(entry));
    }
    const open = reachable.filter(({ layer }) => isShown(layer));
    if (!open.some(({ mark }) => mark.getAttribute("tabindex") === "0")) open.forEach(({ mark }, index) => mark.setAttribute("tabindex", index ? "-1" : "0"));
    if (locator) locator.paint();
    layout();
    const { columns, rows } = drawing.table;
    frame.table(columns, rows, drawing.steps.length && rows.length === drawing.steps.length ? model.get("step") : -1);
    sayState();
  };
  cleanUps.push(follow(model, ["step", "choice", "view", "hidden", "point"], paint));
  cleanUps.push(onRemembered("names", paint));
  const watch = new ResizeObserver(layout);
  watch.observe(svg);
  return () => {
    watch.disconnect();
    cleanUps.forEach((cleanUp) => cleanUp());
  };
}

/** Drawing units in one pixel of the screen; the map is fitted into its box, so the tighter side rules. */
function unitsPerPixel(svg, width, height) {
  return Math.max(width / (svg.clientWidth || 800), height / (svg.clientHeight || 800));
}

/** Where a label may stand, the author's side first. */
function anchors(layer, feature, size, line, gap) {
  const { x, y } = feature;
  const at = (left, top) => ({ box: [left, top, left + size, top + line] });
  if (layer.kind !== "point" || layer.look === "label") return [0, -1, 1, -2, 2].map((row) => at(x - size / 2, y - line / 2 + row * line));
  const sides = {
    e: at(x + gap, y - line / 2), w: at(x - gap - size, y - line / 2),
    n: at(x - size / 2, y - gap - line), s: at(x - size / 2, y + gap),
    ne: at(x + gap / 2, y - gap - line / 2), se: at(x + gap / 2, y + gap / 2),
    nw: at(x - gap / 2 - size, y - gap - line / 2), sw: at(x - gap / 2 - size, y + gap / 2),
  };
  return [feature.at, ...Object.keys(sides)].filter((side) => sides[side]).map((side) => sides[side]);
}

/** A fill that differs by pattern as well as by colour; returns the value for `fill`. */
function addPattern(defs, { color, pattern }) {
  if (pattern === "none") return "";
  if (pattern === "solid") return color;
  const id = uniqueId("pattern");
  const size = 48;
  const tile = svgElement("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: pattern === "dots" ? "" : "rotate(45)" });
  tile.append(svgElement("rect", { width: size, height: size, fill: color, "fill-opacity": 0.35 }));
  const stroke = { stroke: color, "stroke-width": 14 };
  if (pattern === "dots") tile.append(svgElement("circle", { cx: size / 2, cy: size / 2, r: 11, fill: color }));
  else tile.append(svgElement("line", { x1: 0, y1: 0, x2: 0, y2: size, ...stroke }));
  if (pattern === "cross") tile.append(svgElement("line", { x1: 0, y1: 0, x2: size, y2: 0, ...stroke }));
  defs.append(tile);
  return `url(#${id})`;
}

function legend(drawing, patterns) {
  const swatch = (child) => {
    const box = svgElement("svg", { class: "aras-swatch", viewBox: "0 0 150 90", "aria-hidden": "true" });
    box.append(child);
    return box;
  };
  const items = Object.entries(drawing.classes).map(([key, found]) =>
    element("li", {}, swatch(svgElement("rect", { class: "aras-look-unit", x: 3, y: 3, width: 144, height: 84, style: patterns.get(key) ? `fill:${patterns.get(key)}` : "" })), found.label));
  for (const layer of drawing.layers) {
    if (!layer.legend || layer.features.some((feature) => feature.status)) continue;
    const shape = layer.kind === "point"
      ? svgElement("circle", { class: `aras-look-${layer.look}`, cx: 75, cy: 45, r: 26 })
      : layer.kind === "line"
        ? svgElement("path", { class: `aras-look-${layer.look} aras-is-line`, d: "M4 45h142" })
        : svgElement("rect", { class: `aras-look-${layer.look} aras-is-area`, x: 3, y: 3, width: 144, height: 84 });
    items.push(element("li", {}, swatch(shape), layer.label));
  }
  if (drawing.locator) {
    items.push(element("li", {}, swatch(svgElement("path", { class: "aras-cross", d: "M45 45h60M75 15v60" })), "The point in the boxes"));
    items.push(element("li", {}, swatch(svgElement("circle", { class: "aras-tolerance", cx: 75, cy: 45, r: 38 })), `Tolerance of ${drawing.locator.toleranceKm} km`));
  }
  return element("ul", { class: "aras-legend", "aria-label": "Legend" }, ...items);
}

/** A bar of a round number of kilometres, about a quarter of the map wide. */
function drawScale(node, unitsPerMetre, unitsPerPixel) {
  const kmPerPixel = unitsPerPixel / unitsPerMetre / 1000;
  const wanted = kmPerPixel * 110;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= wanted);
  node.textContent = `${length} km`;
  node.style.setProperty("--aras-bar", `${length / kmPerPixel}px`);
}

/** Distance in drawing units from a point to a path of Atlas: "M" to a start, "l" and relative steps. */
function distanceToPath(d, px, py) {
  let best = Infinity;
  for (const piece of d.split("M").slice(1)) {
    const [x0, y0, ...steps] = piece.match(/-?\d+/g).map(Number);
    let [x, y] = [x0, y0];
    for (let i = 0; i + 1 < steps.length; i += 2) {
      const [dx, dy] = [steps[i], steps[i + 1]];
      const along = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)));
      best = Math.min(best, Math.hypot(px - x - along * dx, py - y - along * dy));
      x += dx;
      y += dy;
    }
  }
  return best;
}

/** Boxes for a point in degrees, minutes and seconds, buttons that break it, and what is near. */
function addLocator({ model, drawing, controls, svg, marker, place, onchange }) {
  const { locator } = drawing;
  const start = { lat: readDms(locator.start[0]), lon: readDms(locator.start[1]) };
  if (!model.get("point").lat) model.set("point", { ...start, how: "as printed" });

  const box = (axis, part, label, max) => {
    const id = uniqueId(part);
    const input = element("input", {
      type: "number", id, min: 0, max, step: part === "seconds" ? 0.1 : 1, inputmode: "decimal",
      onchange: () => {
        const value = Number(input.value);
        const ok = input.value !== "" && value >= 0 && value <= max;
        input.setAttribute("aria-invalid", String(!ok));
        problem.textContent = ok ? "" : `The ${label} must be a number from 0 to ${max}.`;
        if (ok) put(model, "point", { ...model.get("point"), [axis]: { ...model.get("point")[axis], [part]: value }, how: "as typed" });
      },
    });
    return { node: element("div", { class: "aras-control" }, element("label", { for: id }, label), input), input, part, axis };
  };
  const axes = ["lat", "lon"].map((axis) => [box(axis, "degrees", "degrees", axis === "lat" ? 90 : 180), box(axis, "minutes", "minutes", 59), box(axis, "seconds", "seconds", 59.9)]);
  const boxes = axes.flat();
  const groups = axes.map((three, index) => element("fieldset", { class: "aras-control aras-dms" }, element("legend", {}, index ? "Longitude, east" : "Latitude, north"), ...three.map((each) => each.node)));
  const problem = element("p", { class: "aras-problem", role: "alert" });

  const pick = (how, lat, lon) => put(model, "point", { lat, lon, how });
  const asDecimal = ({ degrees, minutes, side }) => ({ degrees, minutes: Math.trunc(minutes * 0.6), seconds: Math.round((minutes * 0.6 % 1) * 600) / 10, side });
  const ways = [
    ["As printed", () => pick("as printed", start.lat, start.lon)],
    ...Object.entries(locator.others).map(([label, [lat, lon]]) => [label, () => pick(`of the button “${label}”`, readDms(lat), readDms(lon))]),
    ["Swap the two", () => pick("swapped", { ...start.lon, side: "N" }, { ...start.lat, side: "E" })],
    ["Drop the seconds", () => pick("without seconds", { ...start.lat, seconds: 0 }, { ...start.lon, seconds: 0 })],
    ["Read minutes as decimals", () => pick("minutes read as decimals", asDecimal(start.lat), asDecimal(start.lon))],
  ];
  const buttons = ways.map(([label, act]) => element("button", { type: "button", onclick: () => { problem.textContent = ""; act(); } }, label));
  controls.prepend(
    element("div", { class: "aras-controls" }, ...groups),
    problem,
    element("div", { class: "aras-controls", role: "group", "aria-label": "Read it another way" }, ...buttons),
  );

  const table = element("div", { class: "aras-scroll aras-distances", tabindex: "0", role: "region", "aria-label": "Distances from the point" });
  controls.append(table);

  const border = drawing.layers.find((layer) => layer.id === locator.border);
  const borderKm = ([x, y]) => Math.min(...border.features.map(({ d }) => distanceToPath(d, x, y))) / drawing.projection.scale / 1000;
  const isOutside = ([x, y]) => {
    const [left, top, width, height] = drawing.views[model.get("view")].box;
    return x < left || x > left + width || y < top || y > top + height;
  };

  const near = () => {
    const { lat, lon } = model.get("point");
    const here = { lat: toDegrees(lat), lon: toDegrees(lon) };
    const list = locator.points.map((each) => ({ ...each, km: distanceKm(here, each) }));
    return { at: place(here.lon, here.lat), list: list.sort((a, b) => a.km - b.km) };
  };
  const written = ({ degrees, minutes, seconds, side }) => `${degrees}°${String(minutes).padStart(2, "0")}′${seconds.toFixed(1).padStart(4, "0")}″${side}`;
  return {
    words() {
      const { at, list } = near();
      const { lat, lon, how } = model.get("point");
      const said = [
        `Point ${how}: ${written(lat)} ${written(lon)}.`,
        isOutside(at) ? "The point lies outside this view: choose a wider one under “Show”." : "",
        `Nearest published position: ${list[0].label}, ${kilometres(list[0].km)} away.`,
      ];
      if (border) {
        const km = borderKm(at);
        said.push(km < locator.toleranceKm
          ? `The drawn border is ${km.toFixed(1)} km away, nearer than the tolerance of ${locator.toleranceKm} km: this map cannot say on which side of it the point lies.`
          : `No drawn border lies within the tolerance of ${locator.toleranceKm} km.`);
      }
      return said.filter(Boolean).join(" ");
    },
    boxes(unit) {
      const [x, y] = near().at;
      return [[x - 7 * unit, y - 7 * unit, x + 7 * unit, y + 7 * unit]];
    },
    paint() {
      const { at: [x, y], list } = near();
      for (const each of boxes) each.input.value = model.get("point")[each.axis][each.part];
      const [, , width, height] = drawing.views[model.get("view")].box;
      const unit = unitsPerPixel(svg, width, height);
      const ring = locator.toleranceKm * 1000 * drawing.projection.scale;
      marker.replaceChildren(
        svgElement("circle", { class: "aras-tolerance", cx: x, cy: y, r: ring }),
        svgElement("path", { class: "aras-cross", d: `M${x - 9 * unit} ${y}h${18 * unit}M${x} ${y - 9 * unit}v${18 * unit}` }),
      );
      const head = element("tr", {}, ...["Published position", "Distance", "Its precision"].map((text) => element("th", { scope: "col" }, text)));
      const rows = list.map((each) => element("tr", {}, element("th", { scope: "row" }, each.label), element("td", {}, kilometres(each.km)), element("td", {}, each.precisionKm === null ? "not stated" : `about ${each.precisionKm} km`)));
      table.replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
    },
  };
}

export default { render };
