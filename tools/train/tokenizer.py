"""Byte-pair encoding of characters: R. Sennrich, B. Haddow and A. Birch, "Neural machine translation of rare words with
subword units" (2016). A token never goes on from one word to the next; the space before a word is the word's."""
import re
import struct
from collections import Counter

SPECIAL = ['<unk>', '\n<s>\n', '\n</s>\n']
# A word, a number or a run of other signs, with the space before it.
PART = re.compile(r" ?(?:[^\W\d_']|')+| ?\d+| ?[^\w\s]+| ")


class Tokenizer:
    def __init__(self, pieces):
        self.pieces = pieces
        self.ids = {piece: i for i, piece in enumerate(pieces)}
        self.known = {}

    @classmethod
    def learn(cls, texts, characters, size):
        parts = Counter(part for text in texts for part in PART.findall(' ' + text))
        pieces = SPECIAL + sorted(characters)
        splits = {part: list(part) for part in parts}
        pairs, where = Counter(), {}
        for part, split in splits.items():
            for pair in zip(split, split[1:]):
                pairs[pair] += parts[part]
                where.setdefault(pair, set()).add(part)
        while len(pieces) < size:
            # Of equals, the first in order: the same tokens whatever order the dictionary has.
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            pieces.append(best[0] + best[1])
            for part in list(where[best]):
                split = splits[part]
                for pair in zip(split, split[1:]):
                    pairs[pair] -= parts[part]
                splits[part] = split = join(split, best)
                for pair in zip(split, split[1:]):
                    pairs[pair] += parts[part]
                    where.setdefault(pair, set()).add(part)
            del pairs[best], where[best]
        return cls(pieces)

    def encode(self, text):
        """Tokens of the text after a space, as src/language/tokenizer.cpp encodes it."""
        out = []
        for part in PART.findall(' ' + text):
            if part not in self.known:
                self.known[part] = self.encode_part(part)
            out += self.known[part]
        return out

    def encode_part(self, part):
        split = list(part)
        while len(split) > 1:
            joins = [(self.ids[a + b], a, b) for a, b in zip(split, split[1:]) if a + b in self.ids]
            if not joins:
                break
            _, a, b = min(joins)
            split = join(split, (a, b))
        return [self.ids[piece] for piece in split]

    def file(self):
        """As llama2.c writes it: longest length, then score, length and bytes of each; earlier joins score higher."""
        spelled = [piece.encode() for piece in self.pieces]
        out = struct.pack('<i', max(map(len, spelled)))
        for i, letters in enumerate(spelled):
            out += struct.pack('<fi', -float(i), len(letters)) + letters
        return out


def join(split, pair):
    out, i = [], 0
    while i < len(split):
        if i + 1 < len(split) and (split[i], split[i + 1]) == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(split[i])
            i += 1
    return out
