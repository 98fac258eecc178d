/**
 * A small host for anywidgets in a page without a kernel.
 *
 * It reads the widgets that a notebook saved in its page and brings them to life in the reader's browser,
 * by the front-end module contract of anywidget 0.11: the same module runs here and in JupyterLab.
 * There is no kernel, no module loader, no request to any address; it works from file:// too.
 *
 * What a page holds
 *   <script type="application/vnd.jupyter.widget-state+json">   once: every model with its state
 *   <script type="application/vnd.jupyter.widget-view+json">    at each place where a model is shown
 *   <noscript>                                                  after a view, optional: its still picture
 * The format is the one that ipywidgets writes, with one addition:
 * a value {"text": n} of `_esm` or `_css` stands for the n-th string of the list `texts` beside `state`,
 * so that ten quizzes carry one copy of their code.
 *
 * What a module may export
 *   a default object, or a default function (async or not) that returns one, with
 *     initialize({ model, signal, experimental })         once for each model; returns a clean-up or its exports
 *     render({ model, el, signal, host, experimental })   once for each view; returns a clean-up
 *   or, in the old way, a named `render`.
 *
 * What a module gets
 *   model          get, set, on, off, save_changes, send, widget_manager.get_model; Backbone's rules.
 *                  Listeners belong to the view that set them: off() takes away its own, and so does its end.
 *   signal         aborted when the view, or the model, ends
 *   host           getModel(ref) and getWidget(ref) for a reference "anywidget:<model id>"
 *   experimental   invoke(), which is always refused: there is no Python to call. Likewise send() goes nowhere.
 *
 * Binary traits arrive as DataView. jslink and jsdlink work, also between models of stock ipywidgets.
 * A stock widget that needs Python is replaced by a sentence. A widget that fails says so at its place,
 * beside its still picture, and leaves the others alive.
 *
 * When everything is mounted, <html> has data-aras-ready="<number of views alive>".
 * `arasHost.ready` is a promise of the same; `arasHost.unmount()` ends all views and models.
 */
