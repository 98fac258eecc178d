// Shows another widget within itself.
export default {
  async render({ model, el, host, signal }) {
    const child = await host.getWidget(model.get("child"));
    const childModel = await host.getModel(model.get("child"));
    const place = document.createElement("div");
    await child.render({ el: place, signal });
    el.append(`double is ${child.exports.double()}, count is ${childModel.get("count")}, `, place);
  },
};
