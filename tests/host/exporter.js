// What initialize returns, when it is no function, is what other widgets see.
export default {
  initialize: ({ model }) => ({ double: () => 2 * model.get("count") }),
  render({ model, el }) {
    el.textContent = `shown ${model.get("count")}`;
    return () => { el.dataset.ended = "yes"; };
  },
};
