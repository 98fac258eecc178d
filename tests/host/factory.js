// The default export may be a function, and each model gets an object of its own.
export default async () => {
  let initialized = 0;
  return {
    async initialize() { initialized += 1; },
    render({ model, el }) {
      el.textContent = `${model.get("name")} initialized ${initialized} time`;
    },
  };
};
