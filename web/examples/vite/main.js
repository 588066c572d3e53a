import { loadEngine } from 'tiltlab';
import wasm from 'tiltlab/tiltlab_full.wasm?url';
import 'tiltlab/elements';

const scenario = {
  v: 1,
  model: {
    kind: 'finite',
    outcomes: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: 1 },
      { p: 0.2, reward: 2 },
    ],
  },
  budget: { n: 16 },
};
const engine = await loadEngine({ wasm });
document.querySelector('output').textContent = engine.evaluate(scenario).best_of_n.reward;

// A figure of the same scenario; `site` says where Tilt Lab's own files are.
const figure = document.createElement('tilt-lab');
figure.setAttribute('site', '/tilt-lab/');
figure.setAttribute('scenario', JSON.stringify(scenario));
document.body.append(figure);
