#!/usr/bin/env python3
"""Trains the small language model that the page ships, on Moby-Dick, from nothing, with one command:

    tools/train/train.py            trains, or goes on where it was stopped, and writes web/data/moby-dick-model.bin,
                                    moby-dick-tokenizer.bin and moby-dick-model.json (its card)
    tools/train/train.py --steps 40 --out DIR    a try

Needs Debian's python3-torch and libopenblas0-pthread (without the latter torch multiplies forty times slower), and
node_modules for the text. On two cores the whole takes under 100 minutes. The seed is fixed; the bits of the weights
depend on torch's build and the number of threads, so what is shipped is committed and known by its sha256.

The decoder is that of H. Touvron et al., "Llama 2" (2023), in the size of A. Karpathy's "llama2.c" (2023).
"""
import argparse
import hashlib
import json
import math
import struct
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from kneser_ney import KneserNey
from text import chapters, held_out, words_of
from tokenizer import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
SHAPE = dict(dim=96, hidden_dim=256, n_layers=4, n_heads=6, n_kv_heads=6, vocab_size=512, seq_len=192)
SEED = 1851
BATCH = 12
DROPOUT = 0.1
LEARNING_RATE = 0.003
WARM_UP = 100
WEIGHT_DECAY = 0.1
# The last share of the steps sees the rounded weights, so that rounding costs next to nothing.
ROUNDED_FROM = 0.85
# Of 6 bits: -31 .. 31, each row of a matrix with a scale.
MOST = 31
MATRICES = ['wq', 'wk', 'wv', 'wo', 'w1', 'w2', 'w3']


class Rounded(torch.autograd.Function):
    """Rounds to 6 bits by rows going forward, and lets the gradient through."""

    @staticmethod
    def forward(_, w):
        return codes_and_scales(w)[0] * codes_and_scales(w)[1]

    @staticmethod
    def backward(_, gradient):
        return gradient


def codes_and_scales(w):
    scales = w.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / MOST
    # As the file has them: float32 that a half-precision number holds.
    scales = scales.half().float().clamp_min(1e-7)
    return torch.clamp(torch.round(w / scales), -MOST, MOST), scales


class Model:
    """A Llama-style decoder; `parameters` by the names that llama2.c's exporter gives them."""

    def __init__(self, shape, generator):
        self.shape = shape
        d, h, layers = shape['dim'], shape['hidden_dim'], shape['n_layers']

        def normal(rows, columns, sd):
            return (torch.randn(rows, columns, generator=generator) * sd).requires_grad_()

        into = 0.02 / math.sqrt(2 * layers)
        self.parameters = {'tok_embeddings': normal(shape['vocab_size'], d, 0.02)}
        sizes = dict(wq=(d, d), wk=(d, d), wv=(d, d), wo=(d, d), w1=(h, d), w2=(d, h), w3=(h, d))
        for layer in range(layers):
            for name, (rows, columns) in sizes.items():
                sd = into if name in ('wo', 'w2') else 0.02
                self.parameters[f'{layer}.{name}'] = normal(rows, columns, sd)
            for name in ('attention_norm', 'ffn_norm'):
                self.parameters[f'{layer}.{name}'] = torch.ones(d, requires_grad=True)
        self.parameters['norm'] = torch.ones(d, requires_grad=True)
        head = d // shape['n_heads']
        frequencies = 10000 ** (-torch.arange(0, head, 2).float() / head)
        angles = torch.outer(torch.arange(shape['seq_len']).float(), frequencies)
        self.cosines, self.sines = angles.cos(), angles.sin()

    def rotate(self, x):
        """By pairs of neighbours, as llama2.c does. @param x batch x heads x time x head"""
        time_ = x.shape[2]
        c, s = self.cosines[:time_], self.sines[:time_]
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack((a * c - b * s, a * s + b * c), dim=-1).flatten(-2)

    def logits(self, tokens, rounded=False, dropout=0.0):
        """@param tokens batch x time  @return batch x time x vocabulary"""
        p = self.parameters
        weight = (lambda name: Rounded.apply(p[name])) if rounded else (lambda name: p[name])
        norm = lambda x, name: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * p[name]
        drop = lambda x: F.dropout(x, dropout) if dropout > 0 else x
        embeddings = weight('tok_embeddings')
        batch, time_ = tokens.shape
        heads = self.shape['n_heads']
        mask = torch.full((time_, time_), -math.inf).triu(1)
        x = drop(embeddings[tokens])
        for layer in range(self.shape['n_layers']):
            y = norm(x, f'{layer}.attention_norm')
            q, k, v = (
                (y @ weight(f'{layer}.{name}').T).view(batch, time_, heads, -1).transpose(1, 2)
                for name in ('wq', 'wk', 'wv')
            )
            q, k = self.rotate(q), self.rotate(k)
            scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]) + mask
            seen = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, time_, -1)
            x = x + drop(seen @ weight(f'{layer}.wo').T)
            y = norm(x, f'{layer}.ffn_norm')
            gate = F.silu(y @ weight(f'{layer}.w1').T) * (y @ weight(f'{layer}.w3').T)
            x = x + drop(gate @ weight(f'{layer}.w2').T)
        return norm(x, 'norm') @ embeddings.T