(() => {
  "use strict";

  const STATE = "application/vnd.jupyter.widget-state+json";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const NO_KERNEL = "There is no Python behind this page. Open the notebook in JupyterLab to use this.";

  /**
   * Equal in value: JSON values and binary data, however deep.
   * @param {unknown} a
   * @param {unknown} b
   * @returns {boolean}
   */
  function isEqual(a, b) {
    if (Object.is(a, b)) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    if (ArrayBuffer.isView(a)) {
      const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      const [first, second] = [bytes(a), bytes(b)];
      return first.length === second.length && first.every((byte, i) => byte === second[i]);
    }
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
  }

  /** The state of one widget, with the events of a Backbone model. */
  class Model {
    /** @type {{name: string, callback: Function, owner: unknown}[]} */
    #listeners = [];
    #changing = false;
    #pending = false;

    /**
     * @param {string} id
     * @param {string} name the class name in ipywidgets, such as "AnyModel" or "LinkModel"
     * @param {Record<string, unknown>} state
     */
    constructor(id, name, state) {
      this.id = id;
      this.name = name;
      this.state = state;
    }

    /** @param {string} key */
    get(key) {
      return this.state[key];
    }

    /**
     * Set one value, or several at once; then tell the listeners of each changed value, then those of "change".
     * @param {string | Record<string, unknown>} key
     * @param {unknown} [value]
     */
    set(key, value) {
      const values = typeof key === "object" ? key : { [key]: value };
      const outermost = !this.#changing;
      const changed = Object.keys(values).filter((name) => !isEqual(this.state[name], values[name]));
      Object.assign(this.state, values);
      this.#changing = true;
      this.#pending ||= changed.length > 0;
      for (const name of changed) this.trigger(`change:${name}`, this, this.state[name]);
      while (outermost && this.#pending) {
        this.#pending = false;
        this.trigger("change", this);
      }
      if (outermost) this.#changing = false;
    }

    /**
     * @param {string | Record<string, Function>} names one event, several with spaces between, or an object of both
     * @param {Function} [callback]
     * @param {unknown} [owner] the view that listens
     */
    on(names, callback, owner) {
      if (typeof names === "object") {
        for (const [name, each] of Object.entries(names)) this.on(name, each, owner);
        return;
      }
      for (const name of names.split(/\s+/)) this.#listeners.push({ name, callback, owner });
    }

    /**
     * Stop listening. What is left out matches everything.
     * @param {string | null} [names]
     * @param {Function | null} [callback]
     * @param {unknown} [owner]
     */
    off(names, callback, owner) {
      const wanted = names?.split(/\s+/);
      this.#listeners = this.#listeners.filter((listener) =>
        (wanted && !wanted.includes(listener.name)) ||
        (callback && callback !== listener.callback) ||
        (owner && owner !== listener.owner));
    }

    /**
     * @param {string} name
     * @param {...unknown} values
     */
    trigger(name, ...values) {
      // A listener may take others away or add some: this round still goes to those who stood here.
      for (const listener of [...this.#listeners]) {
        try {
          if (listener.name === name) listener.callback(...values);
          else if (listener.name === "all") listener.callback(name, ...values);
        } catch (error) {
          // A view that stumbles must not keep the next one from hearing.
          reportError(error);
        }
      }
    }

    /** Nothing to save to: the page itself is where the state lives. */
    save_changes() {}

    /** Nobody to send to. */
    send() {}
  }

  /**
   * A model as a module sees it: what it listens to is its own, and ends with it.
   * @param {Model} model
   * @param {object} owner
   * @param {object} widget_manager
   */
  function modelFor(model, owner, widget_manager) {
    return {
      get: (key) => model.get(key),
      set: (key, value) => model.set(key, value),
      on: (names, callback) => model.on(names, callback, owner),
      off: (names, callback) => model.off(names, callback, owner),
      save_changes: () => model.save_changes(),
      send: () => model.send(),
      widget_manager,
    };
  }

  const experimental = { invoke: () => Promise.reject(new Error(NO_KERNEL)) };

  /**
   * Run a clean-up whose failure must not stop the others.
   * @param {unknown} cleanUp
   */
  async function cleanUpSafely(cleanUp) {
    try {
      if (typeof cleanUp === "function") await cleanUp();
    } catch (error) {
      console.warn("A widget failed to clean up.", error);
    }
  }

  /** @type {Map<string, Promise<object>>} */
  const modules = new Map();

  /**
   * Import a module from its source; the same source is imported once.
   * @param {string} source
   */
  function importSource(source) {
    if (/^https?:/.test(source)) {
      return Promise.reject(new Error("Its code lies at another address, and this page asks no other address."));
    }
    if (!modules.has(source)) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(source, import(url).finally(() => URL.revokeObjectURL(url)));
    }
    return modules.get(source);
  }

  /** @param {string | undefined} text */
  function addStyle(text) {
    if (!text || [...document.querySelectorAll("style.aras-host-style")].some((style) => style.textContent === text)) return;
    const style = document.createElement("style");
    style.className = "aras-host-style";
    style.textContent = text;
    document.head.append(style);
  }

  /**
   * A model together with its module: made ready once, shown as often as the page asks.
   */
  class Widget {
    #controller = new AbortController();

    /**
     * @param {Model} model
     * @param {Map<string, Widget>} widgets all widgets of the page, by model id
     * @param {object} widget_manager
     */
    constructor(model, widgets, widget_manager) {
      this.model = model;
      this.widgets = widgets;
      this.widget_manager = widget_manager;
      /** @type {Promise<unknown>} what initialize returned, if it is not a clean-up */
      this.ready = this.#initialize();
      // The failure is told by each view; a model without a view tells it here.
      this.ready.catch((error) => console.error(error));
    }

    async #initialize() {
      addStyle(this.model.get("_css"));
      const module = await importSource(this.model.get("_esm"));
      if (module.render) this.definition = { render: module.render };
      else this.definition = typeof module.default === "function" ? await module.default() : module.default;
      if (!this.definition) throw new Error("Its module exports neither a default nor a function `render`.");
      const owner = {};
      const { signal } = this.#controller;
      signal.addEventListener("abort", () => this.model.off(null, null, owner));
      const result = await this.definition.initialize?.({
        model: modelFor(this.model, owner, this.widget_manager), signal, experimental,
      });
      if (typeof result !== "function") return result;
      if (signal.aborted) await cleanUpSafely(result);
      else signal.addEventListener("abort", () => cleanUpSafely(result));
      return undefined;
    }

    /**
     * Show the widget in an element until the signal, or the widget's own end.
     * @param {HTMLElement} el
     * @param {AbortSignal} [until]
     */
    async show(el, until) {
      await this.ready;
      const signal = until ? AbortSignal.any([this.#controller.signal, until]) : this.#controller.signal;
      const owner = {};
      const model = modelFor(this.model, owner, this.widget_manager);
      let cleanUp;
      try {
        cleanUp = await this.definition.render?.({ model, el, signal, host: this.#host(signal), experimental });
      } catch (error) {
        this.model.off(null, null, owner);
        throw error;
      }
      const end = () => {
        this.model.off(null, null, owner);
        cleanUpSafely(cleanUp);
      };
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
    }

    /**
     * What lets one widget show or read another.
     * @param {AbortSignal} signal
     */
    #host(signal) {
      const find = (ref) => {
        if (typeof ref !== "string" || !ref.startsWith("anywidget:")) throw new Error(`Not a reference to a widget: ${ref}`);
        return ref.slice("anywidget:".length);
      };
      return {
        getModel: async (ref) => {
          const model = await this.widget_manager.get_model(find(ref));
          const owner = {};
          signal.addEventListener("abort", () => model.off(null, null, owner));
          return modelFor(model, owner, this.widget_manager);
        },
        getWidget: async (ref) => {
          const widget = this.widgets.get(find(ref));
          if (!widget) throw new Error(`No widget on this page is ${ref}`);
          return { exports: await widget.ready, render: ({ el, signal: until }) => widget.show(el, until ?? signal) };
        },
      };
    }

    end() {
      this.#controller.abort();
    }
  }

  /**
   * Keep two values in step, as jslink (both ways) or jsdlink (one way) asked.
   * @param {Model} link
   * @param {Map<string, Model>} models
   */
  function tie(link, models) {
    const end = (name) => {
      const [ref, key] = link.get(name) ?? [];
      return { model: models.get(String(ref).replace(/^IPY_MODEL_/, "")), key };
    };
    const [source, target] = [end("source"), end("target")];
    if (!source.model || !target.model) return;
    let updating = false;
    const copy = (from, to) => () => {
      if (updating) return;
      updating = true;
      try {
        to.model.set(to.key, from.model.get(from.key));
      } finally {
        updating = false;
      }
    };
    source.model.on(`change:${source.key}`, copy(source, target));
    if (link.name === "LinkModel") target.model.on(`change:${target.key}`, copy(target, source));
    copy(source, target)();
  }

  /**
   * @param {{encoding: string, data: string}} buffer
   * @returns {DataView}
   */
  function decode({ encoding, data }) {
    const bytes = encoding === "hex"
      ? Uint8Array.from(data.match(/../g) ?? [], (pair) => parseInt(pair, 16))
      : Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    return new DataView(bytes.buffer);
  }

  /**
   * @param {object} saved what the page holds, see the head of this file
   * @returns {Map<string, Model>}
   */
  function readModels(saved) {
    const models = new Map();
    for (const [id, { model_name, state, buffers = [] }] of Object.entries(saved.state)) {
      for (const buffer of buffers) {
        const holder = buffer.path.slice(0, -1).reduce((value, key) => value[key], state);
        holder[buffer.path.at(-1)] = decode(buffer);
      }
      for (const key of ["_esm", "_css"]) {
        if (typeof state[key] === "object" && state[key] !== null) state[key] = saved.texts[state[key].text];
      }
      models.set(id, new Model(id, model_name, state));
    }
    return models;
  }

  /**
   * Say something in the place of a widget, in words.
   * @param {HTMLElement} view
   * @param {string} words
   * @param {"note" | "alert"} role
   */
  function say(view, words, role) {
    const note = document.createElement("p");
    note.className = "aras-host-note";
    note.setAttribute("role", role);
    note.textContent = words;
    view.after(note);
    return note;
  }

  /**
   * A widget that failed: its place says so and shows the picture that a reader without scripts would see.
   * @param {HTMLElement} view
   * @param {unknown} error
   */
  function sayFailure(view, error) {
    const reason = error instanceof Error ? error.message : String(error);
    const note = say(view, `This interactive part could not start; the rest of the page works. The reason given: ${reason}`, "alert");
    const still = note.nextElementSibling;
    if (still?.localName !== "noscript") return;
    const picture = document.createElement("template");
    // Written when the book was built; with scripts on, the browser keeps it as text.
    picture.innerHTML = still.textContent;
    note.after(picture.content);
  }

  /** @type {Widget[]} */
  let alive = [];

  /** Mount everything that the page has saved. */
  async function mount() {
    if (document.readyState === "loading") {
      await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
    }
    const views = [...document.querySelectorAll(`script[type="${VIEW}"]`)];
    let models = new Map();
    try {
      const tag = document.querySelector(`script[type="${STATE}"]`);
      if (tag) models = readModels(JSON.parse(tag.textContent));
    } catch (error) {
      console.error("The saved widgets of this page could not be read.", error);
    }
    const widget_manager = {
      get_model: async (ref) => {
        const id = String(ref).replace(/^IPY_MODEL_/, "");
        if (!models.has(id)) throw new Error(`No widget on this page has the id ${id}`);
        return models.get(id);
      },
    };
    for (const model of models.values()) {
      if (/^(Directional)?LinkModel$/.test(model.name)) tie(model, models);
    }
    const widgets = new Map();
    for (const model of models.values()) {
      if (model.get("_esm")) widgets.set(model.id, new Widget(model, widgets, widget_manager));
    }
    alive = [...widgets.values()];

    const shown = await Promise.all(views.map(async (view) => {
      const el = document.createElement("div");
      el.className = "aras-host-view";
      try {
        const id = JSON.parse(view.textContent).model_id;
        const widget = widgets.get(id);
        if (!widget && models.has(id)) {
          say(view, NO_KERNEL, "note");
          return 0;
        }
        if (!widget) throw new Error("its state was not saved with the page.");
        // In the page before it draws: some widgets measure their place.
        view.after(el);
        await widget.show(el);
        return 1;
      } catch (error) {
        el.remove();
        console.error(error);
        sayFailure(view, error);
        return 0;
      }
    }));
    const count = shown.reduce((sum, one) => sum + one, 0);
    document.documentElement.dataset.arasReady = String(count);
    return count;
  }

  /** End every view and every model; what they drew stays. */
  function unmount() {
    for (const widget of alive) widget.end();
    alive = [];
  }

  // A page that the browser keeps for the way back stays alive.
  window.addEventListener("pagehide", (event) => {
    if (!event.persisted) unmount();
  });

  window.arasHost = { ready: mount(), unmount };
})();
