"use strict";
/* The state of this tab, and its conversation with the server: one request at a time, so that drags never queue up. */
window.explorer = (function () {
  const PATIENCE = 20000; // ms without an answer
  const state = {
    view: null, // what is shown or asked for; see app/view.py
    settled: null, // the last view whose spec the server confirmed
    queue: [], // what is still to be asked
    sent: null, // what is being asked
    job: null, // name of the long work that it became
    number: 0,
    past: [],
    future: [],
    watch: null,
    slow: false, // whether the last network took long
    stopping: false, // whether to stop long work as soon as its name is known
  };

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const isPlain = (request) => !["edit", "load", "family", "link", "step"].some((key) => key in request);

  /* Ask for an answer: with `commit` where a change is finished; with `edit`, `load`, `family`, `link` or `step`. */
  function want(request) {
    if (state.slow && isPlain(request) && !request.commit) return; // a large network waits until the slider is let go
    const last = state.queue[state.queue.length - 1];
    if (last && isPlain(last) && isPlain(request)) {
      last.commit = last.commit || request.commit;
    } else {
      state.queue.push(request);
    }
    pump();
  }

  function pump() {
    if (!state.queue.length || (state.sent && !state.job)) return;
    const request = state.queue.shift();
    if (request.step && !step(request.step)) return pump();
    state.number += 1;
    state.sent = { ...request, id: state.number, view: structuredClone(state.view), cancel: state.job };
    state.job = null;
    state.stopping = false;
    clearTimeout(state.watch);
    state.watch = setTimeout(lost, PATIENCE);
    document.body.classList.toggle("waiting", true);
    set("request", { data: state.sent });
  }

  function lost() {
    state.sent = null;
    document.body.classList.toggle("waiting", false);
    explorer.message("The server does not answer. Is `wignerness app` still running?");
  }

  /* Take an answer in; false if it is an old one. */
  function receive(answer) {
    if (!state.sent || answer.id !== state.sent.id) return false;
    clearTimeout(state.watch);
    state.slow = Boolean(answer.job) || (state.slow && Boolean(state.job));
    if (answer.job) {
      state.job = answer.job;
      if (state.stopping) {
        stop();
        return false;
      }
      pump(); // something newer takes its place
      return state.job !== null;
    }
    const sent = state.sent;
    state.sent = null;
    state.job = null;
    document.body.classList.toggle("waiting", state.queue.length > 0);
    if (answer.view) adopt(sent, answer);
    setTimeout(pump); // what was asked for meanwhile, once this answer is shown
    return true;
  }

  /* The server's view, but for what was changed here since it was asked. */
  function adopt(sent, answer) {
    const next = { ...answer.view, settings: {} };
    if (state.view && sent.view) {
      for (const [place, value] of Object.entries(state.view.settings)) {
        if (sent.view.settings[place] !== value) next.settings[place] = value;
      }
      for (const name of ["panel", "mode", "selected", "start", "strength", "follow", "theme"]) {
        if (state.view[name] !== sent.view[name]) next[name] = state.view[name];
      }
    }
    if (state.settled && state.settled.spec !== answer.view.spec && !sent.step) {
      state.past.push(state.settled.spec);
      state.future = [];
    }
    state.view = next;
    state.settled = answer.view;
    if (answer.link) history.replaceState(null, "", "#" + answer.link);
  }

  /* One step back or forth; unfinished changes go first. */
  function step(way) {
    const [from, to] = way === "undo" ? [state.past, state.future] : [state.future, state.past];
    if (way === "undo" && Object.keys(state.view.settings).length) {
      state.view.settings = {};
      return true;
    }
    if (!from.length) return false;
    to.push(state.settled.spec);
    state.view = { ...state.view, spec: from.pop(), settings: {} };
    return true;
  }

  function stop() {
    state.stopping = !state.job; // just replaced by newer work
    if (state.stopping) return;
    state.number += 1;
    state.sent = { id: state.number, view: structuredClone(state.view), cancel: state.job, stop: true };
    state.job = null;
    set("request", { data: state.sent });
  }

  return { state, want, receive, stop, set };
})();
