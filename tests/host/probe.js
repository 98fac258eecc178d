// Keeps what it is given where the test can reach it.
globalThis.probe ??= { imports: 0, initialized: [], views: [], ended: [] };
globalThis.probe.imports += 1;

export default {
  initialize(given) {
    globalThis.probe.initialized.push(given);
    return () => globalThis.probe.ended.push("model");
  },
  render(given) {
    globalThis.probe.views.push(given);
    const button = document.createElement("button");
    const paint = () => { button.textContent = `count is ${given.model.get("count")}`; };
    button.addEventListener("click", () => {
      given.model.set("count", given.model.get("count") + 1);
      given.model.save_changes();
    });
    given.model.on("change:count", paint);
    paint();
    given.el.append(button);
    return () => globalThis.probe.ended.push("view");
  },
};