def nats(model, documents, rounded):
    """Total -log p of the documents' tokens, each with at least half of the positions before it, or all there are."""
    length = model.shape['seq_len']
    step = length // 2
    total = 0.0
    with torch.no_grad():
        for tokens in documents:
            windows, firsts = [], []
            for at in range(0, max(1, len(tokens) - step), step):
                windows.append([1] + tokens[at : at + length])
                firsts.append(0 if at == 0 else length - step)
            for window, first in zip(windows, firsts):
                row = torch.tensor([window])
                log_p = F.log_softmax(model.logits(row[:, :-1], rounded), -1)
                each = log_p[0].gather(1, row[0, 1:, None])[:, 0]
                total -= each[first:].double().sum().item()
    return total


class Batches:
    """Windows that begin where a word does, most of them where a sentence does, after the token that begins a text."""

    def __init__(self, tokenizer, documents, length, seed):
        self.tokens = torch.tensor([t for document in documents for t in [*document, 1]])
        self.length = length
        self.generator = torch.Generator().manual_seed(seed)
        pieces = tokenizer.pieces
        flat = self.tokens.tolist()
        fits = range(0, len(flat) - length)
        starts = [i for i in fits if pieces[flat[i]].startswith(' ')]
        self.words = torch.tensor(starts)
        ends = ('.', '!', '?', '."', '!"', '?"')
        self.sentences = torch.tensor([i for i in starts if i == 0 or flat[i - 1] == 1 or pieces[flat[i - 1]].endswith(ends)])

    def next(self, size):
        pick = lambda among, count: among[torch.randint(len(among), (count,), generator=self.generator)]
        starts = torch.cat([pick(self.sentences, size // 2), pick(self.words, size - size // 2)])
        targets = self.tokens[starts[:, None] + torch.arange(self.length)]
        return torch.cat([torch.ones(size, 1, dtype=torch.long), targets[:, :-1]], 1), targets


def packed(codes):
    """6 bits each, lowest first: four numbers in three bytes."""
    values = (codes.to(torch.int64).flatten() + 32).tolist()
    assert len(values) % 4 == 0
    out = bytearray()
    for a, b, c, d in zip(*[iter(values)] * 4):
        bits = a | b << 6 | c << 12 | d << 18
        out += bytes((bits & 255, bits >> 8 & 255, bits >> 16))
    return bytes(out)


def checkpoint(model):
    """The file that src/language/checkpoint.cpp reads as its version 6: see there."""
    s, p = model.shape, model.parameters
    sizes = [s[k] for k in ('dim', 'hidden_dim', 'n_layers', 'n_heads', 'n_kv_heads', 'vocab_size', 'seq_len')]
    header = struct.pack('<Ii7i', 0x616B3432, 6, *sizes) + b'\1'
    out = bytearray(header.ljust(256, b'\0'))
    layers = range(s['n_layers'])
    norms = [f'{i}.attention_norm' for i in layers] + [f'{i}.ffn_norm' for i in layers] + ['norm']
    for name in norms:
        out += p[name].detach().numpy().astype('<f4').tobytes()
    for name in ['tok_embeddings'] + [f'{i}.{m}' for m in MATRICES for i in layers]:
        codes, scales = codes_and_scales(p[name].detach())
        out += packed(codes) + scales.numpy().astype('<f2').tobytes()
    return bytes(out)


def of_the_page(documents):
    """-log p of held-out words by the page's own tables: order 0 and order 1, and their characters with a space each.

    The tables are of the whole book, so these words were counted in them; capitals and stops are not asked for.
    """
    table = {}
    for line in (ROOT / 'web/data/moby-dick.tsv').read_text().splitlines():
        word, count, *valence = line.split('\t')
        table[word] = (int(count), float(valence[0]) if valence else 0.0)
    total = sum(count for count, _ in table.values())
    sign = lambda v: (v > 0) - (v < 0)
    level, after, of_sign = {}, {}, {-1: 0, 0: 0, 1: 0}
    for line in (ROOT / 'web/data/moby-dick-pairs.tsv').read_text().splitlines():
        valence, count, *pairs = map(float, line.split('\t'))
        level[valence] = count
        after[valence] = dict(zip((-1, 0, 1), pairs))
        for s, n in after[valence].items():
            of_sign[s] += n
    zero = one = characters = 0.0
    for text in documents:
        before = None
        for word in words_of(text):
            count, valence = table[word]
            characters += len(word) + 1
            zero -= math.log(count / total)
            if before is None:
                one -= math.log(count / total)
            else:
                one -= math.log(after[valence][before] / of_sign[before] * count / level[valence])
            before = sign(valence)
    return zero / characters, one / characters


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--steps', type=int, default=11000)
    arguments.add_argument('--out', type=Path, default=ROOT / 'web/data')
    arguments.add_argument('--work', type=Path, default=ROOT / 'build/train')
    options = arguments.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)

    texts = chapters(ROOT)
    learned = [t for i, t in enumerate(texts) if not held_out(i)]
    unseen = [t for i, t in enumerate(texts) if held_out(i)]
    characters = sum(map(len, unseen))
    tokenizer = Tokenizer.learn(learned, set(''.join(texts)), SHAPE['vocab_size'])
    documents = [tokenizer.encode(t) for t in learned]
    tests = [tokenizer.encode(t) for t in unseen]
    print(f'{sum(map(len, learned))} characters to learn, {characters} held out, '
          f'{sum(map(len, unseen)) / sum(map(len, tests)):.3f} a token', flush=True)

    torch.manual_seed(SEED)
    model = Model(SHAPE, torch.Generator().manual_seed(SEED))
    named = model.parameters
    optimiser = torch.optim.AdamW(
        [
            {'params': [w for w in named.values() if w.dim() == 2], 'weight_decay': WEIGHT_DECAY},
            {'params': [w for w in named.values() if w.dim() == 1], 'weight_decay': 0.0},
        ],
        lr=LEARNING_RATE, betas=(0.9, 0.95), eps=1e-8,
    )
    batches = Batches(tokenizer, documents, SHAPE['seq_len'], SEED)
    step, seconds = 0, 0.0
    saved = options.work / 'state.pt'
    if saved.exists():
        state = torch.load(saved)
        step, seconds = state['step'], state['seconds']
        with torch.no_grad():
            for name, w in named.items():
                w.copy_(state['weights'][name])
        optimiser.load_state_dict(state['optimiser'])
        batches.generator.set_state(state['batches'])
        torch.set_rng_state(state['dropout'])

    def save():
        state = dict(step=step, seconds=seconds, weights={k: w.detach() for k, w in named.items()},
                     optimiser=optimiser.state_dict(), batches=batches.generator.get_state(),
                     dropout=torch.get_rng_state())
        torch.save(state, saved.with_suffix('.new'))
        saved.with_suffix('.new').replace(saved)

    while step < options.steps:
        began = time.monotonic()
        share = step / options.steps
        rate = LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group['lr'] = rate
        given, targets = batches.next(BATCH)
        logits = model.logits(given, share >= ROUNDED_FROM, DROPOUT)
        # Chapters are parted by the token that begins a text: nothing follows from one to the next.
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(named.values(), 1.0)
        optimiser.step()
        step += 1
        seconds += time.monotonic() - began
        if step % 50 == 0:
            print(f'{step} of {options.steps}: {loss.item():.4f} nats a token, {seconds:.0f} s', flush=True)
        if step % 250 == 0 or step == options.steps:
            save()
        if step % 1000 == 0:
            print(f'held out: {nats(model, tests, share >= ROUNDED_FROM) / characters:.4f} nats a character', flush=True)

    exact, rounded = (nats(model, tests, r) / characters for r in (False, True))
    zero, one = of_the_page(unseen)
    grams = {order: KneserNey(learned, order).nats(unseen) / characters for order in (4, 5, 6, 7)}
    weights, spelled = checkpoint(model), tokenizer.file()
    card = {
        'name': 'moby-dick-492k',
        'text': 'Herman Melville, Moby-Dick; or, The Whale (1851), chapters 1 to 135 and the epilogue without their headings',
        'licence': 'public domain (text); MIT (weights)',
        'seed': SEED,
        'steps': options.steps,
        'minutes': round(seconds / 60, 1),
        'shape': SHAPE,
        'parameters': sum(w.numel() for w in named.values()),
        'bits': 6,
        'bytes': {'model': len(weights), 'tokenizer': len(spelled)},
        'sha256': {'model': hashlib.sha256(weights).hexdigest(), 'tokenizer': hashlib.sha256(spelled).hexdigest()},
        'held_out': {
            'chapters': [i + 1 for i in range(len(texts)) if held_out(i)],
            'characters': characters,
            'characters_per_token': round(characters / sum(map(len, tests)), 4),
            'nats_per_character': {
                'model': round(rounded, 4),
                'before_rounding': round(exact, 4),
                **{f'kneser_ney_{order}': round(value, 4) for order, value in grams.items()},
                'words_order_0': round(zero, 4),
                'words_order_1': round(one, 4),
            },
        },
    }
    (options.out / 'moby-dick-model.bin').write_bytes(weights)
    (options.out / 'moby-dick-tokenizer.bin').write_bytes(spelled)
    (options.out / 'moby-dick-model.json').write_text(json.dumps(card, indent=2) + '\n')
    print(json.dumps(card['held_out']['nats_per_character'], indent=2))


if __name__ == '__main__':
    main()
