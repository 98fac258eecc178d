export function render({ model, el }) {
  el.textContent = `old ${model.get("name")}`;
}
