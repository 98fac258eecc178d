export default {
  render({ el }) {
    el.textContent = "half drawn";
    throw new Error("<b>no such table</b>");
  },
};
