import { element, widgetFrame, selectControl, radioControl, tickControl, follow, put } from "./shared.js";

/** Two decimals at most, without a trailing zero: 109.2, 61, 0.2. */
function round(value) {
  return String(Math.round(value * 100) / 100);
}

/** Cards with numbers that are ticked in and out of a sum, and a sentence that says the total. */
function sumBoard({ model, frame }) {
  const { sets, whole, unit } = model.get("board");
  const chooser = selectControl({
    label: model.get("board").chooser,
    options: sets.map((set) => set.label),
    value: model.get("picked"),
    onpick: (index) => put(model, "picked", index),
  });
  const place = element("div");
  const bars = element("div", { class: "aras-bars", "aria-hidden": "true" });
  frame.body.append(element("div", { class: "aras-controls" }, chooser.node), place, frame.status, bars);
  let shown = -1;
  let ticks = null;

  return () => {
    const index = model.get("picked");
    const { cards, label } = sets[index];
    const out = new Set(model.get("out")[index]);
    chooser.set(index);
    if (shown !== index) {
      // Rebuilt only when the source changes, so that a ticked box keeps the focus.
      ticks = tickControl({
        legend: model.get("board").legend,
        options: cards.map((card) => `${card.label}: ${card.shown}`),
        values: cards.map((_, i) => !out.has(i)),
        ontick: (i, ticked) => {
          const now = new Set(model.get("out")[index]);
          if (ticked) now.delete(i);
          else now.add(i);
          put(model, "out", model.get("out").with(index, [...now].sort((a, b) => a - b)));
        },
      });
      place.replaceChildren(ticks.node);
      shown = index;
    }
    ticks.set(cards.map((_, i) => !out.has(i)));
    const inside = cards.filter((_, i) => !out.has(i));
    const total = inside.reduce((sum, card) => sum + card.value, 0);
    const gap = Math.round((total - whole) * 100) / 100;
    const verdict = gap === 0 ? "it adds up" : gap > 0 ? `${round(gap)} too many: it does not add up` : `${round(-gap)} missing: it does not add up`;
    frame.say(`${label}: ${inside.length} of ${cards.length} groups add up to ${round(total)} ${unit}; ${verdict}.`);

    const widest = Math.max(whole, total, ...sets.map((set) => set.cards.reduce((sum, card) => sum + card.value, 0)));
    const strip = element("div", { class: "aras-strip" }, ...inside.map((card, i) => {
      const piece = element("span", { class: `aras-piece aras-piece-${i % 4}`, title: `${card.label}: ${card.shown}` }, card.value >= widest / 12 ? card.label.split(/[ (,]/)[0] : "");
      piece.style.width = `${(card.value / widest) * 100}%`;
      return piece;
    }));
    const mark = element("span", { class: "aras-whole" }, element("span", {}, `${whole} ${unit}`));
    mark.style.insetInlineStart = `${(whole / widest) * 100}%`;
    bars.replaceChildren(element("div", { class: "aras-track" }, strip, mark));
    frame.table(["Group", `Printed, ${unit}`, "Counted"], cards.map((card, i) => [card.label, card.shown, out.has(i) ? "no" : "yes"]));
  };
}

/** Cards that are put in bins; what the course would say is shown only when all are placed. */
function sortBoard({ model, frame }) {
  const { cards, bins } = model.get("board");
  const radios = cards.map((card, index) =>
    radioControl({
      legend: `${index + 1}. ${card.text}`,
      options: bins,
      value: model.get("placed")[index],
      onpick: (bin) => put(model, "placed", model.get("placed").with(index, bin)),
    }));
  const answers = cards.map(() => element("p", { class: "aras-answer" }));
  const list = element("div", { class: "aras-cards" }, ...radios.map((radio, index) => element("div", { class: "aras-card" }, radio.node, answers[index])));
  const again = element("button", { type: "button", onclick: () => put(model, "placed", cards.map(() => -1)) }, "Start again");
  frame.body.append(list, element("div", { class: "aras-controls" }, again));

  return () => {
    const placed = model.get("placed");
    const done = placed.every((bin) => bin >= 0);
    radios.forEach((radio, index) => radio.set(placed[index]));
    cards.forEach((card, index) => {
      const agrees = done && card.bin === placed[index];
      answers[index].textContent = done ? `${agrees ? "Our reading is the same." : `We would say: ${bins[card.bin]}.`} ${card.why}` : "";
    });
    const left = placed.filter((bin) => bin < 0).length;
    const same = cards.filter((card, index) => card.bin === placed[index]).length;
    frame.say(done
      ? `All ${cards.length} are placed; ${same} as we would. Each card now says why.`
      : `${cards.length - left} of ${cards.length} placed. ${bins.map((bin, b) => `${bin}: ${placed.filter((each) => each === b).length}`).join(", ")}.`);
    frame.table(["Statement", "You placed it under"], cards.map((card, index) => [card.text, placed[index] < 0 ? "–" : bins[placed[index]]]));
  };
}

function render({ model, el }) {
  const frame = widgetFrame({ model, el, kind: "board" });
  const scene = model.get("board").scene;
  if (scene) frame.body.append(element("img", { class: "aras-scene", src: `data:image/svg+xml;utf8,${encodeURIComponent(scene.svg)}`, alt: scene.alt, width: scene.width, height: scene.height }));
  const paint = { sum: sumBoard, sort: sortBoard }[model.get("board").mode]({ model, frame });
  return follow(model, ["picked", "out", "placed"], paint);
}

export default { render };
