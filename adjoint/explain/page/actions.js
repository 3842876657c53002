// The state that is shown, what follows from it, and what the buttons do with it.

const STEP_TIME = 1100; // milliseconds between the steps of Play
const RUN_TIME = 120;
const MOST_ITERATIONS = 2000; // in one run

const { functions: MODELS, version } = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);

let state = stateOf(location.hash, MODELS, FUNCTIONS);
let timer = null;
let playing = ""; // "play", "run", or nothing
let view = {}; // what has been built for the function that is picked
let walk = null; // the walkthrough at the point

const model = () => MODELS[state.picked];
const code = () => {
  const [value, gradient, record] = FUNCTIONS[state.picked];
  return { value, gradient, record };
};

// -- what follows from the state

const isFinal = () => state.position > walk.visits.length;
const hasValue = () => firstTrouble(model(), walk) === null;
const visits = () => Math.max(0, state.position - 1);

function next() {
  return nextPoint(model(), FUNCTIONS[state.picked], state.inputs, state.rate);
}

// Why a button can do nothing now; nothing where it can do something.
function obstacleTo(id) {
  if (id === "reset") return null;
  if (id === "clear") return state.trace.length ? null : "There is no trace to clear.";
  if (id === "back") return state.position ? null : "There is no step to take back.";
  if (id === playing) return null;
  if (id === "descend" || id === "run") return obstacle(next(), state.inputs);
  if (id === "forward") return state.position ? "The values are computed already." : null;
  if (id === "step" && !state.position) return "Press Forward first: it computes the values.";
  if (state.position && !hasValue()) return "Without finite values there are no adjoints.";
  return isFinal() ? "All adjoints are complete." : null;
}

// The button that makes sense next.
function suggested() {
  if (playing) return playing;
  if (!state.position) return "forward";
  if (!obstacleTo("step")) return "step";
  return isFinal() && hasValue() && !obstacleTo("descend") ? "descend" : "reset";
}

// -- what the buttons do

const ACTIONS = {
  forward() {
    state.position = 1;
    speak(hasValue() ? `Values computed: ${model().name} is ${shown(walk.value)}.` : "");
  },
  step() {
    state.position += 1;
    speak(sentences(walk.visits[visits() - 1]));
  },
  back() {
    state.position -= 1;
    speak(state.position ? `${visits()} of ${walk.visits.length} nodes.` : "Nothing is computed.");
  },
  play() {
    start("play", STEP_TIME, () => {
      const action = state.position ? "step" : "forward";
      if (obstacleTo(action)) return false;
      ACTIONS[action]();
      return !obstacleTo("step");
    });
  },
  all() {
    state.position = hasValue() ? 1 + walk.visits.length : 1;
    if (hasValue()) speak(`All adjoints are complete. ${gradientInWords()}`);
  },
  reset() {
    const { picked } = state;
    state = initialState(MODELS, picked);
    for (const field of document.querySelectorAll("input")) field.blur();
    view.selected = null;
    speak("Reset.");
  },
  descend() {
    descendOnce();
    speak(`${model().name} is ${shown(walk.value)}. ${gradientInWords()}`);
  },
  run() {
    let left = MOST_ITERATIONS;
    start("run", RUN_TIME, () => {
      if (obstacle(next(), state.inputs) || left-- === 0) return false;
      descendOnce();
      return true;
    });
  },
  clear() {
    state.trace = [];
    speak("Trace cleared.");
  },
};

function descendOnce() {
  state.trace = extended(state.trace, state.inputs, code().value(...state.inputs)[0], next());
  state.inputs = [...state.trace.at(-1).point];
  compute();
  state.position = 1 + walk.visits.length;
}

// Repeats an action until it gives false or something else is done.
function start(name, time, action) {
  const tick = () => {
    if (!action()) stop();
    render();
  };
  playing = name;
  timer = setInterval(tick, time);
  tick();
}

function stop() {
  clearInterval(timer);
  timer = null;
  playing = "";
}

function press(id) {
  const wasPlaying = playing;
  stop();
  if (wasPlaying === id) {
    speak("Paused.");
  } else {
    const why = obstacleTo(id);
    if (why) speak(why);
    else ACTIONS[id]();
  }
  render();
}
