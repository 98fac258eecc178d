import { element, widgetFrame, selectControl, stepControl, follow, put } from "./shared.js";

/** Key of a state: the chosen indices in the order of the controls, as base.py writes them. */
function stateKey(choice) {
  return choice.join(",");
}

function pictureUrl(frame) {
  const bytes = frame.image instanceof DataView ? frame.image : new DataView(frame.image.buffer ?? frame.image);
  return URL.createObjectURL(new Blob([bytes], { type: "image/avif" }));
}

function render({ model, el }) {
  const { body, status, say, table } = widgetFrame({ model, el, kind: "explorer" });
  const controls = model.get("controls");
  const urls = new Map();

  const pick = (position) => (index) => put(model, "choice", model.get("choice").with(position, index));
  const made = controls.map((control, position) => {
    const make = control.ordered ? stepControl : selectControl;
    return make({ label: control.label, options: control.options, value: model.get("choice")[position], onpick: pick(position) });
  });
  const picture = element("img", { alt: "", decoding: "async", class: "aras-picture" });
  body.append(element("div", { class: "aras-controls" }, ...made.map((control) => control.node)), status, picture);

  const paint = () => {
    const choice = model.get("choice");
    made.forEach((control, position) => control.set(choice[position]));
    const key = stateKey(choice);
    const frame = model.get("frames")[key];
    if (!frame) {
      // Live only: the kernel is drawing this state and will send it.
      say("Drawing …");
      return;
    }
    if (!urls.has(key)) urls.set(key, pictureUrl(frame));
    picture.src = urls.get(key);
    picture.alt = frame.alt;
    picture.width = frame.width;
    picture.height = frame.height;
    say(frame.says);
    const frames = Object.entries(model.get("frames"));
    const columns = Object.keys(frame.row);
    table(columns, frames.map(([, each]) => columns.map((column) => each.row[column])), frames.findIndex(([each]) => each === key));
  };
  const stop = follow(model, ["choice", "frames"], paint);
  return () => {
    stop();
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
